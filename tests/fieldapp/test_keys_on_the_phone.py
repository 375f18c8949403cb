"""What an enrolled phone makes of rotated and given-up keys and of revoked labels, from the real server's files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from fieldapp.scan.label import look_up
from fieldapp.store.alarms import AlarmCode
from fieldapp.store.documents import KEYS, REVOKED
from fieldapp.store.outbox import OpState
from fieldapp.sync.papers import refresh_keys, refresh_revoked
from fieldapp.sync.round import Result
from server import create_app
from server.database import db
from shared.seal import LabelVerdict
from tests.fieldapp.server_phone import Phone
from tests.server.conftest import TODAY, TestClock, settings_for
from tests.server.keys_drill import RECEIPT, REVOCATION, SEAL, TREE, Bureau
from tests.server.world import make_world

EVERY_KEY = (RECEIPT, TREE, REVOCATION, SEAL)


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    made = Bureau(tmp_path, TODAY.date())
    made.first_keys()
    return made


@pytest.fixture
def running(bureau: Bureau, sqlite_url: str, clock: TestClock) -> Iterator[Flask]:
    app = create_app(settings_for(sqlite_url, bureau.server.parent), clock=clock)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def phone(running: Flask, folder: Path, clock: TestClock) -> Iterator[Phone]:
    """A phone that synced before anything happened to the keys."""
    made = Phone(make_world(running), folder, clock)
    assert made.round().result is Result.DONE
    yield made
    made.store.database.close()


def verdict(phone: Phone, link: str) -> LabelVerdict:
    return look_up(phone.store, link).verdict


def seqs(phone: Phone) -> tuple[int | None, int | None]:
    return phone.store.documents.seq(KEYS), phone.store.documents.seq(REVOKED)


def alarms(phone: Phone) -> list[tuple[AlarmCode, str]]:
    return [(alarm.code, alarm.detail["why"]) for alarm in phone.store.alarms.all()]


def test_a_rotated_set_is_taken_over_in_the_middle_of_the_work(phone: Phone, bureau: Bureau):
    """Every key has a successor while the phone holds a record: its receipt and the log's head are of new keys."""
    before = bureau.label(SEAL)
    phone.save(phone.a_visit())
    for key_id in EVERY_KEY:
        bureau.in_the_safe("rotate", "--key", str(key_id))
    bureau.publish()
    after = bureau.label(2)
    bureau.on_the_server("renew")
    assert (verdict(phone, before), verdict(phone, after)) == (LabelVerdict.GENUINE, LabelVerdict.UNKNOWN_KEY)
    assert phone.round().result is Result.DONE
    assert (phone.states, phone.store.alarms.all()) == ([OpState.RECEIVED], [])
    assert seqs(phone) == (2 + len(EVERY_KEY), 2)
    assert (verdict(phone, before), verdict(phone, after)) == (LabelVerdict.GENUINE, LabelVerdict.GENUINE)
    (entry,) = phone.store.outbox.all()
    assert entry.answer["receipt"]["key_id"] == 260
    assert phone.store.heads.last_consistent().key_id == 261


def test_a_label_of_a_given_up_key_and_a_revoked_one_are_told_after_the_next_round(phone: Phone, bureau: Bureau):
    link, other = bureau.label(SEAL), bureau.label(SEAL, serial=1_000_778)
    bureau.on_the_server("revoke", "1000777")
    assert verdict(phone, link) is LabelVerdict.GENUINE
    assert phone.round().result is Result.DONE
    assert (verdict(phone, link), verdict(phone, other)) == (LabelVerdict.REVOKED, LabelVerdict.GENUINE)
    bureau.in_the_safe("revoke", "--key", str(SEAL))
    bureau.in_the_safe("issue", "--purpose", "seal", "--prefix", "4116", "--serials", "2000000-2999999")
    bureau.publish()
    assert phone.round().result is Result.DONE
    assert {verdict(phone, one) for one in (link, other)} == {LabelVerdict.KEY_COMPROMISED}
    assert verdict(phone, bureau.label(2, serial=2_000_001)) is LabelVerdict.GENUINE
    assert verdict(phone, bureau.label(2, serial=1_000_779)) is LabelVerdict.FORGED
    assert phone.store.alarms.all() == []


def test_after_a_stolen_revocation_key_the_phone_takes_the_list_of_the_next(phone: Phone, bureau: Bureau):
    bureau.on_the_server("revoke", "1000777")
    assert phone.round().result is Result.DONE
    bureau.in_the_safe("revoke", "--key", str(REVOCATION))
    bureau.in_the_safe("issue", "--purpose", "revocation")
    bureau.publish()
    assert phone.round().result is Result.DONE
    assert (seqs(phone), phone.store.documents.revoked.serials) == ((4, 3), {1_000_777})
    assert phone.store.alarms.all() == []


def test_a_server_that_went_back_is_refused_and_told(phone: Phone, bureau: Bureau, tmp_path: Path):
    """It was started on an old backup of its keys; and a lower number is not even asked for, but never taken."""
    shutil.copytree(bureau.server, tmp_path / "backup")
    bureau.in_the_safe("revoke", "--key", str(SEAL))
    bureau.in_the_safe("issue", "--purpose", "seal", "--prefix", "4116")
    bureau.publish()
    bureau.on_the_server("revoke", "1000777")
    assert phone.round().result is Result.DONE
    assert seqs(phone) == (4, 2)
    stolen = bureau.label(SEAL)
    shutil.copytree(tmp_path / "backup", bureau.server, dirs_exist_ok=True)
    _start_anew(phone.world.app, bureau)
    refresh_keys(phone.store, phone.session)
    refresh_revoked(phone.store, phone.session)
    refused = [(AlarmCode.REVOKED_REFUSED, "sequence"), (AlarmCode.KEYS_REFUSED, "sequence")]
    assert (alarms(phone), seqs(phone)) == (refused, (4, 2))
    assert verdict(phone, stolen) is LabelVerdict.KEY_COMPROMISED


def test_a_fork_with_the_same_number_is_refused_and_told(phone: Phone, bureau: Bureau):
    """Two safes went apart and both signed a number three: the phone keeps the one it saw first."""
    bureau.in_the_safe("renew")
    bureau.publish()
    assert phone.round().result is Result.DONE
    held = phone.store.documents.keys
    shutil.copy(bureau.tampered(next="2027-12-31") / "key-set.json", bureau.server)
    _start_anew(phone.world.app, bureau)
    refresh_keys(phone.store, phone.session)
    assert alarms(phone) == [(AlarmCode.KEYS_REFUSED, "sequence")]
    assert phone.store.documents.keys == held


def _start_anew(app: Flask, bureau: Bureau) -> None:
    """Give the server what it reads when it starts; a running one would not take it."""
    app.extensions["dingpan"] = replace(app.extensions["dingpan"], keyring=bureau.ring)
