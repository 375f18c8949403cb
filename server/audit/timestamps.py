"""Timestamps by an outside authority (RFC 3161): what was in the log on a day, said by somebody who cannot be us.

A port with one adapter over HTTP. What is stamped is the SHA-256 of a signed tree head's bytes; the token that comes
back is checked before it is kept, and can be checked again at any time with the authority's certificates alone. Answers
are read as strict DER: one whose certificates are not in DER's order is refused, as openssl writes it with a chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.error import URLError
from urllib.request import Request

from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerificationError, VerifierBuilder
from rfc3161_client import decode_timestamp_response as decode

from server import wires
from server.mending import CannotDo

TIMEOUT_S = 20
MOST_BYTES = 1 << 20


class NoTimestamp(CannotDo):
    """No stamp came, or one that proves nothing; the message says why."""


@dataclass(frozen=True)
class Stamp:
    """The answer of an authority as it came (a TimeStampResp in DER), and the moment that it vouches for."""

    response: bytes
    at: datetime


class Authority(Protocol):
    """Stamps bytes."""

    def stamp(self, message: bytes) -> Stamp:
        """Return a checked stamp over some bytes; raises NoTimestamp."""

    def check(self, message: bytes, response: bytes) -> Stamp:
        """Check a kept answer again; raises NoTimestamp."""


class HttpAuthority:
    """An authority reached over HTTP (RFC 3161, 3.4), trusted by the certificates of one file."""

    def __init__(self, url: str, roots: list[x509.Certificate]) -> None:
        self._url, self._roots = url, roots

    def stamp(self, message: bytes) -> Stamp:
        asked = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
        return self._checked(message, self._send(asked.as_bytes()), asked.nonce)

    def check(self, message: bytes, response: bytes) -> Stamp:
        return self._checked(message, response, None)

    def _send(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        asked = Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310 - the settings allow http(s) only
        try:
            with wires.opener().open(asked, timeout=TIMEOUT_S) as answer:
                if answer.headers.get_content_type() != "application/timestamp-reply":
                    raise NoTimestamp("The authority answered something else than a timestamp.")
                content: bytes = answer.read(MOST_BYTES + 1)
        except (URLError, HTTPException, OSError) as error:
            raise NoTimestamp(f"The authority cannot be reached: {error}.") from error
        if len(content) > MOST_BYTES:
            raise NoTimestamp("The authority's answer is too large.")
        return content

    def _checked(self, message: bytes, response: bytes, nonce: int | None) -> Stamp:
        builder = VerifierBuilder(roots=list(self._roots), nonce=nonce)
        try:
            answer = decode(response)
            builder.build().verify_message(answer, message)
        except (VerificationError, ValueError) as error:
            raise NoTimestamp(f"The stamp proves nothing: {error}.") from error
        return Stamp(response, answer.tst_info.gen_time)


def read_roots(path: Path) -> list[x509.Certificate]:
    """Return the certificates of a PEM file; raises NoTimestamp."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise NoTimestamp(f"{path} holds no certificates of the timestamp authority in PEM.") from error
