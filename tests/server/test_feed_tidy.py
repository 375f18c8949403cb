"""``dingpan feed tidy``: old tombstones go, whoever missed one begins anew, and snapshots that were followed go too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server import cli, feed, logs, transaction
from server.audit.models import LogState
from server.database import begin_write, db
from server.sync.models import Change
from tests.server.conftest import TestClock
from tests.server.test_feed import Replica
from tests.server.test_public_copies import settings_of
from tests.server.world import World, now


@pytest.fixture
def run(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: TestClock, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Return what runs the command on the world's database and returns its exit code and what it said."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)  # it would write to this test's output ever after
    for name, value in settings_of(world, tmp_path).items():
        monkeypatch.setenv(name, value)

    def _run(*options: str) -> tuple[int, str]:
        db.session.remove()
        capsys.readouterr()
        code = cli.main(["feed", "tidy", *options])
        told = capsys.readouterr()
        return code, told.out + told.err

    return _run


def take_away(*ids: str) -> None:
    begin_write()
    for id_ in ids:
        feed.gone(db.session(), "instrument", id_)
        transaction.commit(db.session(), now())
        begin_write()
    db.session.rollback()


def tombstones() -> set[str]:
    db.session.rollback()
    return {row.id for row in db.session.query(Change).where(Change.deleted)}


def test_the_newest_tombstones_stay_and_who_read_them_reads_on(world: World, run: Any) -> None:
    behind, ahead = Replica(world.phone()), Replica(world.phone())
    behind.pull()
    take_away(*world.instruments)
    ahead.pull()
    assert run("--keep", "1") == (0, "Removed 1 tombstone(s) and 0 snapshot(s).\n")
    assert tombstones() == {world.instruments[1]}
    assert ahead.pull() == []
    came = behind.pull()
    assert {*world.instruments}.isdisjoint(row["id"] for row in came), "everything anew, without tombstones"
    assert {row["id"] for row in came} == ahead.ids


def test_without_more_than_are_kept_nothing_goes_and_nobody_begins_anew(world: World, run: Any) -> None:
    replica = Replica(world.phone())
    replica.pull()
    take_away(world.instruments[0])
    assert run() == (0, "Removed 0 tombstone(s) and 0 snapshot(s).\n")
    assert db.session.get_one(LogState, 1).feed_horizon == 0
    assert [(row["id"], row["deleted"]) for row in replica.pull()] == [(world.instruments[0], True)]


def test_a_number_less_than_nothing_is_told(sqlite_world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["feed", "tidy", "--keep", "-1"]) == 2
    assert "--keep" in capsys.readouterr().err
