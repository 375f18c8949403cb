"""Recording acts: each is a row that is never changed, and a leaf of the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import g, has_request_context
from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from server.administration.models import Act
from server.audit import service as audit
from server.clock import new_id

__all__ = ["Act"]

READ_RECORDED = "read_recorded"


class ActKind(StrEnum):
    """What can be done to people, phones and personal data; each has its words in the catalogues under ``act.``."""

    PERSON_ENTERED = "person_entered"
    PERSON_APPROVED = "person_approved"
    PERSON_SUSPENDED = "person_suspended"
    PERSON_RESTORED = "person_restored"
    PERSON_JOINED = "person_joined"
    CARD_RENEWED = "card_renewed"
    INVITED_AGAIN = "invited_again"
    SIGN_INS_ENDED = "sign_ins_ended"
    UNLOCKED = "unlocked"
    RECUSAL_TOLD = "recusal_told"
    RECUSAL_ENDED = "recusal_ended"
    DEVICE_SUSPENDED = "device_suspended"
    DEVICE_RESTORED = "device_restored"
    DEVICE_ASKED = "device_asked"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a word, no secret
    DATA_READ = "data_read"
    PICTURE_SENT = "picture_sent"
    DATA_EXPORTED = "data_exported"
    DATA_DELETED = "data_deleted"
    DATA_EXPIRED = "data_expired"
    KEY_ROTATED = "key_rotated"
    CASE_GROUP_MADE = "case_group_made"
    CASE_GROUP_ENDED = "case_group_ended"
    MEMBER_INVITED = "member_invited"
    MEMBER_JOINED = "member_joined"
    MEMBER_ENDED = "member_ended"
    VISIT_REVIEWED = "visit_reviewed"
    LABEL_COMPARED = "label_compared"
    REGISTER_IMPORTED = "register_imported"
    REGISTER_IMPORT_UNDONE = "register_import_undone"
    RESCUE_TAKEN_IN = "rescue_taken_in"
    SERVER_RESTORED = "server_restored"


def record(
    session: Session, kind: ActKind, *, by: str | None, about: tuple[str, str], now: datetime, **details: str | int
) -> Act:
    """Add an act; ``about`` is the kind and id of what it was done to. No detail may hold personal data."""
    text = json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    act = Act(id=new_id(now), kind=kind, by_person=by, about_kind=about[0], about_id=about[1], details=text, at=now)
    session.add(act)
    if kind == ActKind.DATA_READ and has_request_context():
        setattr(g, READ_RECORDED, act.id)
    leaf_kind = audit.RESTORE if kind == ActKind.SERVER_RESTORED else audit.DECISION
    audit.record_decision(session, ref_id=act.id, at=now, stands_for=_decision(act), kind=leaf_kind)
    return act


def _decision(act: Act | Row[Any]) -> bytes:
    names = ("id", "kind", "by_person", "about_kind", "about_id", "details")
    text = {name: getattr(act, name) for name in names}
    return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decisions(session: Session, ids: list[str]) -> dict[str, bytes]:
    """Return what the leaves of some acts stand for."""
    found = session.execute(select(Act.__table__).where(Act.id.in_(ids)))
    return {row.id: _decision(row) for row in found}


def decided(session: Session) -> set[str]:
    """Return the ids of all acts: each has a leaf."""
    return set(session.scalars(select(Act.id)))


@dataclass(frozen=True)
class Within:
    """Whose acts, and acts about whom, somebody may see: queries for the ids of people, parties and phones."""

    people: Select[str]
    parties: Select[str]
    devices: Select[str]

    def condition(self) -> ColumnElement[bool]:
        """What the program did by itself to keys, old data and the log concerns every region."""
        of_all = Act.by_person.is_(None) & Act.about_kind.in_(("key", "retention", "log"))
        about = _about("person", self.people) | _about("party", self.parties) | _about("device", self.devices)
        return or_(Act.by_person.in_(self.people), about, of_all)


def _about(kind: str, ids: Select[str]) -> ColumnElement[bool]:
    """Ids are text here and UUIDs there, which one database writes with hyphens and the other without."""
    (id_,) = ids.subquery().c
    plain = select(func.replace(cast(id_, String), "-", ""))
    return and_(Act.about_kind == kind, func.replace(Act.about_id, "-", "").in_(plain))


def acts(session: Session, within: Within, *, kind: str | None, by: str | None, first: int, count: int) -> list[Act]:
    """Return acts from the newest, skipping ``first`` of them. None asks for any."""
    query = select(Act).where(within.condition())
    if kind is not None:
        query = query.where(Act.kind == kind)
    if by is not None:
        query = query.where(Act.by_person == by)
    return list(session.scalars(query.order_by(Act.at.desc(), Act.id.desc()).offset(first).limit(count)))


def is_recorded(session: Session, kind: ActKind, *, by: str, about: tuple[str, str], since: datetime) -> bool:
    """Say whether somebody did such an act to a thing at a moment or later."""
    query = select(Act.id).where(Act.about_kind == about[0], Act.about_id == about[1], Act.kind == kind)
    return session.scalar(query.where(Act.by_person == by, Act.at >= since).limit(1)) is not None


def is_kept(session: Session, act_id: str) -> bool:
    """Say whether an act stands in the database."""
    return session.scalar(select(Act.id).where(Act.id == act_id)) is not None
