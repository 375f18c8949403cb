"""Public copies: which picture everyone sees in place of an original. The original itself is never touched or shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from server.database import lock_numbers
from server.evidence.models import PublicCopy
from server.evidence.pictures import Rectangle, public_copy
from server.evidence.store import Store
from server.problems import NotFound

BATCH = 500


def publish(
    session: Session,
    store: Store,
    sha256: str,
    *,
    blurred: Sequence[Rectangle] = (),
    made_by: str | None = None,
    now: datetime,
) -> str:
    """Make the public copy of an original, with faces and plates blurred, and return the copy's SHA-256.

    It takes the place of the copy before it; raises NotFound, NoPicture or BadRectangle. The caller commits, and says
    of which instruments the public record must follow.
    """
    copy_sha256 = make_copy(store, sha256, blurred)
    keep_copy(session, sha256, copy_sha256, blurred=blurred, made_by=made_by, now=now)
    return copy_sha256


def make_copy(store: Store, sha256: str, blurred: Sequence[Rectangle] = ()) -> str:
    """Make and store a copy without saying that it holds: the slow part, for which nothing is locked."""
    original = store.get(sha256)
    if original is None:
        raise NotFound
    return store.put(public_copy(original, blurred))


def keep_copy(
    session: Session,
    sha256: str,
    copy_sha256: str,
    *,
    blurred: Sequence[Rectangle] = (),
    made_by: str | None = None,
    now: datetime,
) -> None:
    """Say which copy of an original everyone sees from now on."""
    lock_numbers()
    last = session.scalar(select(func.max(PublicCopy.number)).where(PublicCopy.sha256 == sha256))
    session.add(
        PublicCopy(
            sha256=sha256,
            number=(last or 0) + 1,
            copy_sha256=copy_sha256,
            blurred=json.dumps([astuple(rectangle) for rectangle in blurred]),
            made_by=made_by,
            made_at=now,
        )
    )
    session.flush()


def hidden_in(session: Session, sha256: str) -> list[Rectangle]:
    """Return what is hidden in the copy that holds today."""
    last = select(PublicCopy.blurred).where(PublicCopy.sha256 == sha256).order_by(PublicCopy.number.desc()).limit(1)
    text = session.scalar(last)
    return [Rectangle(*row) for row in json.loads(text)] if text else []


def publish_drawn(session: Session, sha256s: Iterable[str], now: datetime) -> None:
    """Say of pictures that we drew ourselves that they are their own copies: they were made from pixels alone."""
    drawn: dict[str, Any] = {"blurred": "[]", "made_by": None, "made_at": now}
    rows = [{"sha256": name, "number": 1, "copy_sha256": name} | drawn for name in dict.fromkeys(sha256s)]
    if rows:
        session.execute(insert(PublicCopy).execution_options(render_nulls=True), rows)


def public_copies(session: Session, sha256s: Iterable[str | None]) -> dict[str, str]:
    """Return the copy that holds today for each original that has one."""
    wanted = sorted({name for name in sha256s if name})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        query = select(PublicCopy.sha256, PublicCopy.copy_sha256).order_by(PublicCopy.number)
        rows = session.execute(query.where(PublicCopy.sha256.in_(wanted[start : start + BATCH])))
        found |= {row.sha256: row.copy_sha256 for row in rows}
    return found
