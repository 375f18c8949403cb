"""Reading a JSON request body strictly: gzip accepted, 1 MiB decoded at most, ratio at most 100, no duplicate names."""

from __future__ import annotations

import zlib
from typing import Any

from flask import Request

from server.problems import NotJson, TooLarge, WrongType
from shared.ops import MAX_PUSH_BYTES
from shared.wire.json_text import BadJson, read_json

MAX_RATIO = 100
KEPT = "dingpan.json_body"


def read_body(request: Request, limit: int = MAX_PUSH_BYTES) -> Any:
    """Return the value of the JSON body; raises WrongType, TooLarge or NotJson."""
    if request.mimetype != "application/json":
        raise WrongType
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise WrongType
    raw = request.get_data(cache=False)
    if len(raw) > limit:
        raise TooLarge
    content = _gunzip(raw, limit) if encoding == "gzip" else raw
    request.environ[KEPT] = content
    try:
        return read_json(content)
    except BadJson as error:
        raise NotJson from error


def content_of(request: Request) -> bytes:
    """Return the bytes of the JSON body that ``read_body`` has read, unpacked, as they came otherwise."""
    content: bytes = request.environ[KEPT]
    return content


def _gunzip(raw: bytes, limit: int) -> bytes:
    decoder = zlib.decompressobj(wbits=31)
    try:
        content = decoder.decompress(raw, limit + 1)
    except zlib.error as error:
        raise NotJson from error
    if len(content) > limit or len(content) > MAX_RATIO * max(len(raw), 1):
        raise TooLarge
    if not decoder.eof or decoder.unused_data:
        raise NotJson
    return content
