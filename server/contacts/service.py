"""How people can be reached: numbers kept encrypted, found by a keyed hash, and never opened without an act.

A number's blind index is made with a key derived from the data key that seals the number: both change together when
``dingpan contacts rotate`` seals it anew, and until then a number is looked up under every key there is.
"""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from server import privacy
from server.administration import service as administration
from server.clock import new_id
from server.contacts.models import Contact
from server.contacts.numbers import NotANumber, normalised

__all__ = [
    "NotANumber",
    "forget",
    "is_kept",
    "keep_number",
    "normalised",
    "number_index",
    "number_indexes",
    "number_of",
    "own_number",
    "person_of_number",
]

PERSON, PARTY, PHONE = "person", "party", "phone"
COLUMN = "contact.sealed"


def _key() -> bytes:
    key: bytes = current_app.extensions["dingpan"].settings.data_key
    return key


def number_index(number: str) -> str:
    """Return the keyed hash of a number under the current data key, in hex; raises NotANumber."""
    return number_indexes(number)[0]


def number_indexes(number: str) -> list[str]:
    """Return the keyed hash of a number under each data key, the current first; raises NotANumber."""
    return privacy.blind_indexes(_key(), normalised(number))


def person_of_number(session: Session, number: str) -> str | None:
    """Return the id of the person who gave a number last; None when nobody did. Raises NotANumber."""
    query = select(Contact.owner_id).where(Contact.blind_index.in_(number_indexes(number)))
    query = query.where(Contact.owner_kind == PERSON, Contact.kind == PHONE)
    return session.scalar(query.order_by(Contact.made_at.desc(), Contact.id.desc()).limit(1))


def keep_number(session: Session, *, owner: tuple[str, str], number: str, now: datetime) -> None:
    """Keep the one number of a person or party instead of the one before; raises NotANumber."""
    plain, key, id_ = normalised(number), privacy.data_key(_key()), new_id(now)
    forget(session, owner)
    about = {"owner_kind": owner[0], "owner_id": owner[1], "kind": PHONE, "key_id": key.id, "made_at": now}
    sealed = privacy.seal_text(key, plain, row_id=id_, column=COLUMN)
    session.add(Contact(id=id_, sealed=sealed, blind_index=number_index(plain), **about))
    session.flush()


def number_of(session: Session, owner: tuple[str, str], *, by: str, now: datetime) -> str | None:
    """Return the number of a person or party, or None; that it was read is an act of the transaction."""
    number = own_number(session, owner)
    if number is not None:
        administration.record(session, administration.ActKind.DATA_READ, by=by, about=owner, now=now, what=PHONE)
    return number


def own_number(session: Session, owner: tuple[str, str]) -> str | None:
    """Return a number to its owner, whose reading it is no act; and to an export, which is an act itself."""
    found = session.scalar(_of(owner).order_by(Contact.made_at.desc(), Contact.id.desc()).limit(1))
    return privacy.open_text(_key(), found.sealed, row_id=found.id, column=COLUMN) if found else None


def is_kept(session: Session, owner: tuple[str, str]) -> bool:
    """Say whether there is a number of a person or party; none is opened for it."""
    return session.scalar(_of(owner).with_only_columns(Contact.id).limit(1)) is not None


def forget(session: Session, owner: tuple[str, str]) -> int:
    """Delete every number of a person or party; return how many there were."""
    ids = list(session.scalars(_of(owner).with_only_columns(Contact.id)))
    session.execute(delete(Contact).where(Contact.id.in_(ids)))
    return len(ids)


def _of(owner: tuple[str, str]) -> Select[Contact]:
    return select(Contact).where(Contact.owner_kind == owner[0], Contact.owner_id == owner[1], Contact.kind == PHONE)
