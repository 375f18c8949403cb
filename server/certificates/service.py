"""Verifications: entered with the number of their document, they settle what a field test suspected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.accounts.service import Person, Role, Scope, Unit
from server.audit import service as audit
from server.campaigns import service as campaigns
from server.certificates.models import Verification
from server.clock import new_id
from server.database import lock_numbers
from server.findings import service as findings
from server.problems import AlreadyThere
from server.public import service as public
from server.registry import service as registry
from shared.rules import rules_on
from shared.validity import valid_until
from shared.words import InstrumentStatus, VerificationKind, VerificationResult

__all__ = ["Verification"]

OLDEST_YEARS = 10


class DayFault(StrEnum):
    """Why a day cannot be that of a document: it is to come, or so long ago that it must be mistyped."""

    FUTURE_DAY = "future_day"
    TOO_LONG_AGO = "too_long_ago"


@dataclass(frozen=True)
class Dated:
    """A verification as others need it, with the name of its body."""

    result: str
    document_no: str
    done_on: date
    valid_until: date | None
    mark_no: str | None
    body_name: str


def may_enter(person: Person) -> bool:
    """Say whether somebody may enter verifications: a verifier, in the name of the body that they belong to."""
    return person.role == Role.VERIFIER and person.unit_id is not None


def day_fault(done_on: date, today: date) -> DayFault | None:
    """Return why nothing can have been verified on a day, as told today; None where it can."""
    if done_on > today:
        return DayFault.FUTURE_DAY
    return DayFault.TOO_LONG_AGO if done_on.year < today.year - OLDEST_YEARS else None


def latest_of(session: Session, instrument_ids: list[str]) -> dict[str, Dated]:
    """Return the last verification of each instrument."""
    return {id_: history[-1] for id_, history in histories_of(session, instrument_ids).items()}


def histories_of(session: Session, instrument_ids: list[str]) -> dict[str, list[Dated]]:
    """Return every verification of each instrument, oldest first."""
    query = select(
        Verification.instrument_id,
        Verification.result,
        Verification.document_no,
        Verification.done_on,
        Verification.valid_until,
        Verification.mark_no,
        Unit.name,
    ).join(Unit, Unit.id == Verification.body_id)
    found: dict[str, list[Dated]] = {}
    wanted = query.where(Verification.instrument_id.in_(instrument_ids))
    for row in session.execute(wanted.order_by(Verification.done_on, Verification.id)):
        found.setdefault(row[0], []).append(Dated(*row[1:]))
    return found


def enter(
    session: Session,
    *,
    instrument: registry.Instrument,
    verifier: Person,
    kind: VerificationKind,
    result: VerificationResult,
    document_no: str,
    done_on: date,
    now: datetime,
    verification_id: str | None = None,
    mark_no: str = "",
    until: date | None = None,
) -> Verification:
    """Record a verification; raises AlreadyThere when the body has used the number before, and changes nothing then.

    A failed one confirms the open findings about the instrument, a passed one withdraws them. One that was done before
    another changes nothing of how the instrument stands today. ``until`` is the last day that the document names, where
    somebody copied it: it holds, but no longer than the rules allow. ``verification_id`` None: the record is born here.
    """
    if not verifier.unit_id:
        raise AssertionError("a verifier belongs to a verification body")
    _refuse_used_number(session, verifier.unit_id, document_no)
    registry.hold(session, instrument)
    passed = result is VerificationResult.PASSED
    verification = Verification(
        id=verification_id or new_id(now),
        instrument_id=instrument.id,
        body_id=verifier.unit_id,
        kind=kind,
        result=result,
        document_no=document_no,
        mark_no=mark_no or None,
        done_on=done_on,
        valid_until=_last_day(instrument.kind, done_on, until) if passed else None,
        entered_by=verifier.id,
        entered_at=now,
    )
    file_away(session, verification)
    if not _is_followed(session, verification):
        status = InstrumentStatus.IN_USE if passed else InstrumentStatus.STOPPED
        registry.set_status(session, instrument, status, done_on, now)
    return verification


def _last_day(kind: str, done_on: date, told: date | None) -> date | None:
    """Return the earlier of the day that the document names and the rules' own; None: neither is known."""
    period = rules_on(done_on).period(kind)
    allowed = valid_until(done_on, period.months) if period else None
    return min((day for day in (allowed, told) if day is not None), default=None)


def _is_followed(session: Session, verification: Verification) -> bool:
    """Say whether a later verification of the instrument was entered before this one."""
    later = select(Verification.id).where(
        Verification.instrument_id == verification.instrument_id, Verification.done_on > verification.done_on
    )
    return session.scalar(later.limit(1)) is not None


def file_away(session: Session, verification: Verification) -> None:
    """Keep a verification with its leaf, and let it settle what was suspected of the instrument."""
    session.add(verification)
    session.flush()
    log(session, verification)
    _settle(session, verification, verification.entered_at)
    campaigns.finish_verifications(session, verification.instrument_id)
    public.changed(session, verification.instrument_id)


def settle_late(session: Session, instrument_id: str, suspected_on: date, now: datetime) -> bool:
    """Settle a suspicion whose record came after its verification was entered; False: there was none after that day."""
    query = select(Verification).where(
        Verification.instrument_id == instrument_id,
        Verification.done_on > suspected_on,
        Verification.entered_at <= now,
        Verification.import_id.is_(None),
    )
    verification = session.scalars(query.order_by(Verification.done_on, Verification.id)).first()
    if verification is None:
        return False
    _settle(session, verification, now)
    return True


def _settle(session: Session, verification: Verification, now: datetime) -> None:
    passed = verification.result == VerificationResult.PASSED
    document = findings.Document(verification.id, verification.document_no, passed, verification.done_on)
    findings.settle(session, verification.instrument_id, document, now=now)


def log(session: Session, verification: Verification) -> None:
    """Put a verification into the append-only log."""
    stands_for = _decision(verification)
    audit.record_decision(session, ref_id=verification.id, at=verification.entered_at, stands_for=stands_for)


def decisions(session: Session, ids: list[str]) -> dict[str, bytes]:
    """Return what the leaves of some verifications stand for."""
    found = session.execute(select(Verification.__table__).where(Verification.id.in_(ids)))
    return {row.id: _decision(row) for row in found}


def decided(session: Session) -> set[str]:
    """Return the ids of all verifications that were entered: each has a leaf of its own."""
    return set(session.scalars(select(Verification.id).where(Verification.import_id.is_(None))))


def entered_since(session: Session, instrument_ids: list[str], since: datetime) -> set[str]:
    """Return which instruments a verification was entered for at some moment or later; an import enters none."""
    query = select(Verification.instrument_id).where(
        Verification.instrument_id.in_(instrument_ids),
        Verification.entered_at >= since,
        Verification.import_id.is_(None),
    )
    return set(session.scalars(query.distinct()))


def region_of_verification(session: Session, verification_id: str) -> str | None:
    """Return the region of the instrument that a verification is about; None when there is no such verification."""
    verification = session.get(Verification, verification_id)
    return registry.region_of_instrument(session, verification.instrument_id) if verification else None


def verification_in(session: Session, scope: Scope, verification_id: str) -> Verification | None:
    """Return a verification by its id; None when there is none of an instrument of the scope."""
    instrument = registry.Instrument
    query = select(Verification).join(instrument, instrument.id == Verification.instrument_id)
    return session.scalar(query.where(Verification.id == verification_id, scope.of(instrument.region)))


def _refuse_used_number(session: Session, body_id: str, document_no: str) -> None:
    lock_numbers()
    used = select(Verification.id).where(Verification.body_id == body_id, Verification.document_no == document_no)
    if session.scalar(used):
        raise AlreadyThere(what=document_no)


def _decision(verification: Verification | Row[Any]) -> bytes:
    fields = ("id", "instrument_id", "body_id", "kind", "result", "document_no", "entered_by")
    text = {name: str(getattr(verification, name)) for name in fields} | {"done_on": str(verification.done_on)}
    if verification.mark_no is not None:  # the leaves of those without one stand for what they always did
        text["mark_no"] = verification.mark_no
    return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
