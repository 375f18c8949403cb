"""Reading the field records as they are kept: one day's visits of a scope, one visit, and its verdicts with reasons.

A verdict is stored as its code; its reasons are worked out again from the stored readings, by the rules of the same
days. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from server.accounts.service import Scope
from server.inspections.judging import judge_again, rule_days
from server.inspections.models import Check, Correction, Inspection, Visit
from server.registry import service as registry
from shared.verdict import Standard, Verdict

PLATE = ("max_mg", "min_mg", "e_mg", "d_mg", "accuracy_class", "price_computing")


def _whole() -> Select[Visit]:
    checks = selectinload(Visit.inspections).selectinload(Inspection.checks).selectinload(Check.readings)
    return select(Visit).options(selectinload(Visit.participants), selectinload(Visit.standards), checks)


def visits_on(session: Session, scope: Scope, day: date) -> list[tuple[Visit, registry.Place]]:
    """Return the visits of a civil day to the places of a scope, the newest first."""
    query = (
        _whole()
        .join(registry.Place, registry.Place.id == Visit.place_id)
        .add_columns(registry.Place)
        .where(Visit.civil_day == day, scope.of(registry.Place.region))
        .order_by(Visit.started_at.desc(), Visit.id.desc())
    )
    return [(visit, place) for visit, place in session.execute(query)]


def last_day(session: Session, scope: Scope) -> date | None:
    """Return the last civil day with a visit to a place of a scope; None: there never was one."""
    query = select(func.max(Visit.civil_day)).join(registry.Place, registry.Place.id == Visit.place_id)
    return session.scalar(query.where(scope.of(registry.Place.region)))


def visit_in(session: Session, scope: Scope, visit_id: str) -> tuple[Visit, registry.Place] | None:
    """Return one visit with its place; None when there is none in the scope."""
    query = (
        _whole()
        .join(registry.Place, registry.Place.id == Visit.place_id)
        .add_columns(registry.Place)
        .where(Visit.id == visit_id, scope.of(registry.Place.region))
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def corrections_of(session: Session, op_id: str) -> Sequence[Correction]:
    """Return what was said later about an op, the oldest first."""
    query = select(Correction).where(Correction.corrects == op_id)
    return session.scalars(query.order_by(Correction.received_at, Correction.id)).all()


def reasons_of(check: Check, visit: Visit, region: str) -> Verdict:
    """Return the server's verdict on a check with its reasons; ``ruleset`` names the rules of today's program."""
    days = rule_days(visit.made_at, visit.clock_offset_s, visit.clock_doubt_s, visit.received_at)
    readings = [{"load_mg": row.load_mg, "shown_mg": row.shown_mg} for row in check.readings]
    plate = {name: getattr(check, name) for name in PLATE}
    standards = [Standard(row.weight_class, row.valid_until) for row in visit.standards]
    return judge_again({"nameplate": plate, "readings": readings}, standards, days, region)
