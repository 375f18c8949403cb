"""Who is asking: people by name and password, their sign-ins, whose data they may see, and whom they must not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session, object_session

from server.accounts import lockout, second_factor, staff
from server.accounts.browsers import browser_name
from server.accounts.models import Person, Recusal, Role, SignIn, Unit, UnitRegion
from server.accounts.passwords import hash_password, is_breached, is_right, weakness
from server.accounts.recusals import Relation, recusals_between, recusals_of, recused_parties, tell_recusal
from server.accounts.responsible import is_somebodys, may_be_sent, may_be_sent_to, wholly_within
from server.accounts.scope import Scope
from server.accounts.sign_ins import (
    SECOND_FACTOR_LASTS,
    SIGN_IN_LASTS,
    end_sign_in,
    end_sign_ins,
    mark_seen,
    open_sign_in,
    sha256_of,
    sign_in_of_cookie,
    sign_ins_of,
    sign_out,
    wants_seen,
)
from server.problems import WrongSignIn

__all__ = [
    "SECOND_FACTOR_LASTS",
    "SIGN_IN_LASTS",
    "Person",
    "Recusal",
    "Relation",
    "Role",
    "Scope",
    "SignIn",
    "Unit",
    "UnitRegion",
    "browser_name",
    "end_sign_in",
    "end_sign_ins",
    "hash_password",
    "is_breached",
    "is_right",
    "is_somebodys",
    "lockout",
    "mark_seen",
    "may_be_sent",
    "may_be_sent_to",
    "open_sign_in",
    "recusals_between",
    "recusals_of",
    "recused_parties",
    "second_factor",
    "sha256_of",
    "sign_in_of_cookie",
    "sign_ins_of",
    "sign_out",
    "staff",
    "still_let_in",
    "tell_recusal",
    "wants_seen",
    "weakness",
    "wholly_within",
]

_REGIONS = select(UnitRegion.region).where(UnitRegion.unit_id == bindparam("unit_id")).order_by(UnitRegion.region)


def authenticate(session: Session, *, name: str, password: str, is_open: bool = True) -> Person:
    """Return who signs in; raises WrongSignIn, alike for an unknown name, a wrong password and a name that is closed.

    Checking a password is slow on purpose and needs no lock: it belongs before the transaction that writes.
    """
    person = session.scalar(select(Person).where(Person.sign_in_name == name)) if "\0" not in name else None
    is_known = is_right(person.password_hash if person else None, password)
    if not is_known or not is_open or person is None or person.is_suspended or person.approved_at is None:
        raise WrongSignIn
    return person


def staff_named(session: Session, name: str) -> Person | None:
    """Return who may sign in by a name; None for nobody."""
    found = session.scalar(select(Person).where(Person.sign_in_name == name))
    return None if found is None or found.is_suspended or found.approved_at is None else found


def scope_of(person: Person) -> Scope:
    """Return the regions a person's unit is responsible for; none for a merchant."""
    session = cast(Session, object_session(person))  # whoever is asked about was read in one
    return Scope(tuple(session.scalars(_REGIONS, {"unit_id": person.unit_id})))


def colleagues(session: Session, person: Person) -> list[Person]:
    """Return the people of a person's unit who may take part in a visit, in order of name."""
    roles = (Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR)
    query = select(Person).where(Person.unit_id == person.unit_id, Person.role.in_(roles), ~Person.is_suspended)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def staff_within(scope: Scope) -> Select[str]:
    """Return the query for the ids of those whose unit is responsible for a region of a scope, suspended or not."""
    return select(Person.id).where(Person.unit_id.in_(_units(scope)))


def everybody_within(session: Session, scope: Scope) -> list[Person]:
    """Return the staff whose unit is responsible for a region of a scope, also who is suspended or not let in yet."""
    query = select(Person).where(Person.unit_id.in_(_units(scope)), Person.role != Role.MERCHANT)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def person_within(session: Session, scope: Scope, person_id: str) -> Person | None:
    """Return somebody of the staff by id; None when their unit is responsible for anything beyond the scope."""
    query = select(Person).where(Person.id == person_id, Person.unit_id.in_(_whole_units(scope)))
    return session.scalar(query)


def recusal_within(session: Session, scope: Scope, recusal_id: str) -> Recusal | None:
    """Return a relation of somebody of the staff of a scope by its id; None when there is none there."""
    query = select(Recusal).join(Person, Person.id == Recusal.person_id)
    return session.scalar(query.where(Recusal.id == recusal_id, Person.unit_id.in_(_units(scope))))


def units_within(session: Session, scope: Scope) -> list[Unit]:
    """Return the units that are responsible for nothing beyond a scope, in order of name."""
    return list(session.scalars(select(Unit).where(Unit.id.in_(_whole_units(scope))).order_by(Unit.name, Unit.id)))


def staff_of(session: Session, scope: Scope) -> list[Person]:
    """Return everybody of those units, whoever looks after people there may act upon."""
    query = select(Person).where(Person.unit_id.in_(_whole_units(scope)))
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def _whole_units(scope: Scope) -> Select[str]:
    """A unit that reaches beyond a scope is looked after by whoever is responsible for all of it."""
    own, inside = UnitRegion.unit_id == Unit.id, scope.of(UnitRegion.region)
    return select(Unit.id).where(exists().where(own, inside), ~exists().where(own, ~inside))


def _units(scope: Scope) -> Select[str]:
    return select(UnitRegion.unit_id).where(scope.of(UnitRegion.region))


def by_sign_in_name(session: Session, name: str) -> Person | None:
    """Return somebody of the staff by the name they sign in with."""
    return session.scalar(select(Person).where(Person.sign_in_name == name))


def cards_until(session: Session, ids: Iterable[str]) -> dict[str, date | None]:
    """Return the last day of the enforcement card of each of some people; None: it does not run out."""
    query = select(Person.id, Person.card_until).where(Person.id.in_(set(ids)))
    return {row.id: row.card_until for row in session.execute(query)}


def still_let_in(session: Session, person_id: str, verified: str | None) -> Person | None:
    """Return a person whose password was just compared, locked; None when it is another by now, or they are shut out.

    Comparing needs no transaction and takes its time: an administrator may have been quicker.
    """
    person = second_factor.held(session, person_id)
    return None if person.is_suspended or person.password_hash != verified else person


def change_password(session: Session, person: Person, hashed: str, *, but: str) -> None:
    """Give somebody who is held another password, and end every sign-in but one."""
    person.password_hash = hashed
    end_sign_ins(session, person.id, but=but)


def names_of(session: Session, ids: Iterable[str | None]) -> dict[str | None, str]:
    """Return the names of some people."""
    wanted = {id_ for id_ in ids if id_}
    found: dict[str | None, str] = {}
    for id_, name in session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))):
        found[id_] = name
    return found


def unit_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of some units."""
    query = select(Unit.id, Unit.name).where(Unit.id.in_(set(ids)))
    return dict(session.execute(query).all())
