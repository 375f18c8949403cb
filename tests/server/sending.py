"""Sending files to the server by tus, as a phone does it, one step at a time."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from server.database import db
from server.evidence.models import NamedFile
from shared.ops import Status
from tests.server.protocol import statuses
from tests.server.world import BEYOND, Phone, World

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {"Content-Type": "application/offset+octet-stream"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def metadata(**values: str) -> str:
    return ",".join(f"{name} {encoded(value)}" for name, value in values.items())


def checksum(content: bytes, algorithm: str = "sha256") -> dict[str, str]:
    found = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(found).decode()}"}


def named(world: World, phone: Phone, *contents: bytes) -> str:
    """Push a visit whose record names some files; return its id."""
    body = world.visit(world.check(BEYOND))
    row = body["inspections"][0]
    row["evidence"] = [
        {"sha256": digest(content), "bytes": max(len(content), 1), "kind": "photo", "check": row["checks"][0]["id"]}
        for content in contents
    ]
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    record: str = body["id"]
    return record


def begun(phone: Phone, record: str, content: bytes, **headers: str) -> Any:
    """Begin an upload; return the answer."""
    told = metadata(sha256=digest(content), kind="photo", record=record)
    sent = phone.headers | TUS | {"Upload-Length": str(len(content)), "Upload-Metadata": told} | headers
    return phone.client.post("/api/v1/uploads", headers=sent)


def begin(phone: Phone, record: str, content: bytes) -> str:
    """Begin an upload; return its address."""
    answer = begun(phone, record, content)
    assert answer.status_code == 201, answer.text
    where: str = answer.headers["Location"]
    return where


def patch(phone: Phone, where: str, offset: int, content: bytes, **headers: str) -> Any:
    """Append a chunk; return the answer."""
    sent = phone.headers | TUS | CHUNK | {"Upload-Offset": str(offset)} | headers
    return phone.client.patch(where, data=content, headers=sent)


def head(phone: Phone, where: str) -> Any:
    return phone.client.head(where, headers=phone.headers | TUS)


def offset(phone: Phone, where: str) -> int:
    """Ask how much has come."""
    answer = head(phone, where)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def pieces(content: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(content), size):
        yield start, content[start : start + size]


def came(record: str) -> list[bool]:
    """Say of each file that a record names whether it has come."""
    rows = db.session.query(NamedFile).filter_by(record_id=record).order_by(NamedFile.place_in_list)
    return [row.received_at is not None for row in rows]
