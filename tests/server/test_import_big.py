"""Five thousand rows, two hundred of them bad in every way: each is told, the others are in, and it can be undone."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

from server.database import Base, db
from server.register_import import service as imports
from server.register_import.models import RegisterImport
from server.registry.models import Instrument
from tests.server.ledgers import MISTAKES, SEED, a_region, as_csv, as_xlsx, big_ledger, figures, map_it, take_in
from tests.server.pages import visitor
from tests.server.world import World

SOUND, BAD = 4_800, 200
LONGEST_S = 60  # of computing: how busy the machine is must not decide
OF_THE_REGISTER = ("place", "stall", "party", "instrument", "instrument_status", "custody", "verification", "tenancy")


def register() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the register's tables."""
    db.session.rollback()
    tables = {name: Base.metadata.tables[name] for name in OF_THE_REGISTER}
    return {
        name: sorted((tuple(row) for row in db.session.execute(table.select())), key=repr)
        for name, table in tables.items()
    }


def told(text: str) -> dict[int, str]:
    """Return the reasons of the bad rows' file by row."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    return {int(row[0]): row[-1] for row in rows[1:]}


def plan_of(path: str, world: World) -> imports.Plan:
    """Judge an import as its page does."""
    from server.accounts.models import Person
    from server.accounts.service import scope_of
    from server.clock import now

    batch = db.session.get_one(RegisterImport, path.rpartition("/")[2])
    person = db.session.get_one(Person, world.supervisor)
    grid = imports.grid_of(batch)
    assert grid is not None
    return imports.plan_of(db.session(), scope_of(person), batch, grid, now=now(), today=world.day)


def test_of_five_thousand_rows_every_bad_one_is_told_and_the_others_are_in_and_can_be_undone(world: World) -> None:
    """On PostgreSQL with a fifth of the sound rows: what differs there does not differ by number."""
    a_region(world)
    sound = SOUND if db.engine.dialect.name == "sqlite" else SOUND // 5
    desk, ledger = visitor(world, "supervisor"), big_ledger(sound, BAD)
    assert len({(one.column, one.code) for one in MISTAKES}) >= 30, "sorts of mistakes"
    before, began = register(), time.process_time()
    path = map_it(desk, as_csv(ledger.table()))
    assert figures(desk.get(path)) == [sound, 0, 0, BAD], SEED
    assert register() == before

    plan = plan_of(path, world)
    found = {row.number: [(fault.column.value, fault.code.value) for fault in row.faults] for row in plan.bad}
    assert found == {number: [fault] for number, fault in ledger.wrong.items()}, SEED
    reasons = told(desk.get(f"{path}/bad.csv").text)
    assert set(reasons) == set(ledger.wrong)
    assert all(len(reason) > 8 for reason in reasons.values())

    assert take_in(desk, path).status_code == 303
    assert db.session.query(Instrument).count() == sound + 2
    assert figures(desk.get(path)) == [sound, 0, 0, BAD]
    after = register()

    again = map_it(desk, as_csv(ledger.table()))
    assert figures(desk.get(again)) == [0, 0, sound, BAD]
    assert "mark" not in desk.get(again).text
    assert register() == after

    assert desk.post(f"{path}/undo").status_code == 303
    assert register() == before
    took_s = time.process_time() - began
    assert took_s < LONGEST_S, f"{took_s:.1f} s on {db.engine.dialect.name}"


def test_the_same_rows_in_a_workbook_say_the_same(sqlite_world: World) -> None:
    a_region(sqlite_world)
    desk, ledger = visitor(sqlite_world, "supervisor"), big_ledger(300, 84)
    table = [[str(cell).replace("\x07", "\u200b") for cell in row] for row in ledger.table()]
    path = map_it(desk, as_xlsx(table), "台账.xlsx")
    assert figures(desk.get(path)) == [300, 0, 0, 84], SEED
    assert {row.number for row in plan_of(path, sqlite_world).bad} == set(ledger.wrong)
