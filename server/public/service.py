"""Finished records behind the labels, rebuilt in bulk when something changed and read in one go when somebody scans.

A record holds dated intervals, so that the page computes nothing but "which interval is today in". It names merchants
that have a business number; natural persons and unlicensed growers appear only by their stall.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.public.models import PublicRecord
from shared.words import IdentityKind

__all__ = ["PublicRecord"]

NAMED_IDENTITIES = (IdentityKind.USCC, IdentityKind.OLD_NUMBER)

PENDING = "public_instruments"
PENDING_CHECKED = "public_checked"
PENDING_STOCK = "public_stock"


def changed(session: Session, *instrument_ids: str) -> None:
    """Say that the public record of some instruments must be finished anew at the end of this transaction."""
    session.info.setdefault(PENDING, {}).update(dict.fromkeys(instrument_ids))


def take_pending(session: Session) -> list[str]:
    """Return the instruments whose records must be rebuilt, and clear the list."""
    return list(session.info.pop(PENDING, {}))


def checked(session: Session, days: Iterable[tuple[str, date]]) -> None:
    """Say on which days instruments were tested and nothing was found; nothing else about them changed."""
    pending = session.info.setdefault(PENDING_CHECKED, {})
    for instrument_id, day in days:
        pending.setdefault(instrument_id, set()).add(day)


def take_checked(session: Session) -> dict[str, set[date]]:
    """Return the instruments of whose records only the checks grew, with the days to be added, and clear the list."""
    taken: dict[str, set[date]] = session.info.pop(PENDING_CHECKED, {})
    return taken


def pending_ids(session: Session) -> set[str]:
    """Return every instrument whose records change at the end of this transaction."""
    return {*session.info.get(PENDING, ()), *session.info.get(PENDING_CHECKED, ())}


def stock_changed(session: Session, first: int, last: int) -> None:
    """Say that the labels from one serial to another moved: those on no instrument get their records anew."""
    session.info.setdefault(PENDING_STOCK, []).append((first, last))


def take_pending_stock(session: Session) -> list[tuple[int, int]]:
    """Return the ranges of labels whose records must be rebuilt, and clear the list."""
    return list(session.info.pop(PENDING_STOCK, []))


def find(session: Session, serial: int) -> dict[str, Any] | None:
    """Return the finished record of a label; None when the office never bound or stocked it."""
    body = session.scalar(select(PublicRecord.body).where(PublicRecord.serial == serial))
    record: dict[str, Any] | None = json.loads(body) if body else None
    return record


def instrument_of(session: Session, serial: int) -> str | None:
    """Return the id of the instrument that a label belongs to."""
    return session.scalar(select(PublicRecord.instrument_id).where(PublicRecord.serial == serial))


def has_photo(session: Session, sha256: str) -> bool:
    """Say whether a picture is shown on a label page."""
    query = select(PublicRecord.serial).where(PublicRecord.photo_sha256 == sha256).limit(1)
    return session.scalar(query) is not None


def before(day: date) -> str:
    """Return the day before, as text."""
    return (day - timedelta(days=1)).isoformat()
