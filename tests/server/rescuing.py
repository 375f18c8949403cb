"""Rescue packages for tests of the server: some operations and photos, sealed as a phone does it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from shared import rescue
from shared.keys import Purpose
from shared.ops import Op
from tests.server.pages import Visitor
from tests.server.world import Phone

TYPE = {"Content-Type": "application/octet-stream"}
Photos = Sequence[tuple[str, bytes]]  # the record that names each, and its bytes


def rescue_key(app: Flask) -> tuple[int, bytes]:
    """Return the id and the public half of the key that a phone seals to today."""
    dingpan = app.extensions["dingpan"]
    key = dingpan.keyring.key_set.current(Purpose.RESCUE, dingpan.clock().date())
    return key.id, key.public


def push_of(ops: Sequence[Op]) -> bytes:
    return json.dumps({"ops": [op.to_wire() for op in ops]}, ensure_ascii=False).encode()


def sealed(app: Flask, *pushes: bytes, photos: Photos = (), secret: bytes = b"a phone's secret" * 2) -> bytes:
    """Return a package of the bodies of some pushes, and of some photos."""
    key_id, public = rescue_key(app)
    bodies = [rescue.ops_section(push) for push in pushes]
    names = [rescue.photo_section(record, hashlib.sha256(photo).hexdigest(), len(photo)) for record, photo in photos]
    pieces = [*bodies, *(piece for name, (_, photo) in zip(names, photos, strict=True) for piece in (name, photo))]
    return b"".join(rescue.seal(key_id, public, rescue.once_secret(secret, public, [*bodies, *names]), pieces))


def package_of(app: Flask, *ops: Op, photos: Photos = ()) -> bytes:
    """Return a package of some operations in one push."""
    return sealed(app, push_of(ops), photos=photos)


def bring(carrier: Phone, package: bytes) -> Any:
    """Send a package by another phone; return the response."""
    return carrier.client.post("/api/v1/sync/rescue", data=package, headers=carrier.headers | TYPE)


def brought(carrier: Phone, package: bytes) -> dict[str, Any]:
    """Send a package and return what the carrier is told, without the numbers that are nothing."""
    answer = bring(carrier, package)
    assert answer.status_code == 200, answer.text
    assert answer.json["package"] == hashlib.sha256(package).hexdigest()
    told = {name: {word: count for word, count in answer.json[name].items() if count} for name in ("ops", "photos")}
    return told["ops"] | told["photos"] | {"settled": answer.json["settled"]}


def upload(desk: Visitor, package: bytes, name: str = "phone.dprescue") -> TestResponse:
    """Take a package in at the desk; return the page."""
    desk.get("/console/rescue")
    sent: Any = (io.BytesIO(package), name)
    return desk.post("/console/rescue", file=sent)
