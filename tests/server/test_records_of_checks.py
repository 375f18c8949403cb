"""A record that only tells of one more check is what building the whole of it anew would make, for any visit."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from server import transaction
from server.database import begin_write, db
from server.public.models import PublicRecord
from server.public.service import changed
from shared.dates import instant_text
from shared.wire import visit
from tests.server.protocol import statuses
from tests.server.test_push_together import bodies
from tests.server.world import GOOD, Phone, World, now


def records(world: World) -> dict[int, str]:
    db.session.rollback()
    found = db.session.query(PublicRecord).where(PublicRecord.instrument_id.in_(world.instruments))
    return {row.serial: row.body for row in found.populate_existing()}


def rebuilt(world: World) -> dict[int, str]:
    begin_write()
    changed(db.session(), *world.instruments)
    transaction.commit(db.session(), now())
    return records(world)


def checks_of(world: World) -> list[Any]:
    return [json.loads(body)["checks"] for body in records(world).values()]


def of_days_ago(world: World, days: int, **fields: Any) -> dict[str, Any]:
    at = instant_text(now() - timedelta(days=days))
    check = world.check(GOOD, measured_at=at)
    return world.visit(check, started_at=at, made_at=at, **fields)


def is_told(world: World, phone: Phone, *visits: dict[str, Any]) -> None:
    for body in visits:
        assert statuses(world.app, phone, phone.op(visit.KIND, body)) == ["applied"]
        assert records(world) == rebuilt(world)


def test_visits_of_every_sort_leave_the_records_that_building_anew_makes(world: World) -> None:
    phone = world.phone()
    for body in bodies(world, 0):
        statuses(world.app, phone, phone.op(visit.KIND, body))
        assert records(world) == rebuilt(world), body


def test_visits_that_come_together_leave_them_too(world: World) -> None:
    """Also where one breaks the rest: what an op put up that failed alone is not told."""
    phone = world.phone()
    several = [*bodies(world, 0), *(of_days_ago(world, days) for days in (9, 4, 9)), *bodies(world, 1)]
    assert "applied" in statuses(world.app, phone, *(phone.op(visit.KIND, body) for body in several))
    found = records(world)
    assert found == rebuilt(world)
    assert any(len(json.loads(body)["checks"]) >= 3 for body in found.values())


def test_the_days_of_checks_come_in_order_and_once(world: World) -> None:
    phone = world.phone()
    is_told(world, phone, *(of_days_ago(world, days) for days in (2, 5, 2, 0)))
    days = [(now() + timedelta(hours=8) - timedelta(days=ago)).date().isoformat() for ago in (5, 2, 0)]
    assert days in checks_of(world)


def test_a_check_that_is_no_evidence_is_not_told(world: World) -> None:
    before = checks_of(world)
    is_told(world, world.phone(), of_days_ago(world, 3, card_shown=False))
    assert checks_of(world) == before


def test_the_words_of_a_page_are_made_anew(world: World) -> None:
    phone = world.phone()
    begin_write()
    db.session.query(PublicRecord).update({"words": "old", "words_by": "me"})
    db.session.commit()
    assert statuses(world.app, phone, phone.op(visit.KIND, of_days_ago(world, 1))) == ["applied"]
    row = db.session.query(PublicRecord).where(PublicRecord.instrument_id == world.instruments[0]).one()
    assert (row.words, row.words_by) == (None, "")
