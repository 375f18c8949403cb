"""Findings: suspected by a field test, confirmed or withdrawn by a document, never by anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.clock import new_id
from server.credit import service as credit
from server.findings.models import Finding
from shared.credit import State
from shared.words import FindingState

__all__ = ["Finding"]

BEYOND_LIMITS = "beyond_limits"
OPEN_STATES = (FindingState.SUSPECTED, FindingState.SENT_FOR_VERIFICATION)


@dataclass(frozen=True)
class Document:
    """The verification that settles a suspicion."""

    id: str
    number: str
    passed: bool
    done_on: date


def suspect(
    session: Session, *, check_id: str, instrument_id: str, party_id: str | None, day: date, now: datetime
) -> Finding:
    """Record that a field test was beyond limits; the party's credit gets a provisional event that moves nothing."""
    finding = Finding(
        id=new_id(now),
        code=BEYOND_LIMITS,
        check_id=check_id,
        instrument_id=instrument_id,
        party_id=party_id,
        state=FindingState.SUSPECTED,
        suspected_on=day,
    )
    session.add(finding)
    if party_id:
        credit.open_event(session, party_id=party_id, code=BEYOND_LIMITS, source_id=check_id, happened_on=day, now=now)
    return finding


def settle(session: Session, instrument_id: str, document: Document, *, now: datetime) -> list[Finding]:
    """Confirm (failed) or withdraw (passed) what was suspected of an instrument up to the day of the document."""
    query = select(Finding).where(
        Finding.instrument_id == instrument_id,
        Finding.state.in_(OPEN_STATES),
        Finding.suspected_on <= document.done_on,
    )
    found = list(session.scalars(query))
    for finding in found:
        finding.state = FindingState.WITHDRAWN if document.passed else FindingState.CONFIRMED
        finding.settled_on, finding.verification_id = document.done_on, document.id
        credit.settle_event(
            session,
            source_id=finding.check_id,
            code=finding.code,
            state=State.VOID if document.passed else State.CONFIRMED,
            document_no=document.number,
            settled_on=document.done_on,
            now=now,
        )
    return found


def open_of(session: Session, instrument_ids: list[str]) -> dict[str, Finding]:
    """Return the open suspicion about each instrument, the latest one."""
    query = select(Finding).where(Finding.instrument_id.in_(instrument_ids), Finding.state.in_(OPEN_STATES))
    return {finding.instrument_id: finding for finding in session.scalars(query.order_by(Finding.suspected_on))}


def all_of(session: Session, instrument_ids: list[str]) -> dict[str, list[Finding]]:
    """Return every finding about each instrument, oldest first."""
    found: dict[str, list[Finding]] = {}
    query = select(Finding).where(Finding.instrument_id.in_(instrument_ids))
    for finding in session.scalars(query.order_by(Finding.suspected_on, Finding.id)):
        found.setdefault(finding.instrument_id, []).append(finding)
    return found


def by_check(session: Session, check_ids: list[str]) -> dict[str, Finding]:
    """Return the finding that each check led to."""
    query = select(Finding).where(Finding.check_id.in_(check_ids))
    return {finding.check_id: finding for finding in session.scalars(query)}


def settled_by(session: Session, verification_id: str) -> list[Finding]:
    """Return the findings that a verification confirmed or withdrew."""
    query = select(Finding).where(Finding.verification_id == verification_id)
    return list(session.scalars(query.order_by(Finding.suspected_on, Finding.id)))
