"""A backup becomes the same server again; what was spoiled on the way is named, and nothing is left half restored."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from server.audit.models import Leaf, LogState
from server.backup import parts, tables
from server.backup.errors import NoBackup, NotRestored
from server.backup.parts import opened
from server.backup.places import Places
from server.database import db
from server.keyring import Keyring
from shared.signing import decode_base64
from tests.server import backups
from tests.server.backups import CHANGED_BY_A_RESTORE, back_up, manifest_of, restore
from tests.server.conftest import TestClock
from tests.server.databases import programs
from tests.server.photos import jpeg
from tests.server.sending import begun, named, patch
from tests.server.world import GOOD, World


@pytest.fixture
def places(tmp_path: Path, app: Flask, new_postgres: Callable[[], str]) -> Places:
    return backups.places_in(tmp_path / "elsewhere", app, new_postgres)


@pytest.fixture
def busy(world: World) -> World:
    """A server with operations in its log and a photo that came."""
    phone = world.phone()
    phone.answers(*(phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(5)))
    photo = jpeg()
    patch(phone, begun(phone, named(world, phone, photo), photo).headers["Location"], 0, photo)
    return world


def hashes_here() -> dict[str, tables.Rows]:
    db.session.rollback()
    with db.engine.connect() as connection:
        return tables.of_all(connection)


def test_a_restored_server_has_the_same_rows_evidence_keys_and_log(
    busy: World, places: Places, tmp_path: Path, keys: Keyring, clock: TestClock
) -> None:
    here, before = hashes_here(), db.session.get_one(LogState, 1)
    size, epoch = before.size, before.feed_epoch
    taken = back_up(busy.app, tmp_path / "backup")
    assert (taken.manifest.tables, taken.manifest.log.size, taken.manifest.missing) == (here, size, ())
    assert taken.is_log_sound
    told = restore(tmp_path / "backup", places)
    evidence = busy.app.extensions["dingpan"].settings.evidence_dir
    for app in backups.served(places, keys, clock):
        there, state = hashes_here(), db.session.get_one(LogState, 1)
        assert (
            tables.differing(
                {name: rows for name, rows in here.items() if name not in CHANGED_BY_A_RESTORE},
                {name: rows for name, rows in there.items() if name not in CHANGED_BY_A_RESTORE},
            )
            == []
        )
        leaf = db.session.get_one(Leaf, size)
        assert (state.size, leaf.kind, state.feed_epoch == epoch) == (size + 1, "restore", False)
        assert decode_base64(told.root).hex() == taken.manifest.log.root
        assert app.test_client().get("/readyz").json["log_size"] == size + 1
        names = {path.name for path in evidence.rglob("*") if path.is_file()}
        assert names == {path.name for path in (places.keys.parent / "evidence").rglob("*") if path.is_file()} != set()
        assert (places.keys / "private.json").stat().st_mode & 0o077 == 0


def test_a_backup_in_one_file_becomes_the_same_server(busy: World, places: Places, tmp_path: Path) -> None:
    back_up(busy.app, tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert tar.getnames()[-1] == "manifest.json"
    restore(tmp_path / "backup.tar", places)
    assert (places.keys / "revoked.json").exists()
    assert not [path for path in tmp_path.rglob(".*") if path.name != ".lock"]


# --- what is spoiled is named -----------------------------------------------------------------------------------------


def refused(backup: Path, places: Places) -> str:
    """Try to restore, see that nothing is left of it, and return what was said."""
    with pytest.raises(NotRestored) as told:
        restore(backup, places)
    assert [path for path in places.keys.parent.rglob("*") if path.name != ".lock"] == []
    if places.engine == "postgresql":
        from server.backup import postgresql

        assert postgresql.is_empty(places.database_url)
    return str(told.value)


@pytest.fixture
def backup(busy: World, tmp_path: Path) -> Path:
    back_up(busy.app, tmp_path / "backup")
    return tmp_path / "backup"


def test_every_part_that_is_changed_cut_off_or_missing_is_named(backup: Path, places: Places) -> None:
    database = next(backup.glob("database.*"))
    photo = next((backup / "evidence").rglob("*/*"))
    content = bytearray(database.read_bytes())
    content[len(content) // 2] ^= 1
    database.write_bytes(content)
    photo.unlink()
    private = backup / "keys" / "private.json"
    private.write_bytes(private.read_bytes()[:-5])
    told = refused(backup, places)
    assert f"{database.name} is not what was backed up" in told
    assert f"{photo.name} is missing" in told
    assert "keys/private.json is cut off" in told


@pytest.mark.parametrize("spoil", [lambda text: text[: len(text) // 2], lambda text: text.replace("visit", "vizit", 1)])
def test_a_manifest_that_is_cut_off_or_changed_is_refused(
    backup: Path, places: Places, spoil: Callable[[str], str]
) -> None:
    path = backup / "manifest.json"
    path.write_text(spoil(path.read_text()))
    assert "manifest.json is damaged or cut off" in refused(backup, places)
    path.unlink()
    assert "no manifest" in refused(backup, places)


def test_a_tar_that_was_cut_off_is_refused(busy: World, places: Places, tmp_path: Path) -> None:
    whole = tmp_path / "backup.tar"
    back_up(busy.app, whole)
    for share in (3, 40, 80):
        (tmp_path / "cut.tar").write_bytes(whole.read_bytes()[: whole.stat().st_size * share // 100])
        with pytest.raises(NotRestored):
            restore(tmp_path / "cut.tar", places)


CHANGES = {
    "a row is another": ("UPDATE party SET name = 'another' WHERE name = 'merchant 1'", "Table party has other rows"),
    "a row is gone": ('DELETE FROM leaf WHERE "index" = 2', "The log of"),
    "a leaf is another": ("UPDATE leaf SET kind = 'decision' WHERE \"index\" = 2", "is not the one of"),
    "a table is gone": ("DROP TABLE public_record", "Table public_record is missing"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_dump_is_found_by_its_rows_and_its_log_even_when_the_manifest_was_written_anew(
    backup: Path, places: Places, change: str, new_postgres: Callable[[], str]
) -> None:
    statement, expected = CHANGES[change]
    if places.engine == "sqlite":
        backups.change_dump(backup, statement)
    else:
        _change_on_postgresql(backup, statement, new_postgres())
    backups.sign_off(backup)
    assert expected in refused(backup, places)


def _change_on_postgresql(backup: Path, statement: str, url: str) -> None:
    """Load the dump, change a row, and dump it again."""
    from server.backup import postgresql

    postgresql.load(url, backup / "database.dump")
    with postgresql.connected(url) as connection:
        connection.exec_driver_sql(statement)
        connection.commit()
    (backup / "database.dump").unlink()
    with postgresql.snapshot(url, backup / "database.dump"):
        pass


def test_a_torn_page_is_found_by_the_integrity_check(sqlite_app: Flask, sqlite_world: World, tmp_path: Path) -> None:
    back_up(sqlite_app, tmp_path / "backup")
    file = tmp_path / "backup" / "database.sqlite"
    content = bytearray(file.read_bytes())
    pages = range(4096, len(content), 4096)
    for start in (pages[len(pages) // 2], pages[-3]):
        content[start : start + 512] = bytes(512)
    file.write_bytes(content)
    backups.sign_off(tmp_path / "backup")
    told = refused(tmp_path / "backup", backups.places_in(tmp_path / "elsewhere", sqlite_app, str))
    assert "database.sqlite is" in told


def test_a_part_that_is_another_kind_of_backup_is_refused(backup: Path, places: Places) -> None:
    backups.sign_off(backup, engine="sqlite" if places.engine == "postgresql" else "postgresql")
    assert "The backup is of" in refused(backup, places)
    backups.sign_off(backup, engine=places.engine, revision="20200101_older", version="0.9")
    assert "Restore with dingpan 0.9" in refused(backup, places)


def test_a_name_that_leaves_the_backup_is_never_opened(backup: Path, places: Places) -> None:
    old = manifest_of(backup)
    backups.sign_off(backup, parts=dict(old.parts) | {"../secret": next(iter(old.parts.values()))})
    assert "damaged" in refused(backup, places)
    with opened(backup) as source, pytest.raises(KeyError):
        source.open("../secret")


@pytest.mark.parametrize("name", ["evidence", "keys"])
def test_a_disk_that_fails_when_things_are_put_in_place_leaves_nothing_there(
    backup: Path, places: Places, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    real = parts.sync

    def _sync(path: Path) -> None:
        if path == places.keys.parent / name:
            raise OSError(5, "Input/output error")
        real(path)

    with monkeypatch.context() as failing:
        failing.setattr(parts, "sync", _sync)
        with pytest.raises(OSError, match="Input/output"):
            restore(backup, places)
    assert list(places.keys.parent.iterdir()) == []
    restore(backup, places)  # nothing stands in the way


# --- nothing is overwritten -------------------------------------------------------------------------------------------


def test_nothing_that_is_there_is_overwritten(backup: Path, places: Places) -> None:
    restore(backup, places)
    with pytest.raises(NotRestored, match="Not empty") as told:
        restore(backup, places)
    assert str(places.keys) in str(told.value)
    assert str(places.evidence) in str(told.value)
    assert ("dingpan.db" if places.engine == "sqlite" else "the database") in str(told.value)
    shutil.rmtree(places.keys)
    with pytest.raises(NotRestored, match="Not empty"):
        restore(backup, places)


def test_a_backup_overwrites_none(busy: World, backup: Path) -> None:
    with pytest.raises(NoBackup, match="there already"):
        back_up(busy.app, backup)


# --- what is missing is named, and what is secret stays out -----------------------------------------------------------


def test_evidence_that_is_not_there_is_named_and_the_rest_is_kept(busy: World, tmp_path: Path, places: Places) -> None:
    folder = busy.app.extensions["dingpan"].settings.evidence_dir
    gone, *kept = sorted(path for path in folder.rglob("*/*") if path.is_file())
    gone.unlink()
    taken = back_up(busy.app, tmp_path / "backup")
    assert taken.manifest.missing == (gone.name,)
    assert {path.name for path in kept} <= {name.rpartition("/")[2] for name in taken.manifest.parts}
    restore(tmp_path / "backup", places)


def test_settings_are_there_and_no_secret_is(busy: World, backup: Path, keys: Keyring) -> None:
    settings = busy.app.extensions["dingpan"].settings
    told = (backup / "settings.env").read_text()
    assert "DINGPAN_SEAL_HOST=DINGPAN.TEST\n" in told
    found = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
    assert settings.secret.encode() not in found
    assert bytes(range(32)) not in found
    assert keys.key_set_document["signature"].encode() in found
    assert "DINGPAN_SECRET" in manifest_of(backup).secrets
    assert {path.name for path in (backup / "keys").iterdir()} == {"private.json", "key-set.json", "revoked.json"}


def test_the_root_of_a_demo_stays_out(sqlite_world: World, tmp_path: Path) -> None:
    safe = tmp_path / "keys" / "demo-safe"
    safe.mkdir(parents=True)
    (safe / "demo-root.json").write_text("the root of a demo")
    back_up(sqlite_world.app, tmp_path / "backup.tar")
    content = (tmp_path / "backup.tar").read_bytes()
    assert b"the root of a demo" not in content
    assert b"keys/private.json" in content


def test_a_password_in_an_address_stays_out() -> None:
    from server.backup.taking import _without_password

    assert _without_password("postgresql+psycopg://u:geheim@db:5432/d?sslmode=verify-full") == (
        "postgresql+psycopg://u@db:5432/d?sslmode=verify-full"
    )
    assert "geheim" not in _without_password("postgresql+psycopg:///d?host=/run&password=geheim")
    assert _without_password("rediss://:geheim@cache:6379") == "rediss://@cache:6379"
    for plain in ("postgresql+psycopg:///dingpan", "sqlite:////var/lib/dingpan.db", "database://", ""):
        assert _without_password(plain) == plain


# --- disks and programs that fail -------------------------------------------------------------------------------------


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(
    sqlite_app: Flask, sqlite_world: World, tmp_path: Path
) -> None:
    """The limit of a file's size stands in for the disk: the write of the database's copy fails in its middle."""
    import resource

    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    (tmp_path / "backups").mkdir()
    backups.lay_out(sqlite_app.extensions["dingpan"].keyring, tmp_path / "keys")
    db.session.commit()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, old[1]))
    try:
        for name in ("folder", "file.tar"):
            with pytest.raises((NoBackup, OSError)):
                back_up(sqlite_app, tmp_path / "backups" / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert list((tmp_path / "backups").iterdir()) == []
    back_up(sqlite_app, tmp_path / "backups" / "folder")


def test_a_missing_or_older_pg_dump_is_said(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.backup import postgresql

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBackup, match="was not found"), postgresql.snapshot(postgres_url, tmp_path / "x"):
        pass
    older = tmp_path / "pg_dump"
    older.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 11.3'\n")
    older.chmod(0o755)
    with pytest.raises(NoBackup, match="Install postgresql-client-"), postgresql.snapshot(postgres_url, tmp_path / "x"):
        pass
    older.unlink()
    shown = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    monkeypatch.setenv("PATH", f"{programs()}:/bin:/usr/bin")
    assert str(postgresql.major("pg_dump")) in shown.stdout


def test_hashes_of_rows_tell_what_differs() -> None:
    was = {"a": tables.Rows(1, "x"), "b": tables.Rows(2, "y"), "c": tables.Rows(3, "z")}
    found = {"a": tables.Rows(1, "other"), "b": tables.Rows(1, "y"), "d": tables.Rows(0, "")}
    assert len(tables.differing(was, found)) == 4
    assert tables.differing(was, dict(was)) == []
    assert json.loads(json.dumps(was["a"].__dict__)) == {"rows": 1, "sha256": "x"}
    assert parts.is_name("evidence/parts/x.1")
