"""Evidence, as the other features use it: naming files, who may see them, public copies, and sending a file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from flask import Flask, Response, current_app, send_file
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.bulk import among, insert_rows
from server.database import begin_write
from server.evidence.copies import hidden_in, keep_copy, make_copy, public_copies, publish, publish_drawn
from server.evidence.models import NamedFile, PublicCopy, UploadPart
from server.evidence.pictures import Rectangle, jpeg, mimetype_of
from server.evidence.problems import BadRectangle, EvidenceDamaged, EvidenceDown, NoPicture
from server.evidence.rescued import Came
from server.evidence.rescued import keep as keep_rescued
from server.evidence.store import Damaged, Store, StoreDown, is_sha256, open_store
from server.evidence.uploads import remove_stale
from server.problems import NotFound
from server.registry import service as registry
from shared.wire.evidence import Kind

__all__ = [
    "BadRectangle",
    "Came",
    "Damaged",
    "NamedFile",
    "Rectangle",
    "Store",
    "StoreDown",
    "hidden_in",
    "is_sha256",
    "jpeg",
    "keep_copy",
    "make_copy",
    "name_files",
    "open_store",
    "public_copies",
    "publish",
    "publish_drawn",
    "remove_stale",
]

log = structlog.get_logger(__name__)

EXTENSION = "dingpan_evidence"
YEAR_S = 31_536_000
# A file as a record names it, with the id of what it is about.
About = tuple[str, Mapping[str, Any]]


def register(app: Flask) -> None:
    """Open the store that the settings name."""
    app.extensions[EXTENSION] = open_store(app.extensions["dingpan"].settings)


def store() -> Store:
    """Return the store of the running app."""
    opened: Store = current_app.extensions[EXTENSION]
    return opened


def files_of_visit(body: Mapping[str, Any]) -> list[About]:
    """Return the files that a visit's record names, each with the check or the inspection that it is about."""
    return [(file["check"] or row["id"], file) for row in body["inspections"] for file in row["evidence"]]


def names_files(session: Session, record_id: str) -> bool:
    """Say whether a record of this id names files."""
    return session.scalar(select(NamedFile.sha256).where(NamedFile.record_id == record_id).limit(1)) is not None


def records_with_files(session: Session, record_ids: Iterable[str]) -> set[str]:
    """Return those of some records that name files."""
    named = among(session, NamedFile.record_id, set(record_ids))
    return set(session.scalars(select(NamedFile.record_id).where(named).distinct()))


def name_files(
    session: Session, files: Iterable[About], *, record_id: str, op_id: str, person_id: str, region: str
) -> None:
    """Keep which files a record names; they have not come yet."""
    about = {"record_id": record_id, "op_id": op_id, "person_id": person_id, "region": region}
    insert_rows(session, NamedFile, rows_of_files(files, **about))


def keep_names(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep the files that many records name, as ``rows_of_files`` tells them."""
    insert_rows(session, NamedFile, rows)


def rows_of_files(
    files: Iterable[About], *, record_id: str, op_id: str, person_id: str, region: str
) -> list[dict[str, Any]]:
    """Return the rows of the files that a record names, in its order."""
    return [
        {
            "record_id": record_id,
            "place_in_list": number,
            "sha256": file["sha256"],
            "bytes": file["bytes"],
            "kind": file["kind"],
            "about_id": about_id,
            "op_id": op_id,
            "person_id": person_id,
            "region": region,
            "received_at": None,
        }
        for number, (about_id, file) in enumerate(files)
    ]


def is_complete(session: Session, record_id: str) -> bool:
    """Say whether every file that a record names has come."""
    missing = select(NamedFile.sha256).where(NamedFile.record_id == record_id, NamedFile.received_at.is_(None))
    return session.scalars(missing.limit(1)).first() is None


def photos_of(session: Session, record_ids: Iterable[str], kind: Kind) -> list[NamedFile]:
    """Return the files of one kind that came for some records, newest first, each file once."""
    query = select(NamedFile).where(NamedFile.record_id.in_(list(record_ids)), NamedFile.kind == kind)
    rows = session.scalars(query.where(NamedFile.received_at.is_not(None)).order_by(NamedFile.received_at.desc()))
    return list({row.sha256: row for row in reversed(rows.all())}.values())[::-1]


def came(session: Session) -> set[str]:
    """Return the names of all files that records name and that have come."""
    return set(session.scalars(select(NamedFile.sha256).where(NamedFile.received_at.is_not(None)).distinct()))


def kept_files(session: Session) -> set[str]:
    """Return the names of all files that rows say are there: evidence that came, and every public copy ever made."""
    return came(session) | set(session.scalars(select(PublicCopy.copy_sha256).distinct()))


def kept_parts(session: Session) -> list[str]:
    """Return the names of the parts of uploads that are on their way."""
    return list(session.scalars(select(UploadPart.name).order_by(UploadPart.name)))


def may_see(session: Session, sha256: str, *, person_id: str, scope: Scope) -> bool:
    """Say whether somebody may see a file: it came for a record of theirs or of their scope, or shows an instrument."""
    theirs = or_(NamedFile.person_id == person_id, scope.of(NamedFile.region))
    came = select(NamedFile.sha256).where(NamedFile.sha256 == sha256, NamedFile.received_at.is_not(None), theirs)
    return session.scalars(came.limit(1)).first() is not None or registry.has_photo(session, sha256, scope)


def send(sha256: str, *, max_age: int = YEAR_S) -> Response:
    """Return the answer that carries a file; raises NotFound, EvidenceDamaged or EvidenceDown."""
    with told():
        content = store().get(sha256)
    if content is None:
        raise NotFound
    return send_file(io.BytesIO(content), mimetype=mimetype_of(content), etag=sha256, max_age=max_age)


@contextmanager
def told() -> Iterator[None]:
    """Tell the troubles of the store as problems."""
    try:
        yield
    except Damaged as error:
        log.error("evidence_damaged", sha256=str(error))
        raise EvidenceDamaged from error
    except StoreDown as error:
        log.error("evidence_down", error=str(error))
        raise EvidenceDown from error


def take_rescued(session: Session, record_id: str, sha256: str, content: bytes, now: datetime) -> Came:
    """Keep a photo of a rescue package for the record that names it; raises EvidenceDamaged or EvidenceDown."""
    with told():
        return keep_rescued(session, store(), record_id, sha256, content, now)


def publish_missing(session: Session, now: datetime) -> list[str]:
    """Make the public copies that pictures of instruments lack; return those instruments. The caller commits.

    A picture that cannot be shown to everyone is logged and left out: nobody sees its original instead.
    """
    shown = registry.photos(session)
    have = public_copies(session, shown.values())
    session.rollback()  # nothing is held while pictures are decoded
    made: dict[str, str] = {}
    for sha256 in sorted(set(shown.values()) - set(have)):
        try:
            with told():
                made[sha256] = make_copy(store(), sha256)
        except (NotFound, NoPicture, EvidenceDamaged) as problem:
            log.warning("no_public_copy", sha256=sha256, problem=problem.slug)
    begin_write()
    for sha256, copy_sha256 in made.items():
        keep_copy(session, sha256, copy_sha256, now=now)
    return [id_ for id_, sha256 in shown.items() if sha256 in made]
