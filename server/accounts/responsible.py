"""The staff of a scope: who may be sent where, and whose work may be read."""

from __future__ import annotations

from sqlalchemy import Select, exists, literal, select
from sqlalchemy.orm import Session

from server.accounts.models import Person, Role, UnitRegion
from server.accounts.scope import Scope

FIELD_ROLES = (Role.INSPECTOR, Role.VERIFIER, Role.SUPERVISOR)


def may_be_sent(session: Session, scope: Scope) -> list[Person]:
    """Return who of the field staff is responsible for a region of a scope, in order of name."""
    units = select(UnitRegion.unit_id).where(scope.of(UnitRegion.region))
    return list(session.scalars(_field_staff(units).order_by(Person.name, Person.id)))


def may_be_sent_to(session: Session, scope: Scope, person_id: str, region: str) -> Person | None:
    """Return one of the field staff of a scope whose unit is responsible for a region; None when it is not."""
    here = literal(region).startswith(UnitRegion.region)
    units = select(UnitRegion.unit_id).where(scope.of(UnitRegion.region), here)
    return session.scalar(_field_staff(units).where(Person.id == person_id))


def is_somebodys(session: Session, region: str) -> bool:
    """Say whether any unit is responsible for a region."""
    here = select(UnitRegion.unit_id).where(literal(region).startswith(UnitRegion.region))
    return session.scalar(here.limit(1)) is not None


def wholly_within(session: Session, scope: Scope) -> list[Person]:
    """Return the staff whose units are responsible for nothing beyond a scope: all that they send may be read there."""
    unit, inside = UnitRegion.unit_id == Person.unit_id, scope.of(UnitRegion.region)
    within, beyond = exists().where(unit, inside), exists().where(unit, ~inside)
    return list(session.scalars(select(Person).where(within, ~beyond).order_by(Person.name, Person.id)))


def _field_staff(units: Select[str]) -> Select[Person]:
    return select(Person).where(Person.unit_id.in_(units), Person.role.in_(FIELD_ROLES), ~Person.is_suspended)
