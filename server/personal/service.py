"""One person's data: taken along as a file, or deleted as far as the law lets it (PIPL articles 45 and 47).

Both are for whoever acts for a party. Officers' names stand in records that they signed, and stay there. What a
merchant signed in public (pledges) and what an inspection recorded are facts: they stay when an account is closed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, or_, select, update
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.administration import service as administration
from server.contacts import service as contacts
from server.database import Base
from server.memberships import service as memberships
from shared import texts
from shared.dates import instant_text

OUTSIDE = (accounts.Role.MERCHANT, accounts.Role.OPERATOR)
PERSON = "person"

# The sections of an export: table, the column that names the person, and what is told. Secrets are hashes and no use.
SECTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "memberships": ("membership", "person_id", ("party_id", "capacity", "made_at", "ended_at")),
    "delegates_let_in": ("membership", "granted_by", ("party_id", "capacity", "made_at", "ended_at")),
    "invitations_given": ("invitation", "granted_by", ("party_id", "capacity", "expires_at", "used_at")),
    "invitations_accepted": ("field_invitation", "accepted_by", ("party_id", "made_at", "accepted_at")),
    "sign_ins": ("sign_in", "person_id", ("browser", "party_id", "made_at", "seen_at", "expires_at")),
    "phones": ("device_person", "person_id", ("device_id", "enrolled_at", "ended_at")),
    "phone_sign_ins": ("token_family", "person_id", ("device_id", "made_at", "expires_at", "ended_at", "ended_why")),
    "enrolment_codes": ("enrolment_code", "person_id", ("expires_at", "used_at")),
    "staff_invitations": ("staff_invitation", "person_id", ("expires_at", "used_at")),
    "recusals": ("recusal", "person_id", ("party_id", "relation", "told_at", "ended_at")),
    "pledges": (
        "pledge",
        "person_id",
        ("number", "party_id", "text", "signer_name", "strokes", "signed_at"),
    ),
    "uploads": ("upload", "person_id", ("sha256", "length", "state", "made_at", "expires_at")),
}
OWN = ("id", "role", "name", "sign_in_name", "card_no", "card_until", "approved_at", "is_suspended")


class NotTheirs(ValueError):
    """Somebody of the staff: what they signed is the bureau's record."""


def export(session: Session, person_id: str, *, by: str | None, now: datetime) -> dict[str, Any]:
    """Return everything kept about somebody who acts for a party; an act of the transaction.

    Raises NotTheirs, and LookupError for nobody.
    """
    person = _outsider(session, person_id)
    found: dict[str, Any] = {
        "made_at": instant_text(now),
        "person": {name: _plain(getattr(person, name)) for name in OWN},
    }
    found["number"] = contacts.own_number(session, (PERSON, person_id))
    for section, (table, column, names) in SECTIONS.items():
        found[section] = _rows(session, Base.metadata.tables[table], column, person_id, names)
    found["parties"] = _parties(session, found)
    found["acts"] = _acts(session, person_id)
    kind = administration.ActKind.DATA_EXPORTED
    administration.record(session, kind, by=by, about=(PERSON, person_id), now=now, acts=len(found["acts"]))
    return found


def close(session: Session, person_id: str, *, by: str, now: datetime) -> None:
    """Delete what is not a record: contacts, sign-ins, ways in; replace the name. Acts of the transaction.

    Raises NotTheirs, and LookupError for nobody or whoever is gone already.
    """
    person, tables = _outsider(session, person_id), Base.metadata.tables
    if person.name == closed_name():
        raise LookupError(person_id)
    _end_memberships(session, person_id, by=by, now=now)
    numbers = contacts.forget(session, (PERSON, person_id))
    invitation = tables["invitation"]
    session.execute(delete(invitation).where(invitation.c.granted_by == person_id, invitation.c.used_at.is_(None)))
    ended = session.execute(
        delete(accounts.SignIn).where(accounts.SignIn.person_id == person_id).returning(accounts.SignIn.id)
    )
    sign_ins = len(ended.all())
    _end_phones(session, person_id, now)
    person.name, person.is_suspended = closed_name(), True
    person.sign_in_name = person.password_hash = person.totp_sealed = None
    person.card_no, person.card_until = "", None
    kind, about = administration.ActKind.DATA_DELETED, (PERSON, person_id)
    administration.record(session, kind, by=by, about=about, now=now, numbers=numbers, sign_ins=sign_ins)


def closed_name() -> str:
    """Return what stands where the name of somebody stood whose account is closed."""
    return texts.load(texts.DEFAULT, "server")("closing.name")


def _outsider(session: Session, person_id: str) -> accounts.Person:
    person = session.get(accounts.Person, person_id)
    if person is None:
        raise LookupError(person_id)
    if person.role not in OUTSIDE:
        raise NotTheirs(person_id)
    return person


def _end_memberships(session: Session, person_id: str, *, by: str, now: datetime) -> None:
    """End them as the bureau does: with a principal go the delegates and every link not yet used."""
    for membership in memberships.memberships_of(session, person_id):
        memberships.end(session, membership, by=by, now=now)


def _end_phones(session: Session, person_id: str, now: datetime) -> None:
    family, token = Base.metadata.tables["token_family"], Base.metadata.tables["access_token"]
    session.execute(delete(token).where(token.c.person_id == person_id))
    open_ = (family.c.person_id == person_id, family.c.ended_at.is_(None))
    session.execute(update(family).where(*open_).values(ended_at=now, ended_why="closed"))


def _rows(session: Session, table: Table, column: str, person_id: str, names: tuple[str, ...]) -> list[dict[str, Any]]:
    wanted: list[ColumnElement[Any]] = [table.c[name] for name in names]
    found = session.execute(select(*wanted).where(table.c[column] == person_id).order_by(*wanted[:1]))
    return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in found]


def _parties(session: Session, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the names of the parties that the other sections speak of."""
    rows = [row for section in SECTIONS for row in found[section]]
    ids = {row["party_id"] for row in rows if row.get("party_id")}
    party = Base.metadata.tables["party"]
    names = ("id", "name", "identity_kind", "public_code", "region")
    query = select(*(party.c[name] for name in names)).where(party.c.id.in_(ids)).order_by(party.c.id)
    return [dict(zip(names, row, strict=True)) for row in session.execute(query)]


def _acts(session: Session, person_id: str) -> list[dict[str, Any]]:
    """Return what was done to somebody and what they did; who else did it is named by their role alone."""
    act, person = Base.metadata.tables["act"], Base.metadata.tables["person"]
    query = select(
        act.c.kind, act.c.at, act.c.details, act.c.by_person, act.c.about_kind, act.c.about_id, person.c.role
    )
    query = query.outerjoin(person, person.c.id == act.c.by_person).order_by(act.c.at, act.c.id)
    mine = or_(act.c.by_person == person_id, (act.c.about_kind == PERSON) & (act.c.about_id == person_id))
    return [
        {
            "kind": row.kind,
            "at": instant_text(row.at),
            "by": "self" if row.by_person == person_id else row.role or "program",
            "about": "self" if row.about_id == person_id else f"{row.about_kind} {row.about_id}",
            "details": row.details,
        }
        for row in session.execute(query.where(mine))
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, datetime):
        return instant_text(value)
    return value if isinstance(value, str | int | bool | None) else str(value)
