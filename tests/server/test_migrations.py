"""Migrations: on both databases they run up, give what the models say, run down to nothing, and up again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from server import create_app
from server.accounts.service import Scope
from server.audit.models import LogState
from server.database import WRITES, Base, begin_write, db
from server.inspections.models import StandardRow
from server.keyring import Keyring
from server.seals import service as seals
from server.seals.models import SealEvent, SealStock
from server.web import migrate
from shared.ops import Status
from tests.server.conftest import TestClock, settings_for
from tests.server.protocol import statuses
from tests.server.world import BEYOND, a_label, make_world


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    """An app on a database that no revision has touched."""
    url = f"sqlite:///{tmp_path}/new.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    app = create_app(settings_for(url, tmp_path), keyring=keys, clock=clock)
    with app.app_context():
        if request.param == "postgresql":
            downgrade(revision="base")
        yield app
        db.session.remove()
        db.engine.dispose()


both = pytest.mark.parametrize("empty", ["sqlite", "postgresql"], indirect=True)


def tables() -> set[str]:
    with db.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def differences() -> list[Any]:
    with db.engine.connect().execution_options(**{WRITES: False}) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, Base.metadata)


@both
def test_the_revisions_give_what_the_models_say_and_take_it_away_again(empty: Flask) -> None:
    assert tables() <= {"alembic_version"}
    for _ in range(2):
        upgrade()
        assert differences() == []
        assert tables() == set(Base.metadata.tables) | {"alembic_version"}
        downgrade(revision="base")
        assert tables() == {"alembic_version"}


@both
def test_foreign_keys_hold_in_the_process_that_migrated(empty: Flask) -> None:
    for _ in range(2):  # with something to do, and with nothing
        upgrade()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@both
def test_a_fresh_database_has_a_log_with_a_name_of_its_own_and_serves(empty: Flask) -> None:
    names = set()
    for _ in range(2):
        upgrade()
        state = db.session.query(LogState).one()
        assert (state.size, state.feed_seq, len(state.log_id)) == (0, 0, 32)
        assert "." not in state.feed_epoch
        names |= {state.log_id, state.feed_epoch}
        db.session.remove()
        downgrade(revision="base")
    assert len(names) == 4
    upgrade()
    assert empty.test_client().get("/readyz").json["log_size"] == 0
    assert make_world(empty).instruments


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_what_pages_are_read_from_is_kept_in_the_quick_way(empty: Flask) -> None:
    upgrade()
    ways = """SELECT attname, attcompression::text FROM pg_attribute
        WHERE attrelid = 'public_record'::regclass AND attname IN ('body', 'words')"""
    knows = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    quick = "l" if db.session.scalar(sa.text(knows)) else ""
    assert dict(db.session.execute(sa.text(ways)).all()) == {"body": quick, "words": quick}


@both
def test_upgrading_an_upgraded_database_changes_nothing(empty: Flask) -> None:
    upgrade()
    first = db.session.query(LogState).one().log_id
    db.session.remove()
    upgrade()
    assert db.session.query(LogState).one().log_id == first


@both
def test_a_revision_that_fails_leaves_nothing_behind(empty: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is one transaction: a half-made database would need a person to mend it."""
    from alembic.operations import Operations

    real, made = Operations.create_table, []

    def _fail_at_the_tenth(self: Operations, name: str, *columns: Any, **options: Any) -> Any:
        made.append(name)
        if len(made) == 10:
            raise OSError("the power went out")
        return real(self, name, *columns, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Operations, "create_table", _fail_at_the_tenth)
        with pytest.raises(OSError, match="power"):
            upgrade()
    assert tables() <= {"alembic_version"}
    upgrade()
    assert differences() == []


@both
def test_the_weights_of_visits_kept_before_are_read_from_their_records(empty: Flask) -> None:
    """A visit of the first revision said them in its signed body alone."""
    upgrade()
    world = make_world(empty)
    carried = [
        {"weight_class": "F1", "certificate_no": "F1-2026-022", "valid_until": "2027-03-01"},
        {"weight_class": "M1", "certificate_no": "M1-2026-007", "valid_until": "2026-12-31"},
    ]
    phone = world.phone()
    for standards in (carried, []):
        body = world.visit(world.check(BEYOND), standards=standards)
        assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    before = [vars(row) | {"_sa_instance_state": 0} for row in weights()]
    assert len(before) == 2
    db.session.remove()
    downgrade(revision="20261121_first_light")
    upgrade()
    assert [vars(row) | {"_sa_instance_state": 0} for row in weights()] == before


@both
def test_labels_of_before_are_in_the_ledger_from_its_first_day_and_come_back_from_it(empty: Flask) -> None:
    """One opening event for each run of the same region and state; the sum is right from the start."""
    upgrade()
    world = make_world(empty)
    states = ["printed"] * 5 + ["issued"] * 3 + ["printed"] * 2 + ["ordered", "void", "lost", "returned"]
    begin_write()
    for place, state in enumerate(states):
        label = a_label(world, 3_000_001 + place, None)
        label.state, label.region = state, "411681" if place == 4 else "411602"
        db.session.add(label)
    db.session.commit()
    before = sorted((row.serial, row.state, row.text) for row in db.session.query(SealStock))
    db.session.remove()
    downgrade(revision="20261125_handed_over")
    assert {"seal_event", "physical_seal_event"} & tables() == set()
    upgrade()
    assert differences() == []
    assert sorted((row.serial, row.state, row.text) for row in db.session.query(SealStock)) == before
    opened = db.session.query(SealEvent).order_by(SealEvent.first_serial)
    told = [(event.first_serial - 3_000_000, event.last_serial - 3_000_000, event.kind) for event in opened][1:]
    assert told[:4] == [(1, 4, "printed"), (5, 5, "printed"), (6, 8, "issued"), (9, 10, "printed")]
    assert told[4:] == [(11, 11, "ordered"), (12, 12, "void"), (13, 13, "lost"), (14, 14, "returned")]
    assert all(event.predates_log for event in opened)
    everywhere = Scope(("4116",))
    assert seals.adds_up(db.session(), everywhere)
    assert seals.entered(db.session(), everywhere) == len(before) == len(states) + 2
    assert {(one.state.value, one.holder) for one in seals.counts(db.session(), everywhere)} == {
        *(("printed", "store"), ("returned", "store"), ("issued", "person"), ("ordered", "printer")),
        *(("applied", "instrument"), ("void", "gone"), ("lost", "gone")),
    }
    db.session.remove()


def weights() -> list[StandardRow]:
    return db.session.query(StandardRow).order_by(StandardRow.place_in_list).all()


def test_the_revisions_are_one_chain_named_by_date(sqlite_app: Flask) -> None:
    script = ScriptDirectory.from_config(migrate.get_config())
    revisions = list(script.walk_revisions())
    assert len(script.get_heads()) == len(script.get_bases()) == 1
    assert [revision.down_revision for revision in revisions[:-1]] == [older.revision for older in revisions[1:]]
    for revision in revisions:
        day, _, words = revision.revision.partition("_")
        assert day.isdecimal()
        assert len(day) == 8
        assert words
        assert Path(revision.path).stem == revision.revision
        follows = f"Follows: {revision.down_revision or ''}".strip()
        assert follows in (revision.module.__doc__ or "")


def test_every_constraint_has_a_name_so_that_sqlite_can_alter_it() -> None:
    nameless = [
        f"{table.name}: {constraint}"
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]
    assert nameless == []
    names = [str(constraint.name) for table in Base.metadata.tables.values() for constraint in table.constraints]
    assert [name for name in names if len(name) > 63] == [], "PostgreSQL cuts longer ones"
