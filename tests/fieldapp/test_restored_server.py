"""A phone and a restored server: with the root's notice it sends what was lost, without one it alarms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.sync.balance import balance_of_today
from fieldapp.sync.round import Result
from fieldapp.visit.model import Evidence
from server import create_app
from server.audit import service as audit
from server.audit.checking import check
from server.backup import parts, restoring, taking
from server.backup.places import in_folder
from server.backup.restoring import Restored
from server.database import db
from server.evidence.service import open_store
from server.inspections.models import Inspection
from server.keys import papers
from server.sync.models import StoredOp
from shared.dates import parse_instant
from shared.signing import Signer, encode_base64
from tests.fieldapp.server_phone import Phone
from tests.server import photos
from tests.server.conftest import (  # noqa: F401 - fixtures are found by their names in this module
    TODAY,
    TestClock,
    new_postgres,
    postgres_socket,
    postgres_url,
    settings_for,
)
from tests.server.keys_drill import Bureau
from tests.server.world import make_world

KEPT, LATER = 3, 5


@dataclass
class Loss:
    """A phone whose later records a restored server lacks; ``bureau`` publishes to the restored server."""

    phone: Phone
    bureau: Bureau
    restored: Restored
    app: Flask
    photo: bytes

    @property
    def request(self) -> dict[str, object]:
        return self.restored.body()

    def publish_notice(self) -> None:
        """Carry the request to the safe, and what the root signs of it back."""
        path = self.bureau.safe / "request.json"
        path.write_text(json.dumps(self.request))
        self.bureau.in_the_safe("restored", str(path))
        self.bureau.publish()

    def write_notice(self, signer: Signer, **fields: object) -> None:
        """Put a notice on the server as nobody would publish it."""
        notice = papers.sign_notice(signer, self.request | fields)
        (self.bureau.server / papers.RESTORED).write_text(json.dumps({"notices": [notice]}))

    def alarms(self) -> list[AlarmCode]:
        return [alarm.code for alarm in self.phone.store.alarms.all()]

    def held(self) -> tuple[int, int]:
        """Return how many operations and inspections the restored server has."""
        counts = select(func.count()).select_from
        return db.session.scalar(counts(StoredOp)) or 0, db.session.scalar(counts(Inspection)) or 0


def save(phone: Phone, number: int, photo: bytes | None = None) -> None:
    visit = phone.a_visit(number)
    if photo is not None:
        kept = (Evidence(phone.store.photos.keep(photo), len(photo), "photo", None),)
        visit = visit.with_inspection(replace(visit.inspections[0], evidence=kept))
    phone.save(visit)


@pytest.fixture
def loss(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    folder: Path,
    clock: TestClock,
) -> Iterator[Loss]:
    """The server on SQLite, or on the database that a test names."""
    engine = getattr(request, "param", "sqlite")
    url = request.getfixturevalue("postgres_url" if engine == "postgresql" else "sqlite_url")
    new = request.getfixturevalue("new_postgres")() if engine == "postgresql" else None
    bureau = Bureau(tmp_path, TODAY.date())
    bureau.first_keys()
    settings, photo = settings_for(url, tmp_path), photos.noise((64, 48), 7)
    app = create_app(settings, clock=clock)
    with app.app_context():
        phone = Phone(make_world(app), folder, clock)
        for number in range(KEPT):
            save(phone, number)
        assert phone.round().result is Result.DONE
        db.session.rollback()
        taking.take(settings, bureau.ring, tmp_path / "backup", clock())
        move(phone, clock, minutes=20)  # the phone's tokens of the backup are over, and those it gets now are lost
        for number in range(LATER):
            save(phone, KEPT + number, photo if number == 2 else None)
        assert phone.round().result is Result.DONE
        assert phone.states == [OpState.RECEIVED] * (KEPT + LATER)
        db.session.remove()
        db.engine.dispose()
    move(phone, clock)
    places = in_folder(tmp_path / "elsewhere", new)
    places.keys.parent.mkdir()
    with parts.opened(tmp_path / "backup") as source:
        restored = restoring.restore(source, places, clock())[1]
    move(phone, clock)
    bureau.server = places.keys
    app = create_app(settings_for(places.database_url, places.keys.parent), clock=clock)
    with app.app_context():
        phone.adapter.client = app.test_client()
        yield Loss(phone, bureau, restored, app, photo)
        db.session.remove()
        db.engine.dispose()
    phone.store.database.close()


def restored_at(loss: Loss) -> datetime:
    return parse_instant(str(loss.request["at"]))


def move(phone: Phone, moments: TestClock, *, minutes: int = 1) -> None:
    """Let some minutes pass on both sides."""
    moments.move(minutes=minutes)
    phone.clock.at = moments()


@pytest.mark.parametrize("loss", ["sqlite", "postgresql"], indirect=True)
def test_with_the_roots_notice_the_phone_sends_what_was_lost_and_nothing_twice(loss: Loss, clock: TestClock) -> None:
    phone = loss.phone
    assert loss.held() == (KEPT, KEPT)
    loss.publish_notice()
    assert phone.round().result is Result.DONE
    assert loss.alarms() == []
    assert phone.states == [OpState.RECEIVED] * (KEPT + LATER)
    assert loss.held() == (KEPT + LATER, KEPT + LATER)
    assert balance_of_today(phone.store).is_equal
    assert phone.store.facts.get(Fact.RESTORED_AT) is None
    assert phone.store.facts.instant(Fact.RESTORE_NEWS) == restored_at(loss)
    dingpan = loss.app.extensions["dingpan"]
    report = check(db.session(), dingpan.keyring.key_set, open_store(dingpan.settings))
    assert (report.faults, report.gaps, report.ops, report.photos) == ([], 0, KEPT + LATER, 1)
    size = audit.state(db.session()).size
    db.session.rollback()
    save(phone, 9)
    move(phone, clock)
    assert phone.round().result is Result.DONE
    assert (loss.alarms(), loss.held()) == ([], (KEPT + LATER + 1, KEPT + LATER + 1))
    head = phone.store.heads.last_consistent()
    assert head is not None
    assert head.size == audit.state(db.session()).size == size + 1


def test_without_a_notice_the_phone_alarms_as_for_a_roll_back_and_a_later_notice_mends_it(
    loss: Loss,
    clock: TestClock,
) -> None:
    assert loss.phone.round().result is Result.DONE
    assert loss.alarms() == [AlarmCode.LOG_CHANGED]
    assert loss.held() == (KEPT, KEPT)
    loss.publish_notice()
    move(loss.phone, clock)
    assert loss.phone.round().result is Result.DONE
    assert loss.held() == (KEPT + LATER, KEPT + LATER)
    assert loss.alarms() == [AlarmCode.LOG_CHANGED], "what was told stays, and nothing is added"


WRONG: dict[str, dict[str, object]] = {
    "of a smaller log": {"size": 1},
    "of another root": {"root": encode_base64(bytes(32))},
    "of another log": {"log_id": "ab" * 16},
    "of a restore before what the phone saw": {"at": "2026-11-21T01:00:00Z"},
    "of a restore that is still to come": {"at": "2026-11-22T01:00:00Z"},
    "of a size that is no number": {"size": "3"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_notice_of_the_root_excuses_exactly_what_it_says(loss: Loss, wrong: str) -> None:
    loss.write_notice(loss.bureau.opened_root(), **WRONG[wrong])
    assert loss.phone.round().result is Result.DONE
    assert loss.alarms() == [AlarmCode.LOG_CHANGED]
    assert loss.held() == (KEPT, KEPT)


def test_a_notice_that_another_signed_excuses_nothing(loss: Loss) -> None:
    for signer in (Signer(bytes(range(32))), loss.bureau.ring.signers[257]):
        loss.write_notice(signer)
        assert loss.phone.round().result is Result.DONE
    assert loss.alarms()[-1] is AlarmCode.LOG_CHANGED
    assert loss.held() == (KEPT, KEPT)


def test_the_same_notice_does_not_excuse_a_second_loss(loss: Loss, tmp_path: Path, clock: TestClock) -> None:
    """Whoever restores the same backup once more takes away what phones saw after the first restore."""
    loss.publish_notice()
    assert loss.phone.round().result is Result.DONE
    move(loss.phone, clock)
    again = in_folder(tmp_path / "again", None)
    again.keys.parent.mkdir()
    with parts.opened(tmp_path / "backup") as source:
        restoring.restore(source, again, clock())
    (again.keys / papers.RESTORED).write_bytes((loss.bureau.server / papers.RESTORED).read_bytes())
    app = create_app(settings_for(again.database_url, again.keys.parent), clock=clock)
    with app.app_context():
        loss.phone.adapter.client = app.test_client()
        assert loss.phone.round().result is Result.DONE
        assert loss.alarms() == [AlarmCode.LOG_CHANGED]
        db.session.remove()
        db.engine.dispose()
