"""Taking in what was recorded in the field: the record is kept as it is, judged again, and followed by its effects.

An honest signed record is never refused. Where the server's verdict differs from the phone's, both are stored, the
check is disputed, a supervisor gets a task, and neither credit nor the public page hears of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.service import Person, Scope, scope_of
from server.campaigns import service as campaigns
from server.credit import service as credit
from server.findings import service as findings
from server.inspections.judging import RuleDays, instant, judge_again, rule_days
from server.inspections.models import Check, Correction, Inspection, Participant, ReadingRow, Visit
from server.public import service as public
from server.registry import service as registry
from shared import ops
from shared.verdict import Code
from shared.words import TaskKind

__all__ = ["Check", "Inspection", "Visit"]

CLEAN_CHECK = "clean_check"


class OutOfScope(Exception):
    """The record speaks of a place, party or instrument that its author's unit is not responsible for."""


@dataclass(frozen=True)
class Context:
    """Who sent a record, and when it came."""

    person: Person
    scope: Scope
    received_at: datetime

    @classmethod
    def of(cls, person: Person, received_at: datetime) -> Context:
        return cls(person, scope_of(person), received_at)


def take_in_visit(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Store a visit with all its rows and effects; returns its id. Raises OutOfScope."""
    place = session.get(registry.Place, body["place"])
    if place is None or not context.scope.covers(place.region):
        raise OutOfScope
    instruments = _known(session, registry.Instrument, _all(body, "instrument"))
    custodies = _known(session, registry.Custody, _all(body, "custody"))
    parties = _known(session, registry.Party, [row["party"] for row in body["inspections"]])
    _known(session, registry.Stall, [row["stall"] for row in body["inspections"]])
    days = rule_days(instant(body["made_at"]), body["clock_offset_s"], body["clock_doubt_s"], context.received_at)
    session.add(_visit(op, body, place, days, context))
    session.flush()
    for row in body["inspections"]:
        session.add(_inspection(row, body["id"]))
    session.flush()
    for inspection in body["inspections"]:
        party = parties.get(inspection["party"])
        for check in inspection["checks"]:
            custody = custodies.get(check["custody"])
            responsible = custody.user_id if custody else (party.id if party else None)
            _take_in_check(
                session, check, inspection["id"], instruments[check["instrument"]], responsible, days, context
            )
        if party is not None:
            _credit_clean(session, inspection, party, days, context)
    campaigns.finish(session, body["task"], context.scope)
    return str(body["id"])


def _all(body: dict[str, Any], name: str) -> list[str | None]:
    return [check[name] for inspection in body["inspections"] for check in inspection["checks"]]


def _known(session: Session, kind: type[Any], ids: list[str | None]) -> dict[str | None, Any]:
    """Return the named rows by id; raises OutOfScope when one is not there."""
    wanted = {id_ for id_ in ids if id_}
    if not wanted:
        return {}
    found: dict[str | None, Any] = {row.id: row for row in session.scalars(select(kind).where(kind.id.in_(wanted)))}
    if len(found) != len(wanted):
        raise OutOfScope
    return found


def _visit(op: ops.Op, body: dict[str, Any], place: registry.Place, days: RuleDays, context: Context) -> Visit:
    participants = [
        Participant(
            visit_id=body["id"], person_id=row["person"], place_in_list=number, capacity=row["capacity"],
            card_no=row["card_no"],
        )
        for number, row in enumerate({row["person"]: row for row in body["participants"]}.values())
    ]  # fmt: skip
    return Visit(
        id=body["id"],
        op_id=op.op_id,
        place_id=place.id,
        unit_id=context.person.unit_id,
        task_id=body["task"],
        cause=body["cause"],
        approval_no=body["approval_no"],
        started_at=instant(body["started_at"]),
        made_at=instant(body["made_at"]),
        received_at=context.received_at,
        civil_day=days.day,
        clock_offset_s=body["clock_offset_s"],
        clock_doubt_s=body["clock_doubt_s"],
        card_shown=body["card_shown"],
        recusal_told=body["recusal_told"],
        irregular=" ".join(_irregularities(body, days)),
        participants=participants,
    )


def _irregularities(body: dict[str, Any], days: RuleDays) -> list[str]:
    """Name what makes a record weak as evidence; a supervisor sees it, nothing is refused for it."""
    officers = {row["person"] for row in body["participants"] if row["capacity"] == "officer"}
    found = {
        "one_officer": len(officers) < 2,
        "no_card": not body["card_shown"],
        "no_recusal": not body["recusal_told"],
        "clock": days.is_doubtful,
    }
    return [name for name, is_so in found.items() if is_so]


def _inspection(row: dict[str, Any], visit_id: str) -> Inspection:
    signature = row["signature"] or {}
    plain = ("id", "party_name", "disposition", "not_inspected", "remark", "party_remark")
    return Inspection(
        **{name: row[name] for name in plain},
        visit_id=visit_id,
        party_id=row["party"],
        stall_id=row["stall"],
        signer_name=signature.get("name"),
        signature_refused=signature.get("refused", False),
        strokes=json.dumps(signature["strokes"]) if signature else None,
    )


def _take_in_check(
    session: Session,
    row: dict[str, Any],
    inspection_id: str,
    instrument: registry.Instrument,
    party_id: str | None,
    days: RuleDays,
    context: Context,
) -> None:
    verdict = judge_again(row, days, instrument.region)
    plain = ("id", "label", "label_verdict", "photo_matches", "tested_by")
    check = Check(
        **{name: row[name] for name in plain},
        **row["nameplate"],
        inspection_id=inspection_id,
        instrument_id=instrument.id,
        custody_id=row["custody"],
        measured_at=instant(row["measured_at"]),
        civil_day=days.day,
        device_verdict=row["verdict"],
        device_ruleset=row["ruleset"],
        verdict=verdict.code,
        ruleset=verdict.ruleset,
        is_disputed=verdict.code != row["verdict"],
        readings=[
            ReadingRow(check_id=row["id"], place_in_list=number, **reading)
            for number, reading in enumerate(row["readings"])
        ],
    )
    session.add(check)
    session.flush()
    _follow(session, check, instrument, party_id, days, context)


def _follow(
    session: Session,
    check: Check,
    instrument: registry.Instrument,
    party_id: str | None,
    days: RuleDays,
    context: Context,
) -> None:
    """Do what a check leads to: a review where the verdicts differ, a suspicion where both say beyond."""
    now = context.received_at
    if check.is_disputed:
        campaigns.assign(
            session, kind=TaskKind.REVIEW_DISPUTE, region=instrument.region, instrument_id=instrument.id,
            place_id=instrument.place_id, subject_id=check.id, now=now,
        )  # fmt: skip
    elif check.verdict == Code.BEYOND:
        findings.suspect(
            session, check_id=check.id, instrument_id=instrument.id, party_id=party_id, day=days.day, now=now
        )
        campaigns.assign(
            session, kind=TaskKind.VERIFY, region=instrument.region, instrument_id=instrument.id,
            place_id=instrument.place_id, subject_id=check.id, now=now,
        )  # fmt: skip
        registry.touch(session, instrument)
        public.changed(session, instrument.id)


def _credit_clean(
    session: Session, inspection: dict[str, Any], party: registry.Party, days: RuleDays, context: Context
) -> None:
    """An inspection whose checks all found nothing counts once for the party."""
    verdicts = session.scalars(
        select(Check.verdict).where(Check.inspection_id == inspection["id"], ~Check.is_disputed)
    ).all()
    if verdicts and len(verdicts) == len(inspection["checks"]) and set(verdicts) == {Code.WITHIN}:
        credit.open_event(
            session, party_id=party.id, code=CLEAN_CHECK, source_id=inspection["id"], happened_on=days.day,
            now=context.received_at,
        )  # fmt: skip


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
