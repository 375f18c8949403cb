"""The metadata of an upload, and its headers: tus 1.0.0 with creation, checksum and expiration."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from marshmallow import ValidationError, post_load
from werkzeug.datastructures import Headers

from server.evidence.problems import BadUpload, UploadTooLarge, WrongChecksum
from shared.wire.evidence import Kind
from shared.wire.strict import Hex64, StrictSchema, Text, Uuid, one_of

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,expiration"
ALGORITHMS = ("sha1", "sha256")
CHUNK_BYTES = 8 << 20
CHUNK_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 2_000
MOST_DIGITS = 15


@dataclass(frozen=True)
class Told:
    """What the phone says of a file before it comes."""

    sha256: str
    kind: str
    record: str


class MetadataSchema(StrictSchema):
    """``Upload-Metadata``: the SHA-256 of the whole file, its kind, and the record that names it."""

    sha256 = Hex64(required=True)
    kind = Text(required=True, longest=16, validate=one_of(*(kind.value for kind in Kind)))
    record = Uuid(required=True)

    @post_load
    def _told(self, values: dict[str, str], **_: Any) -> Told:
        return Told(**values)


def metadata(text: str) -> Told:
    """Read ``Upload-Metadata``; raises BadUpload."""
    if not text or len(text) > LONGEST_METADATA:
        raise BadUpload(header="Upload-Metadata")
    values: dict[str, str] = {}
    try:
        for pair in text.split(","):
            name, _, encoded = pair.strip().partition(" ")
            if name in values:
                raise BadUpload(header="Upload-Metadata")
            values[name] = base64.b64decode(encoded, validate=True).decode()
        told: Told = MetadataSchema().load(values)
    except (binascii.Error, UnicodeDecodeError, ValidationError) as error:
        raise BadUpload(header="Upload-Metadata") from error
    return told


def whole(headers: Headers, name: str) -> int:
    """Read a header that is a whole number; raises BadUpload."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        raise BadUpload(header=name)
    return int(text)


def length(headers: Headers, most: int) -> int:
    """Read ``Upload-Length``; raises BadUpload or UploadTooLarge."""
    found = whole(headers, "Upload-Length")
    if found > most:
        raise UploadTooLarge(mib=most >> 20)
    return found


def check(header: str | None, content: bytes) -> None:
    """Compare a chunk with ``Upload-Checksum``, None where none was sent; raises BadUpload or WrongChecksum."""
    if header is None:
        return
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadUpload(header="Upload-Checksum")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadUpload(header="Upload-Checksum") from error
    if hashlib.new(algorithm, content, usedforsecurity=False).digest() != digest:
        raise WrongChecksum


def http_date(at: datetime) -> str:
    """Write an instant as HTTP does."""
    return format_datetime(at, usegmt=True)
