"""Is it alive, is it ready, how is it doing: what a machine asks, and what it must not cost."""

from __future__ import annotations

import re

from flask import Flask

from server.database import db
from tests.server.protocol import statuses
from tests.server.world import GOOD, World


def test_alive_needs_no_database(sqlite_app: Flask) -> None:
    db.drop_all()
    client = sqlite_app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/database-not-ready")


def test_ready_tells_how_long_the_log_is(world: World) -> None:
    phone = world.phone()
    assert statuses(world.app, phone, phone.op("visit.record/1", world.visit(world.check(GOOD)))) == ["applied"]
    assert world.client.get("/readyz").json == {"status": "ok", "log_size": 1}


def test_figures_count_by_route_and_name_nobody(world: World) -> None:
    phone = world.phone()
    phone.answers(phone.op("visit.record/1", world.visit(world.check(GOOD))))
    world.client.get("/V/XXXX?who=swordfish")
    for method in ("GET", "BREW", "X" * 500):
        world.client.open("/nothing/swordfish", method=method)
    text = world.client.get("/metrics").text
    assert 'dingpan_requests_total{method="POST",route="/api/v1/sync/push",status="200"} 1.0' in text
    assert 'route="/V/<text>"' in text
    assert set(re.findall(r'method="(\w+)"', text)) == {"GET", "POST", "other"}
    assert [word for word in ("swordfish", "XXXX", "BREW", phone.device_id, "inspector") if word in text] == []
