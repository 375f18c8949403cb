"""Personal data that came in everywhere lies in no backup in clear: neither in the database nor in a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from server.contacts import sealing
from server.database import db
from tests.server.backups import back_up
from tests.server.canaries import Canary, found_in, in_files
from tests.server.canary_drive import NUMBER, Drive
from tests.server.databases import programs
from tests.server.world import World


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = sealing.Costs(passes=1, memory_kib=8, lanes=1)
    monkeypatch.setattr(sealing, "Costs", lambda: cheap)


def written_out(backup: Path) -> bytes:
    """Return the backed-up database as it may be read: SQLite's file, and PostgreSQL's dump without its compression."""
    dump = backup / "database.dump"
    if not dump.exists():
        return (backup / "database.sqlite").read_bytes()
    command = [programs() / "pg_restore", "--file=-", dump]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_no_canary_lies_in_a_backup_in_clear(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drive = Drive(world, monkeypatch).everything()
    for to in (tmp_path / "backup", tmp_path / "backup.tar"):
        back_up(world.app, to)
    hidden = [one for one in drive.canaries if not one.in_database]
    assert len(hidden) >= 25
    database = written_out(tmp_path / "backup")
    assert found_in(database, hidden) == []
    assert in_files(tmp_path / "backup", hidden, but=["photo"]) == []
    assert found_in((tmp_path / "backup.tar").read_bytes(), [one for one in hidden if one.name != "photo"]) == []
    records = [Canary(one.name, one.value) for one in drive.canaries if one.in_database]
    assert "remark" in found_in(database, records), "what is part of a record is there: the reader sees"


def test_a_planted_plain_column_is_found_in_the_backup(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from server.accounts.models import Person

    drive = Drive(world, monkeypatch)
    db.session().get_one(Person, world.inspector).name = f"call {NUMBER}"
    back_up(world.app, tmp_path / "backup")
    assert found_in(written_out(tmp_path / "backup"), drive.canaries) == ["number"]
