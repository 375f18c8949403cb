"""The one database: durable settings, whole transactions, and a sentence for everything that fails."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from fieldapp.store.database import Database
from fieldapp.store.sealing import Sealer
from fieldapp.store.steps import STEPS
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble, Trouble
from tests.fieldapp.field_builders import KEY, NOON, a_store, a_visit, open_store, save

SAVE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from tests.fieldapp.field_builders import open_store, save
store = open_store(Path(sys.argv[1]))
left = [int(sys.argv[2])]
def count(statement):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
store.database._connection.set_trace_callback(count)
save(store, store.drafts.running())
"""


def write_and_fail(database: Database) -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO fact VALUES ('a', '1')")
        raise KeyError


def save_many(store: Store, count: int) -> None:
    for number in range(2, 2 + count):
        save(store, number=number)


@pytest.fixture
def database(folder: Path) -> Database:
    return Database(folder / "dingpan.db", busy_s=0.05)


def test_every_commit_reaches_the_disk(database: Database):
    assert database.pragma("synchronous") == 3  # EXTRA: the folder too, see ``tests/faults/test_power_cuts.py``
    assert database.pragma("journal_mode") == "delete"


def test_a_new_database_stands_at_the_last_step(database: Database):
    assert database.pragma("user_version") == len(STEPS)


def test_a_database_of_a_newer_app_is_left_alone(folder: Path, database: Database):
    with database.write() as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    with pytest.raises(StorageTrouble) as caught:
        Database(folder / "dingpan.db")
    assert caught.value.code is Trouble.NEWER


def test_a_failed_transaction_leaves_nothing(database: Database):
    with pytest.raises(KeyError):
        write_and_fail(database)
    assert database.rows("SELECT * FROM fact") == []


@pytest.mark.parametrize("pages", [1, 3, 10])
def test_a_full_disk_is_told_and_nothing_is_half_saved(folder: Path, pages: int):
    store = a_store(folder)
    store.drafts.keep(a_visit(), NOON)
    used = store.database.pragma("page_count")
    store.database.pragma(f"max_page_count = {used + pages}")
    with pytest.raises(StorageTrouble) as caught:
        save_many(store, 40 * pages)
    assert caught.value.code is Trouble.FULL
    ops = store.database.row("SELECT count(*) FROM op")
    assert ops == store.database.row("SELECT count(*) FROM record")
    store.database.pragma("max_page_count = 1000000")
    save(store, number=9999)
    assert store.database.row("SELECT count(*) FROM op") == (ops[0] + 1,)


def test_a_read_only_database_is_told(folder: Path):
    store = a_store(folder)
    store.database.pragma("query_only = 1")
    with pytest.raises(StorageTrouble) as caught:
        save(store)
    assert caught.value.code is Trouble.READ_ONLY
    store.database.pragma("query_only = 0")
    assert len(save(store)) == 1


def test_a_locked_database_is_told_and_works_again_afterwards(folder: Path, database: Database):
    other = sqlite3.connect(folder / "dingpan.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageTrouble) as caught, database.write():
        pass
    assert caught.value.code is Trouble.LOCKED
    other.execute("ROLLBACK")
    other.close()
    with database.write() as connection:
        connection.execute("INSERT INTO fact VALUES ('a', '1')")


def test_a_file_that_is_no_database_is_told(folder: Path):
    folder.mkdir()
    (folder / "dingpan.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StorageTrouble) as caught:
        Database(folder / "dingpan.db")
    assert caught.value.code is Trouble.DAMAGED


def test_a_fault_of_the_program_is_not_called_a_storage_trouble(database: Database):
    with pytest.raises(sqlite3.OperationalError):
        database.rows("SELECT nothing FROM nowhere")


def test_a_kill_between_any_two_statements_leaves_all_or_nothing(folder: Path):
    """The draft is there, or the record and its operation are: never both, never one without the other."""
    states = set()
    for statements in count():
        store = a_store(folder / str(statements))
        store.drafts.keep(a_visit(), NOON)
        store.database.close()
        command = [sys.executable, "-c", SAVE_AND_DIE, str(folder / str(statements)), str(statements)]
        killed = subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode != 0
        after = open_store(folder / str(statements))
        counts = [after.database.row(f"SELECT count(*) FROM {table}") for table in ("draft", "record", "op")]  # noqa: S608
        assert counts in ([(1,), (0,), (0,)], [(0,), (1,), (1,)])
        states.add((killed, counts[0] == (1,)))
        if not killed:
            break
    assert statements > 5
    assert states == {(True, True), (False, False)}


def test_a_sealed_thing_opens_only_at_its_own_place():
    sealer = Sealer(KEY)
    sealed = sealer.seal("register/party/1", "李记鲜蔬".encode())
    assert sealer.open("register/party/1", sealed).decode() == "李记鲜蔬"
    with pytest.raises(StorageTrouble):
        sealer.open("register/party/2", sealed)
    with pytest.raises(StorageTrouble):
        sealer.open("register/party/1", sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_the_file_shows_no_name_of_a_person_and_no_reading(folder: Path):
    store = a_store(folder)
    save(store)
    store.database.close()
    content = (folder / "dingpan.db").read_bytes()
    for secret in ("李记鲜蔬", "李四", "林知衡", "豫P-0417", "10025000", "周检2026-0117"):
        assert secret.encode() not in content
    assert "东关农贸市场".encode() in content
