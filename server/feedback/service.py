"""Keeping feedback, and reading it at the desk of the region where the instrument stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.clock import new_id
from server.feedback.models import LONGEST, Feedback
from server.registry import service as registry

__all__ = ["LONGEST", "Feedback"]


def keep(session: Session, *, serial: int, instrument_id: str, text: str, now: datetime) -> Feedback:
    """Keep what somebody wrote."""
    row = Feedback(id=new_id(now), serial=serial, instrument_id=instrument_id, text=text, made_at=now)
    session.add(row)
    return row


def within(session: Session, scope: Scope, *, first: int, count: int) -> list[Feedback]:
    """Return feedback of a scope: what nobody read yet before the rest, the newest first."""
    query = _within(scope).order_by(Feedback.read_at.is_not(None), Feedback.made_at.desc(), Feedback.id.desc())
    return list(session.scalars(query.offset(first).limit(count)))


def unread(session: Session, scope: Scope) -> int:
    """Return how many nobody read yet."""
    query = _within(scope).where(Feedback.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def one_within(session: Session, scope: Scope, feedback_id: str) -> Feedback | None:
    """Return one by its id, locked; None when there is none in the scope."""
    return session.scalar(_within(scope).where(Feedback.id == feedback_id).with_for_update(of=Feedback))


def _within(scope: Scope) -> Select[Feedback]:
    theirs = Feedback.instrument_id == registry.Instrument.id
    return select(Feedback).join(registry.Instrument, theirs).where(scope.of(registry.Instrument.region))
