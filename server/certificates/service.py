"""Verifications: entered with the number of their document, they settle what a field test suspected."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.accounts.service import Person, Scope, Unit
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


@dataclass(frozen=True)
class Dated:
    """A verification as others need it, with the name of its body."""

    result: str
    document_no: str
    done_on: date
    valid_until: date | None
    body_name: str


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
) -> Verification:
    """Record a verification; raises AlreadyThere when the body has used the number before.

    A failed one confirms the open findings about the instrument, a passed one withdraws them. One that was done before
    another changes nothing of how the instrument stands today.
    """
    if not verifier.unit_id:
        raise AssertionError("a verifier belongs to a verification body")
    registry.hold(session, instrument)
    _refuse_used_number(session, verifier.unit_id, document_no)
    period = rules_on(done_on).period(instrument.kind)
    passed = result is VerificationResult.PASSED
    verification = Verification(
        id=new_id(now),
        instrument_id=instrument.id,
        body_id=verifier.unit_id,
        kind=kind,
        result=result,
        document_no=document_no,
        done_on=done_on,
        valid_until=valid_until(done_on, period.months) if passed and period else None,
        entered_by=verifier.id,
        entered_at=now,
    )
    file_away(session, verification)
    if not _is_followed(session, verification):
        status = InstrumentStatus.IN_USE if passed else InstrumentStatus.STOPPED
        registry.set_status(session, instrument, status, done_on, now)
    return verification


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
    return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
