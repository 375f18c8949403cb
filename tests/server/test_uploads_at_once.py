"""Workers that append to one upload at once, and ones that are killed in between, cannot spoil it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from server.database import db
from server.evidence import service as evidence
from server.evidence import uploads
from server.evidence.models import UploadPart
from server.keyring import Keyring
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.sending import begin, came, digest, named, patch, pieces
from tests.server.world import Phone, make_world

SEED = random.SystemRandom().randrange(1 << 32)
WORKERS = 4


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


def _send(app: Flask, phone: Phone, where: str, start: int, piece: bytes, _: int) -> int:
    """Append a chunk as one of several workers does."""
    mine = replace(phone, client=app.test_client())
    return in_context(app, lambda: int(patch(mine, where, start, piece).status_code))


def test_of_workers_that_send_the_same_chunk_one_is_in_time(patient: Flask, is_full: bool) -> None:
    world = make_world(patient)
    phone, dice = world.phone(), random.Random(SEED)
    for number in range(20 if is_full else 2):
        photo = photos.noise((80, 60), SEED + number)
        record = named(world, phone, photo)
        where = begin(phone, record, photo)
        assert phone.headers  # one token, for all of them
        db.session.remove()
        for start, piece in pieces(photo, len(photo) // dice.choice((2, 3, 5))):
            found = sorted(at_once(WORKERS, partial(_send, patient, phone, where, start, piece)))
            assert found == [204] + [409] * (WORKERS - 1), f"seed {SEED}: {found}"
        assert came(record) == [True]
        assert evidence.store().get(digest(photo)) == photo
        assert list(evidence.store().parts()) == []


@pytest.mark.parametrize("moment", ["part written", "file kept"])
def test_a_worker_that_is_killed_leaves_an_upload_that_goes_on(
    patient: Flask, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Killed after the disk was written and before the row said so: the same chunk is taken again."""
    world = make_world(patient)
    phone, photo = world.phone(), photos.noise((80, 60), 1)
    record = named(world, phone, photo)
    where = begin(phone, record, photo)
    assert patch(phone, where, 0, photo[:500]).status_code == 204
    chunk = photo[500:1000] if moment == "part written" else photo[500:]
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_locked", _killed)
        patched.setitem(patient.config, "PROPAGATE_EXCEPTIONS", True)
        with pytest.raises(Killed):
            patch(phone, where, 500, chunk)
    db.session.remove()
    assert came(record) == [False]
    assert patch(phone, where, 500, chunk).status_code == 204
    if moment == "part written":
        assert patch(phone, where, 1000, photo[1000:]).status_code == 204
    assert came(record) == [True]
    assert evidence.store().get(digest(photo)) == photo
    assert db.session.query(UploadPart).count() == 0


class Killed(BaseException):
    """The process ended here."""


def _killed(*_: object) -> None:
    raise Killed
