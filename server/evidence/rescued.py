"""A photo that comes in a rescue package: checked and kept as the last chunk of an upload is."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import transaction
from server.database import begin_write
from server.evidence import in_place
from server.evidence.models import NamedFile
from server.evidence.store import Store
from server.evidence.uploads import arrived, refusal_of


class Came(StrEnum):
    """What became of such a photo: KEPT now, or THERE before; UNNAMED by any record that is here; REFUSED."""

    KEPT = "kept"
    THERE = "there"
    UNNAMED = "unnamed"
    REFUSED = "refused"


def keep(session: Session, store: Store, record_id: str, sha256: str, content: bytes, now: datetime) -> Came:
    """Keep a photo for the record that came with it, if that record names it; other records gain nothing by it."""
    query = select(NamedFile.bytes, NamedFile.received_at)
    named = session.execute(query.where(NamedFile.record_id == record_id, NamedFile.sha256 == sha256)).all()
    is_shown = in_place.shown_by(session, record_id, sha256) is not None
    session.rollback()  # nothing is held while the file is decoded and written
    if len(content) not in {row.bytes for row in named}:
        return Came.UNNAMED
    if all(row.received_at for row in named):
        return Came.THERE
    if refusal_of(content, sha256) is not None:
        return Came.REFUSED
    store.put(content)
    copy = in_place.copy_for(store, sha256) if is_shown else None
    begin_write()
    arrived(session, record_id, sha256, copy, now)
    transaction.commit(session, now)
    return Came.KEPT
