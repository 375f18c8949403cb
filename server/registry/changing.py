"""Saying that an instrument changes: its revision, its row in the feed, the history of its status."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from server import feed
from server.clock import new_id
from server.registry.models import Instrument, InstrumentStatusEntry
from shared.words import InstrumentStatus


def set_status(session: Session, instrument: Instrument, status: InstrumentStatus, day: date, now: datetime) -> None:
    """Change an instrument's status and keep the history."""
    if instrument.status == status:
        return
    instrument.status = status
    touch(session, instrument)
    session.add(InstrumentStatusEntry(id=new_id(now), instrument_id=instrument.id, status=status, first_day=day))


def show_photo(session: Session, instrument: Instrument, sha256: str) -> None:
    """Say which picture shows an instrument."""
    if instrument.photo_sha256 != sha256:
        instrument.photo_sha256 = sha256
        touch(session, instrument)


def touch(session: Session, instrument: Instrument) -> None:
    """Say that something about an instrument changed: a new revision, a new row in the feed."""
    instrument.rev = Instrument.rev + 1  # counted by the database: another transaction may be counting too
    feed.changed(session, "instrument", instrument.id)


def hold(session: Session, instrument: Instrument) -> None:
    """Say that an instrument changes, and let nobody else settle anything about it until we commit (PostgreSQL)."""
    touch(session, instrument)
    session.flush()
