"""A genuine label that nobody knows becomes one task for its region when its page is opened; nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from structlog.testing import capture_logs

from server import transaction
from server.accounts.models import UnitRegion
from server.campaigns import service as campaigns
from server.campaigns.models import Task
from server.clock import now
from server.database import begin_write, db
from server.scans import service, strays, unknown
from server.scans.models import Scan, UnknownLabel
from shared import seal
from shared.keys import Purpose
from shared.ops import Status
from shared.seal import short_code
from shared.words import TaskState
from tests.server.conftest import TestClock
from tests.server.pages import get, visitor, words
from tests.server.protocol import statuses
from tests.server.world import GOOD, World, a_label, opening

SERIAL = 7_000_007
REGION = "411602"


def text_of(world: World, serial: int = SERIAL, *, region: str = REGION, last_day: date | None = None) -> str:
    """Return the characters of a label that our key signed and our register does not know."""
    key_id, signer = world.app.extensions["dingpan"].keyring.signer(Purpose.SEAL, world.day, "4116")
    payload = seal.Payload(key_id, serial, region, seal.Kind.STOCK, world.day, last_day, bytes(4))
    return seal.make_link(payload, signer, "DINGPAN.TEST").rpartition("/")[2]


def opened(world: World, text: str, *, ends: str = "") -> None:
    """Open the page of a label: with an ending, the routes answer it."""
    assert get(world, f"/V/{text}{ends}").status_code == 200


def waiting() -> list[tuple[int, str]]:
    """Return what stands in the table once all is written."""
    db.session.rollback()
    assert service.flush()
    return sorted((row.serial, row.region) for row in db.session.query(UnknownLabel))


def told() -> int:
    db.session.rollback()
    assert service.flush()
    begin_write()
    count = strays.tell(db.session(), now(), within=timedelta(days=30)) + strays.tell_unknown(db.session(), now())
    transaction.commit(db.session(), now())
    return count


def tasks() -> list[tuple[str, str, str, str]]:
    db.session.rollback()
    rows = db.session.query(Task).order_by(Task.made_at, Task.note)
    return [(task.kind, task.region, task.note, task.state) for task in rows]


def close_tasks() -> None:
    begin_write()
    for task in db.session.query(Task):
        campaigns.set_state(db.session(), task, TaskState.DONE)
    transaction.commit(db.session(), now())


# --- one task -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["", "?print=large"])
def test_a_genuine_label_that_nobody_knows_is_one_task_however_often_it_is_scanned(world: World, ends: str) -> None:
    text = text_of(world)
    for _ in range(3):
        opened(world, text, ends=ends)
    assert waiting() == [(SERIAL, REGION)]
    assert told() == 1
    assert tasks() == [("unknown_label", REGION, short_code(SERIAL), "open")]
    assert waiting() == []
    opened(world, text, ends=ends)
    assert told() == 0
    assert len(tasks()) == 1
    assert db.session.query(Scan).count() == 0
    page = visitor(world, "supervisor").get("/console/tasks")
    assert "未登记的标识，待核查" in words(page)
    assert f"/console/labels?q={short_code(SERIAL)}" in page.text


def test_it_is_told_again_only_when_the_task_was_closed_and_it_is_scanned_in_another_week(
    world: World, clock: TestClock
) -> None:
    text = text_of(world)
    opened(world, text)
    assert told() == 1
    clock.move(days=9)
    opened(world, text)
    assert told() == 0, "the task is open"
    close_tasks()
    assert told() == 0, "nobody scanned it since"
    opened(world, text)
    assert told() == 1
    close_tasks()
    opened(world, text)
    assert told() == 0, "once a week"


@pytest.mark.parametrize("is_phone_first", [True, False])
@pytest.mark.parametrize("way", ["check", "bind"])
def test_a_scan_and_an_officers_phone_make_one_task_that_names_the_instrument(
    world: World, way: str, *, is_phone_first: bool
) -> None:
    text, phone = text_of(world), world.phone()
    if way == "bind":
        op = phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": SERIAL})
    else:
        op = phone.op("visit.record/1", world.visit(world.check(GOOD, label=text, label_verdict="genuine")))
    if not is_phone_first:
        opened(world, text)
        assert told() == 1
    db.session.rollback()
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    opened(world, text)
    assert told() == 0
    (task,) = db.session.query(Task)
    assert (task.kind, task.region, task.instrument_id) == ("unknown_label", REGION, world.instruments[0])


def test_the_unit_of_the_signed_region_is_told_and_where_there_is_none_the_city(world: World) -> None:
    opened(world, text_of(world, region="411681"))
    opened(world, text_of(world, SERIAL + 1, region="411699"))
    begin_write()
    unit = db.session.query(UnitRegion).first()
    assert unit is not None
    db.session.add(UnitRegion(unit_id=unit.unit_id, region="411681"))
    db.session.commit()
    assert told() == 2
    assert [region for _, region, _, _ in tasks()] == ["411681", "411600"]


def test_a_label_that_came_into_the_register_meanwhile_is_forgotten(world: World) -> None:
    opened(world, text_of(world))
    assert len(waiting()) == 1
    label = a_label(world, SERIAL, None)
    label.state = "issued"
    db.session.add_all((label, opening(label)))
    db.session.commit()
    assert told() == 0
    assert (waiting(), tasks()) == ([], [])


# --- nothing else ---------------------------------------------------------------------------------------------------


def test_what_our_key_did_not_sign_leaves_nothing(world: World) -> None:
    """Forged, of no key, not of the form, over, revoked, and of a stolen key."""
    good = text_of(world)
    for number in range(40):
        at = 40 + number
        forged = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        get(world, f"/V/{forged}")
        get(world, f"/v/{forged}?print=large")
    get(world, "/V/" + "A" * 133)
    dingpan = world.app.extensions["dingpan"]
    opened_seal = seal.open_seal(f"HTTPS://DINGPAN.TEST/V/{good}", dingpan.keyring.key_set, None, world.day)
    assert opened_seal.verdict == "genuine_stale"
    for verdict in set(seal.LabelVerdict) - set(unknown.GENUINE):
        service.note_unknown(replace(opened_seal, verdict=verdict), now())
    visitor(world).client.head(f"/V/{good}")
    assert waiting() == []
    service.note_unknown(opened_seal, now())
    assert waiting() == [(SERIAL, REGION)], "the same label, were it genuine"


def test_a_known_label_is_counted_and_does_not_wait(world: World) -> None:
    opened(world, world.links[0].rpartition("/")[2])
    assert waiting() == []
    assert db.session.query(Scan).count() == 1


def test_nothing_of_whoever_scanned_is_kept(world: World) -> None:
    opened(world, text_of(world))
    assert waiting() == [(SERIAL, REGION)]
    (row,) = db.session.execute(select(UnknownLabel.__table__)).mappings()
    assert set(row) == {"serial", "region", "hour"}
    assert row["hour"] == now().replace(minute=0, second=0, microsecond=0)


# --- bounded, and for nothing ---------------------------------------------------------------------------------------


@contextmanager
def said_to_the_database() -> Iterator[list[str]]:
    said: list[str] = []
    engine = db.engine

    def _listen(*told_: Any) -> None:
        said.append(told_[2].split()[0])

    event.listen(engine, "before_cursor_execute", _listen)
    yield said
    event.remove(engine, "before_cursor_execute", _listen)


def test_the_page_of_an_unknown_label_writes_nothing_itself(world: World) -> None:
    text = text_of(world)
    db.session.rollback()
    with said_to_the_database() as said:
        for _ in range(3):
            opened(world, text)
    assert set(said) <= {"SELECT", "BEGIN"}
    assert world.app.extensions[unknown.BUFFER].waiting() == 3


def test_a_thousand_labels_are_few_statements_and_the_same_again_writes_nothing(world: World) -> None:
    keys = {unknown.Key(serial, REGION, now()): 1 for serial in range(SERIAL, SERIAL + unknown.MOST_WAITING)}
    db.session.rollback()
    with said_to_the_database() as said:
        unknown.write(keys)
    assert len([word for word in said if word == "INSERT"]) == 1
    assert len(waiting()) == len(keys)
    db.session.rollback()
    with said_to_the_database() as said:
        unknown.write(keys)
    assert "INSERT" not in said


def test_a_flood_is_bounded_in_memory_in_the_table_and_in_tasks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a key had been stolen that nobody missed yet."""
    sound = seal.open_seal(
        f"HTTPS://DINGPAN.TEST/V/{text_of(world)}", world.app.extensions["dingpan"].keyring.key_set, None, world.day
    )
    for number in range(unknown.MOST_WAITING + 7):
        service.note_unknown(replace(sound, payload=replace(sound.payload, serial=SERIAL + number)), now())
    with capture_logs() as logged:
        assert len(waiting()) == unknown.MOST_WAITING
    assert [(row["event"], row["scans"]) for row in logged] == [("unknown_labels_lost", 7)]
    more = {unknown.Key(serial, REGION, now()): 1 for serial in range(1, 2 * unknown.MOST_WAITING)}
    db.session.rollback()
    with capture_logs() as logged:
        unknown.write(more)
    assert [(row["event"], row["labels"]) for row in logged] == [("unknown_labels_beyond", unknown.MOST_WAITING - 1)]
    assert len(waiting()) == unknown.MOST_KEPT
    monkeypatch.setattr(strays, "MOST_UNKNOWN", 5)
    with capture_logs() as logged:
        assert told() == 5
    assert ("unknown_labels_wait", unknown.MOST_KEPT - 5) in [(row["event"], row.get("labels")) for row in logged]
    assert told() == 0
    assert len(tasks()) == 5
    close_tasks()
    assert told() == 5
