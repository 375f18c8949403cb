"""Taking in what was recorded in the field: the record is kept as it is, judged again, and followed by its effects.

An honest signed record is never refused. Where the server's verdict differs from the phone's, both are stored, the
check is disputed, a supervisor gets a task, and neither credit nor the public page hears of it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.campaigns import service as campaigns
from server.certificates import service as certificates
from server.credit import service as credit
from server.evidence import service as evidence
from server.findings import service as findings
from server.inspections.identity import Taken, doubled_ids, refuse_taken
from server.inspections.judging import RuleDays, instant, judge_again, rule_days, standards_of
from server.inspections.kept import corrections_of, last_day, reasons_of, visit_in, visits_on
from server.inspections.known import Known, OutOfScope
from server.inspections.labels import look_at_labels
from server.inspections.models import Check, Correction, Inspection, Participant, Visit
from server.inspections.officers import Context, Officers, parties_of
from server.inspections.recording import (
    Row,
    Rows,
    check_row,
    inspection_row,
    participant_rows,
    reading_rows,
    standard_rows,
    visit_row,
)
from server.public import service as public
from server.registry import service as registry
from shared import ops
from shared.verdict import Code
from shared.words import TaskKind

__all__ = [
    "Check",
    "Context",
    "Inspection",
    "OutOfScope",
    "Participant",
    "Taken",
    "Visit",
    "corrections_of",
    "doubled_ids",
    "last_day",
    "reasons_of",
    "visit_in",
    "visits_on",
]

CLEAN_CHECK = "clean_check"


def take_in_visit(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Store a visit with all its rows and effects; returns its id. Raises OutOfScope and Taken."""
    place = registry.place_in(session, context.scope, body["place"])
    if place is None:
        raise OutOfScope
    known = Known.of(session, body, context.scope)
    refuse_taken(session, body)
    days = rule_days(instant(body["made_at"]), body["clock_offset_s"], body["clock_doubt_s"], context.received_at)
    people = Officers.of(session, body, known, days, context)
    rows = _rows(op, body, known, days, context, people)
    rows.insert(session)
    look_at_labels(session, body, known, context.received_at)
    people.review(session, place, str(body["id"]), context.received_at)
    sent = {"record_id": body["id"], "op_id": op.op_id, "person_id": context.person.id, "region": place.region}
    evidence.name_files(session, evidence.files_of_visit(body), **sent)
    checks = {row["id"]: row for row in rows.checks}
    for inspection in body["inspections"]:
        for check in inspection["checks"]:
            party_id = known.responsible(check, inspection)
            _follow(session, checks[check["id"]], known.instruments[check["instrument"]], party_id, days, context)
        if not people.recused_from & parties_of(inspection, known):
            _credit_clean(session, inspection, checks, days, context)
    seen = [known.instruments[check["instrument"]].id for row in body["inspections"] for check in row["checks"]]
    campaigns.finish_comparisons(session, seen)
    public.changed(session, *seen)
    campaigns.finish(session, body["task"], context.scope)
    return str(body["id"])


def _rows(op: ops.Op, body: dict[str, Any], known: Known, days: RuleDays, context: Context, people: Officers) -> Rows:
    sent: Row = {"op_id": op.op_id, "unit_id": context.person.unit_id, "received_at": context.received_at}
    visit = visit_row(body, **sent, days=days, of_people=people.irregularities)
    rows = Rows(visit, participant_rows(body), standard_rows(body))
    standards = standards_of(body["standards"])
    for inspection in body["inspections"]:
        rows.inspections.append(inspection_row(inspection, body["id"]))
        for check in inspection["checks"]:
            verdict = judge_again(check, standards, days, known.instruments[check["instrument"]].region)
            rows.checks.append(check_row(check, inspection["id"], verdict, days))
            rows.readings += reading_rows(check)
    return rows


def _follow(
    session: Session,
    check: dict[str, Any],
    instrument: registry.Instrument,
    party_id: str | None,
    days: RuleDays,
    context: Context,
) -> None:
    """Do what a check leads to: a review where the verdicts differ, a suspicion where both say beyond."""
    now = context.received_at
    if check["is_disputed"]:
        _assign(session, TaskKind.REVIEW_DISPUTE, check["id"], instrument, now)
    elif check["verdict"] == Code.BEYOND:
        registry.hold(session, instrument)
        findings.suspect(
            session, check_id=check["id"], instrument_id=instrument.id, party_id=party_id, day=days.day, now=now
        )
        if not certificates.settle_late(session, instrument.id, days.day, now):
            _assign(session, TaskKind.VERIFY, check["id"], instrument, now)
        public.changed(session, instrument.id)


def _assign(session: Session, kind: TaskKind, check_id: str, instrument: registry.Instrument, now: datetime) -> None:
    campaigns.assign(
        session,
        kind=kind,
        region=instrument.region,
        place_id=instrument.place_id,
        instrument_id=instrument.id,
        subject_id=check_id,
        now=now,
    )


def _credit_clean(
    session: Session, inspection: dict[str, Any], checks: dict[str, Any], days: RuleDays, context: Context
) -> None:
    """An inspection whose checks all found nothing counts once for the party."""
    found = [checks[check["id"]] for check in inspection["checks"]]
    is_clean = all(row["verdict"] == Code.WITHIN and not row["is_disputed"] for row in found)
    if found and is_clean and inspection["party"]:
        credit.open_event(
            session,
            party_id=inspection["party"],
            code=CLEAN_CHECK,
            source_id=inspection["id"],
            happened_on=days.day,
            now=context.received_at,
        )


def check_days(session: Session, parties: list[str]) -> dict[str, list[date]]:
    """Return on which days each party's instruments were checked."""
    days: dict[str, list[date]] = {}
    for start in range(0, len(parties), 500):
        query = (
            select(Inspection.party_id, Check.civil_day)
            .join(Check, Check.inspection_id == Inspection.id)
            .where(Inspection.party_id.in_(parties[start : start + 500]))
            .distinct()
        )
        for party_id, day in session.execute(query):
            days.setdefault(str(party_id), []).append(day)
    return days


def clean_days(session: Session, instruments: list[str]) -> dict[str, list[date]]:
    """Return on which days each instrument was tested and nothing was found, without disputes, oldest first."""
    query = (
        select(Check.instrument_id, Check.civil_day)
        .join(Inspection, Inspection.id == Check.inspection_id)
        .join(Visit, Visit.id == Inspection.visit_id)
        .where(Check.instrument_id.in_(instruments), Check.verdict == Code.WITHIN, ~Check.is_disputed)
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
