"""The same rescue package by several carriers at the same moment is taken in once, over real HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.audit.models import Leaf
from server.database import db
from server.keyring import Keyring
from server.sync.models import StoredOp
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.live import at_once, patient_app, serving
from tests.server.rescuing import TYPE, package_of
from tests.server.sending import came, digest
from tests.server.world import BEYOND, make_world

CARRIERS = 4
PHOTO = photos.noise((60, 40), 9)


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


def sent(port: int, package: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/api/v1/sync/rescue", package, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_several_carriers_at_once_bring_one_record_and_one_photo(patient: Flask) -> None:
    world = make_world(patient)
    dead, carriers = world.phone(), [world.phone(world.colleague) for _ in range(CARRIERS)]
    body = world.visit(world.check(BEYOND))
    file = {"sha256": digest(PHOTO), "bytes": len(PHOTO), "kind": "photo", "check": None}
    body["inspections"][0]["evidence"] = [file]
    package = package_of(patient, dead.op("visit.record/1", body), photos=[(body["id"], PHOTO)])
    headers = [carrier.headers | TYPE for carrier in carriers]
    db.session.remove()
    with serving(patient) as server:
        answers = at_once(CARRIERS, lambda number: sent(server.port, package, headers[number]))
    assert [status for status, _ in answers] == [200] * CARRIERS
    assert all(answer["settled"] for _, answer in answers)
    assert sorted(answer["ops"]["applied"] for _, answer in answers) == [0] * (CARRIERS - 1) + [1]
    assert db.session.query(StoredOp).count() == 1
    assert db.session.query(Leaf).where(Leaf.kind == "op").count() == 1
    assert came(body["id"]) == [True]
