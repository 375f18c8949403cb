"""The retention job: what is over its time is deleted, in batches, and how much it was is an act.

How long something is kept stands in ``inventory.toml``; here stands from which moment that is counted. Facts (records,
pledges, scores, evidence) are on no rule and never touched. SQLite fills the place of deleted rows with zeros
(``secure_delete``); PostgreSQL gives it back at its next vacuum.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from server import transaction
from server.administration import service as administration
from server.database import Base, begin_write
from server.personal import inventory
from shared.dates import civil_day

BATCH = 500
OUTSIDE = ("merchant", "operator")


@dataclass(frozen=True)
class Rule:
    """Which rows of a table are over: ``is_over(table, before)`` is true of what counted out at ``before`` or earlier.

    ``kept`` names the rule of the inventory that says how long; ``overwritten`` a column that is filled with chance
    before its row is deleted; ``batch_by`` the column by which rows go together, where the key has several.
    """

    table: str
    kept: str
    is_over: Callable[[Table, datetime], ColumnElement[bool]]
    overwritten: str = ""
    batch_by: str = ""


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _used_or_ended(table: Table, before: datetime) -> ColumnElement[bool]:
    return or_(table.c.used_at <= before, table.c.expires_at <= before)


def _since(column: str) -> Callable[[Table, datetime], ColumnElement[bool]]:
    return lambda table, before: table.c[column] <= before


def _family_over(table: Table, before: datetime) -> ColumnElement[bool]:
    return or_(table.c.ended_at <= before, table.c.expires_at <= before)


def _link_of_a_family_over(table: Table, before: datetime) -> ColumnElement[bool]:
    family = _table("token_family")
    return table.c.family_id.in_(select(family.c.id).where(_family_over(family, before)))


def _family_without_links(table: Table, before: datetime) -> ColumnElement[bool]:
    links = [exists().where(_table(name).c.family_id == table.c.id) for name in ("access_token", "refresh_token")]
    return and_(_family_over(table, before), *(~link for link in links))


def _owner_acts_no_more(table: Table, before: datetime) -> ColumnElement[bool]:
    """A merchant's contact outlives the last membership, and its own making, by what the inventory says."""
    person, membership = _table("person"), _table("membership")
    outside = exists().where(person.c.id == table.c.owner_id, person.c.role.in_(OUTSIDE))
    still = or_(membership.c.ended_at.is_(None), membership.c.ended_at > before)
    acts = exists().where(membership.c.person_id == table.c.owner_id, still)
    return and_(table.c.owner_kind == "person", table.c.made_at <= before, outside, ~acts)


def _not_taken_in(table: Table, before: datetime) -> ColumnElement[bool]:
    """What was taken in is a batch of the register and stays, without the table of its file."""
    return and_(table.c.made_at <= before, table.c.done_at.is_(None))


# In the order in which rows may go: what names a row goes before it.
RULES = (
    Rule("staff_invitation", "invitation", _used_or_ended),
    Rule("invitation", "invitation", _used_or_ended),
    Rule("enrolment_code", "invitation", _used_or_ended),
    Rule("phone_code", "phone_code", _since("made_at")),
    Rule("sign_in", "sign_in", _since("expires_at")),
    Rule("access_token", "access_token", _since("expires_at")),
    Rule("refresh_token", "token_family", _link_of_a_family_over),
    Rule("token_family", "token_family", _family_without_links),
    Rule("failed_sign_ins", "failed_sign_ins", _since("last_at")),
    Rule("rate_count", "rate_count", _since("ends_at")),
    Rule("scan", "scan", _since("hour"), batch_by="hour"),
    Rule("unknown_label", "scan", _since("hour")),
    Rule("feedback", "feedback", _since("made_at")),
    Rule("sealed_contact", "sealed_contact", _since("delete_at"), overwritten="sealed"),
    Rule("register_import", "import_file", _not_taken_in),
    Rule("contact", "contact", _owner_acts_no_more),
)


def over(session: Session, now: datetime) -> dict[str, int]:
    """Return how many rows of each table are over their time."""
    counts = {rule.table: select(func.count()).select_from(_table(rule.table)) for rule in RULES}
    return {rule.table: session.scalar(counts[rule.table].where(_condition(rule, now))) or 0 for rule in RULES}


def run(session: Session, now: datetime, *, batch: int = BATCH) -> dict[str, int]:
    """Delete what is over its time; return how many rows went of each table. What a run leaves, the next one takes."""
    gone = {rule.table: _carry_out(session, rule, now, batch) for rule in RULES}
    if any(gone.values()):
        begin_write()
        told = {table: count for table, count in gone.items() if count}
        kind, about = administration.ActKind.DATA_EXPIRED, ("retention", str(civil_day(now)))
        administration.record(session, kind, by=None, about=about, now=now, **told)
        transaction.commit(session, now)
    return gone


def _carry_out(session: Session, rule: Rule, now: datetime, batch: int) -> int:
    gone = 0
    while ids := list(session.scalars(_next(rule, now, batch))):
        if rule.overwritten:
            _overwrite(session, rule, ids)
        begin_write()
        went = delete(_table(rule.table)).where(_key(rule).in_(ids), _condition(rule, now)).returning(_key(rule))
        gone += len(session.execute(went).all())
        session.commit()
    session.rollback()
    return gone


def _overwrite(session: Session, rule: Rule, ids: list[Any]) -> None:
    """Fill the cells with chance, in a transaction that ends before the rows go: a journal then holds nothing else."""
    begin_write()
    table = _table(rule.table)
    cells = session.execute(select(_key(rule), table.c[rule.overwritten]).where(_key(rule).in_(ids)))
    for key, cell in cells.all():
        session.execute(update(table).where(_key(rule) == key).values({rule.overwritten: os.urandom(len(cell))}))
    session.commit()


def _next(rule: Rule, now: datetime, batch: int) -> Select[Any]:
    return select(_key(rule)).where(_condition(rule, now)).order_by(_key(rule)).limit(batch)


def _condition(rule: Rule, now: datetime) -> ColumnElement[bool]:
    lasts = inventory.kept()[rule.kept].lasts
    if lasts is None:
        raise AssertionError(f"{rule.kept} says no time")
    return rule.is_over(_table(rule.table), now - lasts)


def _key(rule: Rule) -> ColumnElement[Any]:
    if rule.batch_by:
        return _table(rule.table).c[rule.batch_by]
    (key,) = _table(rule.table).primary_key.columns
    return key
