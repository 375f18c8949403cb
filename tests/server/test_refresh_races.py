"""One refresh token presented by several at once, and around the end of its grace: always exactly one successor.

Each trial begins a family, lets some threads present its first token at the same moment, and then some more at instants
around the grace. What they were given is checked against what is allowed; and a planted fault must be found.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from server import transaction
from server.administration.models import Act
from server.database import begin_write, db
from server.devices import tokens
from server.devices.models import Device, RefreshToken, TokenFamily
from server.keyring import Keyring
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.world import Phone, World, make_world, now

PARTS, TRIALS, TRIALS_FULL = 8, 63, 625  # half of them on each database, in parts, so that no test takes a minute
THREADS = 4
SEED = random.SystemRandom().randrange(1 << 32)


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


@pytest.fixture
def world(patient: Flask) -> World:
    return make_world(patient)


@dataclass(frozen=True)
class Given:
    """What one thread got at its instant: a successor, None for "it is over", or what broke."""

    at: datetime
    successor: str | None
    fault: str = ""


def present(app: Flask, phone: Phone, token: str, at: datetime) -> Given:
    """Present a refresh token as the route does."""

    def _work() -> str | None:
        begin_write()
        issued = tokens.refresh(db.session(), phone.device_id, token, at)
        transaction.commit(db.session(), at)
        return issued.refresh if issued else None

    try:
        return Given(at, in_context(app, _work))
    except Exception as error:
        return Given(at, None, type(error).__name__)


def begun(phone: Phone) -> tuple[str, str]:
    """Begin a family; return its id and its first token."""
    begin_write()
    issued = tokens.begin_family(db.session(), phone.device_id, phone.person_id, now())
    transaction.commit(db.session(), now())
    family_id = db.session.get_one(RefreshToken, tokens.sha256_of(issued.refresh)).family_id
    db.session.remove()
    return family_id, issued.refresh


def faults(family_id: str, first: list[Given], later: list[Given]) -> list[str]:
    """Return what is wrong with what threads were given, and with what is stored afterwards."""
    used_at = first[0].at
    found = [f"broke: {one.fault}" for one in (*first, *later) if one.fault]
    if any(one.successor is None for one in first):
        found.append("somebody who came at once was turned away")
    if len({one.successor for one in (*first, *later) if one.successor}) > 1:
        found.append("more than one successor")
    late = [one for one in later if one.at - used_at > tokens.GRACE]
    if any(one.successor for one in late):
        found.append("a successor after the grace")
    if not late and any(one.successor is None for one in later):
        found.append("turned away within the grace")
    if db.session.query(RefreshToken).filter_by(family_id=family_id).count() != 2:
        found.append("the family has not one token and its successor")
    family = db.session.get_one(TokenFamily, family_id)
    acts = db.session.query(Act).filter(Act.details.contains(family_id)).count()
    if (bool(family.ended_at), acts) != (bool(late), int(bool(late))):
        found.append("ended, and told so once, if and only if it was reused")
    db.session.remove()
    return found


def trial(world: World, phone: Phone, dice: random.Random) -> list[str]:
    """Run one trial and return what is wrong."""
    family_id, token = begun(phone)
    used_at = now()
    first = at_once(THREADS, lambda _: present(world.app, phone, token, used_at))
    instants = [used_at + timedelta(seconds=dice.choice((0, 1, 59, 60, 61, 62, 120))) for _ in range(THREADS)]
    later = at_once(THREADS, lambda place: present(world.app, phone, token, instants[place]))
    return faults(family_id, first, later)


@pytest.mark.parametrize("part", range(PARTS))
def test_one_token_has_one_successor_whoever_presents_it_and_when(world: World, part: int, is_full: bool) -> None:
    phone, dice = world.phone(), random.Random(SEED + part)
    for number in range(TRIALS_FULL if is_full else TRIALS):
        assert trial(world, phone, dice) == [], (SEED, part, number)


# --- the checker catches ----------------------------------------------------------------------------------------------


def test_a_random_successor_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "successor", lambda *_: secrets.token_urlsafe(32))
    assert "more than one successor" in trial(world, world.phone(), random.Random(1))


@pytest.mark.parametrize("is_random", [False, True])
def test_a_missing_lock_is_found(world: World, monkeypatch: pytest.MonkeyPatch, is_random: bool) -> None:
    """All have read before any writes: that is what the lock is there to prevent."""
    real, met = tokens.successor, threading.Barrier(THREADS)

    def _successor(family_id: str, token: str) -> str:
        with suppress(threading.BrokenBarrierError):
            met.wait(5)
        return secrets.token_urlsafe(32) if is_random else real(family_id, token)

    phone = world.phone()
    family_id, token = begun(phone)
    used_at = now()
    monkeypatch.setattr(tokens, "successor", _successor)
    monkeypatch.setattr(tokens, "_locked", lambda session, device_id: session.get_one(Device, device_id))
    monkeypatch.setattr(f"{__name__}.begin_write", lambda: db.session.rollback())
    found = faults(family_id, at_once(THREADS, lambda _: present(world.app, phone, token, used_at)), [])
    assert found != []


def test_a_grace_without_end_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    phone, dice = world.phone(), random.Random(2)
    family_id, token = begun(phone)
    used_at = now()
    first = at_once(THREADS, lambda _: present(world.app, phone, token, used_at))
    with monkeypatch.context() as patched:
        patched.setattr(tokens, "GRACE", timedelta(hours=1))
        late = [present(world.app, phone, token, used_at + timedelta(seconds=61))]
    assert "a successor after the grace" in faults(family_id, first, late)
    assert trial(world, phone, dice) == []
