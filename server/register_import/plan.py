"""What a file would do to the register: each row judged against it, in the order of the file. Nothing is written.

An instrument is the same when its kind, its place and its maker's serial are (compared as a label's binding is: NFKC,
upper case, no spaces); where no serial is legible, its kind, place and own number. The place belongs to it because
serials are unique to a maker at best: small makers number every batch from 001, and ledgers often leave the maker out.
Two with one serial and different own numbers are two. Our own id, which an export tells, goes before all of that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from server.register_import.columns import Column, Fault, Outcome
from server.register_import.finder import Finder
from server.register_import.known import Known
from server.register_import.rows import Wanted
from server.register_import.writes import Writes


@dataclass
class Judged:
    """What becomes of one row."""

    number: int
    outcome: Outcome
    faults: list[Fault] = field(default_factory=list)


@dataclass
class Plan:
    """What becomes of every row, and what is to be written for it."""

    rows: list[Judged] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def bad(self) -> list[Judged]:
        return [row for row in self.rows if row.outcome is Outcome.BAD]


def make_plan(known: Known, rows: list[Wanted], *, now: datetime, today: date, by: str, import_id: str) -> Plan:
    """Judge every row; ``by`` is whoever takes the file in, who signs for its verifications ("" in a dry run)."""
    plan = Plan(writes=Writes(import_id=import_id))
    finder = Finder(known)
    for row in rows:
        found = finder.find(row)
        if found is None:
            plan.rows.append(Judged(row.number, Outcome.BAD, sorted(row.faults, key=_in_order)))
            continue
        before = len(plan.writes)
        plan.writes.take(known, row, found, now=now, today=today, by=by)
        outcome = Outcome.ADDED if found.instrument is None else Outcome.CHANGED
        plan.rows.append(Judged(row.number, outcome if len(plan.writes) > before else Outcome.UNCHANGED))
    return plan


def _in_order(fault: Fault) -> int:
    return list(Column).index(fault.column)
