"""Public copies: which picture everyone sees in place of an original. The original itself is never touched or shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.clock import new_id
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

    It takes the place of the copy before it; raises NotFound, NoPicture or BadRectangle. The caller commits.
    """
    original = store.get(sha256)
    if original is None:
        raise NotFound
    copy_sha256 = store.put(public_copy(original, blurred))
    session.add(
        PublicCopy(
            id=new_id(now),
            sha256=sha256,
            copy_sha256=copy_sha256,
            blurred=json.dumps([astuple(rectangle) for rectangle in blurred]),
            made_by=made_by,
            made_at=now,
        )
    )
    session.flush()
    return copy_sha256


def publish_drawn(session: Session, sha256s: Iterable[str], now: datetime) -> None:
    """Say of pictures that we drew ourselves that they are their own copies: they were made from pixels alone."""
    drawn: dict[str, Any] = {"blurred": "[]", "made_by": None, "made_at": now}
    rows = [{"id": new_id(now), "sha256": name, "copy_sha256": name} | drawn for name in dict.fromkeys(sha256s)]
    if rows:
        session.execute(insert(PublicCopy).execution_options(render_nulls=True), rows)


def public_copies(session: Session, sha256s: Iterable[str | None]) -> dict[str, str]:
    """Return the copy that holds today for each original that has one."""
    wanted = sorted({name for name in sha256s if name})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        query = select(PublicCopy.sha256, PublicCopy.copy_sha256).order_by(PublicCopy.made_at, PublicCopy.id)
        rows = session.execute(query.where(PublicCopy.sha256.in_(wanted[start : start + BATCH])))
        found |= {row.sha256: row.copy_sha256 for row in rows}
    return found
