"""The photo of a label in place, once it has come, is the picture that shows its instrument.

Everyone sees a copy rebuilt from pixels, as of any picture. A photo of a label that the instrument no longer bears, or
of one that was doubtful, stays evidence and shows nothing.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.evidence.copies import keep_copy, make_copy, public_copies
from server.evidence.models import NamedFile
from server.evidence.problems import NoPicture
from server.evidence.store import Store
from server.problems import NotFound
from server.public import service as public
from server.registry import service as registry
from server.seals import service as seals
from shared.wire.evidence import Kind

log = structlog.get_logger(__name__)


def shown_by(session: Session, record_id: str, sha256: str) -> str | None:
    """Return the instrument that a file of a record shows from now on; None when it shows none."""
    query = select(NamedFile.about_id, NamedFile.op_id).where(
        NamedFile.record_id == record_id, NamedFile.sha256 == sha256, NamedFile.kind == Kind.LABEL_IN_PLACE
    )
    for instrument_id, op_id in session.execute(query):
        if seals.binding_that_holds(session, instrument_id) == op_id:
            return str(instrument_id)
    return None


def copy_for(store: Store, sha256: str) -> str | None:
    """Make and store the public copy of a picture that is in the store: the slow part, for which nothing is locked.

    None when it cannot be shown to everyone: it is logged, and staff alone see the picture.
    """
    try:
        return make_copy(store, sha256)
    except (NotFound, NoPicture) as problem:
        log.warning("no_public_copy", sha256=sha256, problem=problem.slug)
        return None


def show(session: Session, instrument_id: str, sha256: str, copy_sha256: str | None, now: datetime) -> None:
    """Say that a picture shows an instrument. A copy that is there already stays: somebody may have hidden a face."""
    if copy_sha256 is not None and not public_copies(session, [sha256]):
        keep_copy(session, sha256, copy_sha256, now=now)
    registry.show_photo(session, session.get_one(registry.Instrument, instrument_id), sha256)
    public.changed(session, instrument_id)
