"""Case groups and what is sealed to them: who reported something, readable with the group's passphrase alone.

A reading is committed as an act before anybody sees the text, and a wrong passphrase is counted before it is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import transaction
from server.accounts import service as accounts
from server.administration import service as administration
from server.clock import new_id
from server.contacts import sealing
from server.contacts.models import CaseGroup, SealedContact
from server.contacts.problems import PassphraseLocked, WeakPassphrase, WrongPassphrase
from server.database import begin_write
from server.problems import NotFound
from server.rate_store import DatabaseStorage

SHORTEST_PASSPHRASE = 12
MOST_WRONG, COUNTED_FOR_S = 5, 15 * 60
KEPT_FOR = timedelta(days=365)


def create(
    session: Session, *, name: str, unit_id: str, passphrase: str, now: datetime, by: str | None = None
) -> CaseGroup:
    """Return a new group of a unit; its passphrase is kept nowhere. Raises WeakPassphrase and NotFound."""
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise WeakPassphrase(count=SHORTEST_PASSPHRASE)
    if session.get(accounts.Unit, unit_id) is None:
        raise NotFound
    id_ = new_id(now)
    public, wrapped = sealing.new_pair(id_, passphrase)
    begin_write()
    group = CaseGroup(id=id_, name=name, unit_id=unit_id, public=public, wrapped=wrapped, made_at=now)
    session.add(group)
    kind = administration.ActKind.CASE_GROUP_MADE
    administration.record(session, kind, by=by, about=("case_group", id_), now=now)
    transaction.commit(session, now)
    return group


def end(session: Session, group_id: str, *, now: datetime, by: str | None = None) -> None:
    """Seal nothing more to a group; what was sealed stays readable until its day. Raises NotFound."""
    begin_write()
    group = session.get(CaseGroup, group_id, with_for_update=True)
    if group is None or group.ended_at is not None:
        raise NotFound
    group.ended_at = now
    kind = administration.ActKind.CASE_GROUP_ENDED
    administration.record(session, kind, by=by, about=("case_group", group_id), now=now)
    transaction.commit(session, now)


def all_of(session: Session) -> list[CaseGroup]:
    """Return every group, the oldest first."""
    return list(session.scalars(select(CaseGroup).order_by(CaseGroup.made_at, CaseGroup.id)))


def seal(
    session: Session,
    group: CaseGroup,
    about: tuple[str, str],
    fields: Mapping[str, str],
    now: datetime,
    *,
    kept_for: timedelta = KEPT_FOR,
) -> str:
    """Keep who reported something and how to reach them, sealed; return the id. Part of the caller's transaction."""
    if group.ended_at is not None:
        raise NotFound
    id_, text = new_id(now), json.dumps(dict(fields), ensure_ascii=False).encode()
    kept = SealedContact(id=id_, group_id=group.id, about_kind=about[0], about_id=about[1], delete_at=now + kept_for)
    kept.sealed = sealing.seal(group.public, text, _place(kept))
    session.add(kept)
    return id_


def open_contact(
    session: Session, sealed_id: str, passphrase: str, *, by: str, why: str, now: datetime
) -> dict[str, str]:
    """Return what was sealed, after the act of reading it is in the log.

    ``why`` is a word, such as the number of a case, and no personal data. Raises NotFound, for a person of another
    unit as well; WrongPassphrase; PassphraseLocked.
    """
    kept = session.get(SealedContact, sealed_id)
    group = session.get(CaseGroup, kept.group_id) if kept else None
    if kept is None or group is None or kept.delete_at <= now or not _may_read(session, group, by):
        raise NotFound
    private = _unlocked(group, passphrase)
    text = sealing.open_sealed(private, kept.sealed, _place(kept))
    begin_write()
    kind = administration.ActKind.DATA_READ
    about = (kept.about_kind, kept.about_id)
    administration.record(session, kind, by=by, about=about, now=now, what="sealed_contact", id=sealed_id, why=why)
    transaction.commit(session, now)
    fields: dict[str, str] = json.loads(text)
    return fields


def _may_read(session: Session, group: CaseGroup, person_id: str) -> bool:
    person = session.get(accounts.Person, person_id)
    if person is None or person.is_suspended or person.approved_at is None:
        return False
    return person.unit_id == group.unit_id


def _unlocked(group: CaseGroup, passphrase: str) -> bytes:
    """Return the group's private half; a wrong passphrase is counted, whether or not the request goes on."""
    counts, wrong, locked = DatabaseStorage(), f"case group {group.id}", f"case group {group.id} locked"
    if counts.get(locked):
        raise PassphraseLocked
    try:
        return sealing.unwrap(group.id, group.wrapped, passphrase)
    except sealing.NotOpened as error:
        if counts.incr(wrong, COUNTED_FOR_S) >= MOST_WRONG:
            counts.incr(locked, COUNTED_FOR_S)
            counts.clear(wrong)
        raise WrongPassphrase from error


def _place(kept: SealedContact) -> bytes:
    return "\0".join((kept.id, kept.group_id, kept.about_kind, kept.about_id)).encode()
