"""The photos of an instrument's nameplate, as labelling sent them: originals, for the staff of its scope alone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.evidence import service as evidence
from server.seals import service as seals
from shared.wire.evidence import Kind


def nameplates_of(session: Session, instrument_id: str) -> list[evidence.NamedFile]:
    """Return the photos that came with its registration or with a label that was put on it, newest first."""
    records = [instrument_id, *seals.bindings_of(session, instrument_id)]
    return evidence.photos_of(session, records, Kind.NAMEPLATE)
