"""The table of conflicts in docs/sync.md: whole, each rule told and shown by a test that is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import server.registry.rows  # noqa: F401 - builds rows of the feed
from server import feed, transaction
from server.audit.models import Leaf, TreeNode
from server.campaigns import service as campaigns
from server.campaigns.models import Task
from server.database import Base, begin_write, db
from server.evidence.models import NamedFile
from server.findings.models import Finding
from server.inspections.models import Check, Correction, Inspection, Participant, ReadingRow, StandardRow, Visit
from server.personal import retention
from server.physical_seals.models import PhysicalSealEvent
from server.register_import.writes import TABLES as TAKEN_BACK
from server.registry.models import Instrument
from server.seals.models import SealBinding, SealEvent
from server.sync.kinds import KINDS
from server.sync.models import StoredOp
from shared.ops import Status
from shared.words import TaskKind, TaskState
from tests.server.protocol import statuses
from tests.server.world import BEYOND, GOOD, PLATE, World, new_id, now

ROOT = Path(__file__).parents[2]
CASES = ["edit / edit", "edit / delete", "delete / delete"]
ON_PHONES_ONLY = {"photo", "draft"}
RECORDS: tuple[type[Base], ...] = (
    *(Visit, Participant, StandardRow, Inspection, Check, ReadingRow, Correction, StoredOp, Leaf, TreeNode),
    *(PhysicalSealEvent, SealEvent, SealBinding, NamedFile, Finding),
)
RULE = re.compile(r"^- \*\*(.+?)\*\*: (.+?)(?=^- \*\*|^\S|\Z)", re.MULTILINE | re.DOTALL)


def section() -> str:
    text = (ROOT / "docs/sync.md").read_text("utf-8")
    return text.split("## Conflicts\n")[1].split("\n## ")[0]


def table(text: str) -> list[list[str]]:
    """Return the cells of the table, its head first, its line left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cells[0], *cells[2:]]


def rules(text: str) -> dict[str, list[str]]:
    """Return the tests that each rule names."""
    return {name: re.findall(r"`(test_\w+::test_\w+)`", told) for name, told in RULE.findall(text)}


@cache
def named_tests() -> set[str]:
    found = set()
    for path in ROOT.glob("tests/**/test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path.stem}::{node.name}")
    return found


def faults(text: str) -> list[str]:
    """Say what is missing of the table and its rules."""
    head, *rows = table(text)
    told = rules(text)
    found = [] if head[2:] == CASES else ["the cases"]
    things = {row[0].strip("`") for row in rows}
    wanted = set(KINDS) | set(feed._builders) | ON_PHONES_ONLY
    found += [f"no row: {thing}" for thing in sorted(wanted - things)]
    found += [f"no such thing: {thing}" for thing in sorted(things - wanted)]
    used = {cell for row in rows for cell in row[2:]}
    found += [f"an empty cell: {row[0]}" for row in rows if len(row) != 5 or not all(row)]
    found += [f"no rule: {name}" for name in sorted(used - set(told)) if name]
    found += [f"used nowhere: {name}" for name in sorted(set(told) - used)]
    found += [f"shown by nothing: {name}" for name, shown in told.items() if not shown]
    found += [f"not there: {name}" for shown in told.values() for name in shown if name not in named_tests()]
    return found


def test_the_table_is_whole_and_every_rule_is_shown() -> None:
    assert faults(section()) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("| `task` | its state | done once |", "| `task` | its state | |", "an empty cell: `task`"),
        ("| `correction/1` | the record | added | never | never |\n", "", "no row: correction/1"),
        ("| draft | every field | own |", "| draft | every field | theirs |", "no rule: theirs"),
        ("`test_store_records::test_saving_ends_the_draft`", "", "shown by nothing: own"),
        (
            "test_saving_ends_the_draft",
            "test_saving_ends_it_all",
            "not there: test_store_records::test_saving_ends_it_all",
        ),
        ("- **gone**: ", "- **away**: ", "no rule: gone"),
    ],
)
def test_what_is_missing_is_found(old: str, new: str, told: str) -> None:
    text = section()
    assert old in text
    assert told in faults(text.replace(old, new))


def test_nothing_takes_a_saved_record_away() -> None:
    """Retention and the undoing of an import are the only ways that name tables; any other says what it deletes."""
    names, tables = {record.__name__ for record in RECORDS}, {record.__tablename__ for record in RECORDS}
    deleted = set()
    for path in ROOT.glob("server/**/*.py"):
        deleted |= set(re.findall(r"delete\(\s*(?:\w+\.)?(\w+)\s*\)", path.read_text("utf-8")))
    assert {"Upload", "PublicRecord", "AccessToken"} <= deleted, "the search finds what is deleted"
    assert deleted & names == set()
    assert set(TAKEN_BACK) & tables == set()
    assert {rule.table for rule in retention.RULES} & tables == set()


def test_two_corrections_of_one_record_both_stand(world: World) -> None:
    first, second = world.phone(), world.phone(world.colleague)
    visit = first.op("visit.record/1", world.visit(world.check(GOOD)))
    assert statuses(world.app, first, visit) == [Status.APPLIED]
    for phone, note in ((first, "stall A1"), (second, "stall A2")):
        assert statuses(world.app, phone, phone.op("correction/1", {"corrects": visit.op_id, "note": note})) == [
            "applied"
        ]
    kept = {(row.corrects, row.note) for row in db.session.query(Correction)}
    assert kept == {(visit.op_id, "stall A1"), (visit.op_id, "stall A2")}


def test_a_nameplate_that_was_seen_otherwise_is_kept_beside_the_registers(world: World) -> None:
    phone, seen = world.phone(), PLATE | {"max_mg": 30_000_000}
    body = world.visit(world.check(GOOD, nameplate=seen))
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    assert db.session.query(Check).one().max_mg == 30_000_000
    assert db.session.get_one(Instrument, world.instruments[0]).max_mg == PLATE["max_mg"]


def test_a_record_about_what_was_taken_away_is_refused_and_kept(world: World) -> None:
    phone = world.phone()
    check = world.check(GOOD) | {"instrument": new_id(now()), "custody": None}
    op = phone.op("visit.record/1", world.visit(check))
    (answer,) = phone.answers(op)
    assert (answer["status"], answer["problem"]["type"]) == ("rejected", "/problems/out-of-scope")
    kept = db.session.query(StoredOp).one()
    assert (kept.op_id, kept.body) == (op.op_id, op.body.encode())
    assert "receipt" in answer


def test_suspected_on_two_phones_is_two_facts_and_one_status(world: World) -> None:
    first, second = world.phone(), world.phone(world.colleague)
    for phone in (second, first):
        body = world.visit(world.check(BEYOND, tested_by=phone.person_id))
        assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    assert db.session.query(Finding).count() == 2
    assert db.session.get_one(Instrument, world.instruments[0]).status == "in_use"


def a_task(world: World) -> str:
    begin_write()
    about: dict[str, Any] = {"region": "411602", "place_id": world.place, "now": now()}
    task = campaigns.assign(db.session(), kind=TaskKind.VISIT, **about)
    transaction.commit(db.session(), now())
    return task.id


def test_a_task_done_by_two_phones_is_done_once(world: World) -> None:
    task_id = a_task(world)
    for person in (world.inspector, world.colleague):
        phone = world.phone(person)
        body = world.visit(world.check(GOOD), task=task_id)
        assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    task = db.session.get_one(Task, task_id)
    assert (task.state, task.rev) == (TaskState.DONE, 2)


def test_a_task_that_the_desk_gave_up_is_not_done_by_a_visit(world: World) -> None:
    task_id, phone = a_task(world), world.phone()
    begin_write()
    campaigns.set_state(db.session(), db.session.get_one(Task, task_id), TaskState.CANCELLED)
    transaction.commit(db.session(), now())
    body = world.visit(world.check(GOOD), task=task_id)
    assert statuses(world.app, phone, phone.op("visit.record/1", body)) == [Status.APPLIED]
    assert db.session.get_one(Task, task_id).state == TaskState.CANCELLED
    assert db.session.query(Visit).one().task_id == task_id
