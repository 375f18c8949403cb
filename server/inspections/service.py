"""What other features may ask about the field records, and how visits and corrections are taken in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.bulk import among
from server.inspections.identity import Taken, doubled_ids
from server.inspections.kept import corrections_of, last_day, reasons_of, visit_in, visits_on
from server.inspections.known import OutOfScope
from server.inspections.models import Check, Correction, Inspection, Participant, Visit
from server.inspections.officers import Context
from server.inspections.taking import Visits
from server.registry import service as registry
from shared import ops
from shared.verdict import Code

__all__ = [
    "Check",
    "Context",
    "Inspection",
    "OutOfScope",
    "Participant",
    "Taken",
    "Visit",
    "Visits",
    "corrections_of",
    "doubled_ids",
    "last_day",
    "reasons_of",
    "visit_in",
    "visits_on",
]


def check_days(
    session: Session,
    parties: list[str],
    first: date,
    last: date,
    *,
    known: Collection[str] = (),
    enough: int | None = None,
) -> dict[str, list[date]]:
    """Return on which days each party's instruments were checked, from one day to another.

    ``known`` are inspections that may tell. Where they tell of ``enough`` days of a party, no others of it are read:
    how many there ever were does not matter then.
    """
    between = Check.civil_day.between(first, last)
    days = _check_days(session, Inspection.id, sorted(known), between)
    few = [id_ for id_ in parties if enough is None or len(days.get(id_, ())) < enough]
    days |= _check_days(session, Inspection.party_id, few, between)
    return {id_: sorted(some) for id_, some in days.items()}


def _check_days(session: Session, column: Any, ids: list[str], between: ColumnElement[bool]) -> dict[str, set[date]]:
    days: dict[str, set[date]] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(Inspection.party_id, Check.civil_day)
            .join(Check, Check.inspection_id == Inspection.id)
            .where(among(session, column, ids[start : start + 500]), between)
            .distinct()
        )
        for party_id, day in session.execute(query):
            days.setdefault(str(party_id), set()).add(day)
    return days


def clean_days(session: Session, instruments: list[str]) -> dict[str, list[date]]:
    """Return on which days each instrument was tested and nothing was found, without disputes, oldest first."""
    query = (
        select(Check.instrument_id, Check.civil_day)
        .join(Inspection, Inspection.id == Check.inspection_id)
        .join(Visit, Visit.id == Inspection.visit_id)
        .where(among(session, Check.instrument_id, instruments), Check.verdict == Code.WITHIN, ~Check.is_disputed)
        .where(Visit.irregular == "")
        .distinct()
    )
    days: dict[str, list[date]] = {}
    for id_, day in session.execute(query.order_by(Check.civil_day)):
        days.setdefault(id_, []).append(day)
    return days


def region_of_visit(session: Session, visit_id: str) -> str | None:
    """Return where a visit was made."""
    query = select(registry.Place.region).join(Visit, Visit.place_id == registry.Place.id)
    return session.scalar(query.where(Visit.id == visit_id))


def take_in_correction(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Keep what an earlier op should have said; that op stays as it is."""
    session.add(
        Correction(
            id=op.op_id,
            corrects=body["corrects"],
            person_id=context.person.id,
            note=body["note"],
            received_at=context.received_at,
        )
    )
    return op.op_id


def checked_since(session: Session, instrument_ids: list[str], since: datetime) -> set[str]:
    """Return which instruments stand in a visit that came in at some moment or later."""
    query = select(Check.instrument_id).join(Inspection, Inspection.id == Check.inspection_id)
    query = query.join(Visit, Visit.id == Inspection.visit_id)
    return set(session.scalars(query.where(Check.instrument_id.in_(instrument_ids), Visit.received_at >= since)))
