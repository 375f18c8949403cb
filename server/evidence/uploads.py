"""Uploads on their way: begun, appended to, finished, expired (tus 1.0.0).

The row of an upload is the truth of how far it has come. A part is written under a name of its own before the row is
locked; only then is the offset compared again and moved. So of two workers that append at once one is too late, and
what it wrote belongs to nobody and is dropped.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from server import transaction
from server.clock import new_id
from server.database import begin_write
from server.evidence import in_place, pictures
from server.evidence.models import NamedFile, Upload, UploadPart
from server.evidence.problems import (
    BadUpload,
    NoPicture,
    NotAsPromised,
    NotNamed,
    TooManyUploads,
    UploadGone,
    WrongOffset,
)
from server.evidence.schemas import Told
from server.evidence.store import Store
from server.problems import NotFound

LASTS = timedelta(days=7)
REMEMBERED = timedelta(days=30)
STRAY_AFTER = timedelta(days=1)
MOST_OPEN = 200
BATCH = 500


class State(StrEnum):
    """How an upload stands."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Sender:
    """Who sends. ``people`` are all who may sign with the phone: one hands it over with photos that are to be sent."""

    person_id: str
    people: tuple[str, ...]


def begin(session: Session, sender: Sender, told: Told, *, text: str, length: int, now: datetime) -> Upload:
    """Begin an upload of a file that a record of the sender's phone names; the record comes first."""
    begin_write()
    named = session.scalars(
        select(NamedFile.bytes).where(
            NamedFile.record_id == told.record,
            NamedFile.sha256 == told.sha256,
            NamedFile.kind == told.kind,
            NamedFile.person_id.in_(sender.people),
        )
    ).first()
    if named is None:
        raise NotNamed
    if named != length:
        raise BadUpload(header="Upload-Length")
    mine = (Upload.person_id == sender.person_id, Upload.state == State.OPEN, Upload.expires_at > now)
    if (session.scalar(select(func.count()).select_from(Upload).where(*mine)) or 0) >= MOST_OPEN:
        raise TooManyUploads
    upload = Upload(
        id=new_id(now),
        person_id=sender.person_id,
        record_id=told.record,
        sha256=told.sha256,
        told=text,
        length=length,
        offset=0,
        state=State.OPEN,
        made_at=now,
        expires_at=now + LASTS,
    )
    session.add(upload)
    transaction.commit(session, now)
    return upload


def find(session: Session, sender: Sender, upload_id: str, now: datetime) -> Upload:
    """Return the sender's upload; raises NotFound, or UploadGone for one that expired or was refused."""
    upload = session.scalar(_own(sender, upload_id))
    if upload is None:
        raise NotFound
    if upload.state in (State.REFUSED, State.EXPIRED) or (upload.state == State.OPEN and upload.expires_at <= now):
        raise UploadGone
    return upload


def _own(sender: Sender, upload_id: str) -> Select[Upload]:
    query = select(Upload).where(Upload.id == upload_id, Upload.person_id == sender.person_id)
    return query.execution_options(populate_existing=True)


def append(
    session: Session, store: Store, sender: Sender, upload_id: str, *, offset: int, content: bytes, now: datetime
) -> Upload:
    """Append a chunk; with the last one the whole file is checked and kept for good.

    Raises WrongOffset; BadUpload for more than was announced; NotAsPromised and NoPicture end the upload.
    """
    upload = find(session, sender, upload_id, now)
    if upload.offset != offset:
        raise WrongOffset
    if offset + len(content) > upload.length:
        raise BadUpload(header="Upload-Length")
    if upload.state == State.DONE or not content:
        return upload
    if offset + len(content) == upload.length:
        return _finish(session, store, sender, upload, content=content, now=now)
    name = str(uuid.uuid4())
    store.put_part(name, content)
    try:
        upload = _locked(session, sender, upload_id, offset, now)
    except WrongOffset:
        store.drop_part(name)
        raise
    session.add(UploadPart(upload_id=upload_id, first_byte=offset, bytes=len(content), name=name))
    upload.offset, upload.expires_at = offset + len(content), now + LASTS
    transaction.commit(session, now)
    return upload


def _locked(session: Session, sender: Sender, upload_id: str, offset: int, now: datetime) -> Upload:
    """Return the upload for us alone until the commit, if it still stands where the chunk begins."""
    begin_write()
    session.scalar(_own(sender, upload_id).with_for_update())
    upload = find(session, sender, upload_id, now)
    if upload.offset != offset:
        raise WrongOffset
    return upload


def _finish(session: Session, store: Store, sender: Sender, upload: Upload, *, content: bytes, now: datetime) -> Upload:
    """Put the parts together, check and keep the file, and only then say that it is here."""
    upload_id, offset, length = upload.id, upload.offset, upload.length
    sha256, record_id = upload.sha256, upload.record_id
    names, is_shown = _parts(session, upload_id), in_place.shown_by(session, record_id, sha256) is not None
    session.rollback()  # nothing is held while the file is read, decoded and written
    whole = b"".join([*(store.get_part(name) or b"" for name in names), content])
    refusal = refusal_of(whole, sha256)
    if refusal is None:
        store.put(whole)
    copy = in_place.copy_for(store, sha256) if is_shown and refusal is None else None
    upload = _locked(session, sender, upload_id, offset, now)
    session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))
    if refusal is None:
        upload.offset, upload.state = length, State.DONE
        arrived(session, record_id, sha256, copy, now)
    else:
        upload.state = State.REFUSED
    transaction.commit(session, now)
    for name in names:
        store.drop_part(name)
    if refusal is not None:
        raise refusal
    return upload


def arrived(session: Session, record_id: str, sha256: str, copy: str | None, now: datetime) -> None:
    """Say that a file is here for a record that names it; ``copy`` is what everyone sees of one that shows a label."""
    theirs = (NamedFile.record_id == record_id, NamedFile.sha256 == sha256)
    session.execute(update(NamedFile).where(*theirs, NamedFile.received_at.is_(None)).values(received_at=now))
    if instrument_id := in_place.shown_by(session, record_id, sha256):
        in_place.show(session, instrument_id, sha256, copy, now)


def refusal_of(whole: bytes, sha256: str) -> NotAsPromised | NoPicture | None:
    """Return why a whole file is not kept; None for a picture that is what its record promised."""
    if hashlib.sha256(whole).hexdigest() != sha256:
        return NotAsPromised()
    try:
        pictures.require_picture(whole)
    except NoPicture as refusal:
        return refusal
    return None


def _parts(session: Session, upload_id: str) -> list[str]:
    query = select(UploadPart.name).where(UploadPart.upload_id == upload_id).order_by(UploadPart.first_byte)
    return list(session.scalars(query))


def remove_stale(session: Session, store: Store, now: datetime) -> int:
    """Remove the parts of uploads that took too long, parts that belong to nobody, and old rows; return how many parts.

    A part that nobody names is left alone for a day: its upload may be about to say that it is there.
    """
    begin_write()
    late = select(Upload.id).where(Upload.state == State.OPEN, Upload.expires_at <= now)
    ids, useless = list(session.scalars(late.with_for_update())), set[str]()
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        useless |= set(session.scalars(select(UploadPart.name).where(UploadPart.upload_id.in_(some))))
        session.execute(delete(UploadPart).where(UploadPart.upload_id.in_(some)))
        session.execute(update(Upload).where(Upload.id.in_(some)).values(state=State.EXPIRED))
    session.execute(delete(Upload).where(Upload.state != State.OPEN, Upload.expires_at <= now - REMEMBERED))
    transaction.commit(session, now)
    kept = set(session.scalars(select(UploadPart.name)))
    session.rollback()
    useless |= {name for name, written_at in store.parts() if name not in kept and written_at <= now - STRAY_AFTER}
    for name in useless:
        store.drop_part(name)
    return len(useless)
