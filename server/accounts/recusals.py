"""Recusal (回避): parties that an officer must not inspect.

Source: 中华人民共和国行政处罚法 (2021), article 43: whoever has a direct interest, or another relation that may bear on
the fairness of the act, stands back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.accounts.models import Person, Recusal
from server.bulk import among
from server.clock import new_id


class Relation(StrEnum):
    """Why somebody stands back; each has its words in the catalogues under ``relation.``."""

    RELATIVE = "relative"
    INTEREST = "interest"
    FORMER_EMPLOYMENT = "former_employment"
    OTHER = "other"


def tell_recusal(
    session: Session, person: Person, party_id: str, relation: str, *, told_by: str, now: datetime
) -> Recusal | None:
    """Add a relation; None when the same one is known already."""
    same = select(Recusal).where(Recusal.person_id == person.id, Recusal.party_id == party_id)
    if session.scalar(same.where(Recusal.relation == relation, Recusal.ended_at.is_(None)).limit(1)):
        return None
    about = {"person_id": person.id, "party_id": party_id, "relation": relation, "told_by": told_by, "told_at": now}
    recusal = Recusal(id=new_id(now), **about)
    session.add(recusal)
    return recusal


def recusals_of(session: Session, people: Iterable[str]) -> list[Recusal]:
    """Return the relations of some people that hold today, the newest first."""
    query = select(Recusal).where(Recusal.person_id.in_(set(people)), Recusal.ended_at.is_(None))
    return list(session.scalars(query.order_by(Recusal.told_at.desc(), Recusal.id)))


def recusals_between(session: Session, people: Iterable[str], parties: Iterable[str]) -> list[Recusal]:
    """Return the relations between some people and some parties, ended ones too."""
    query = select(Recusal).where(
        among(session, Recusal.person_id, set(people)), among(session, Recusal.party_id, set(parties))
    )
    return list(session.scalars(query))


def recused_parties(session: Session, people: Iterable[str], parties: Iterable[str], since: datetime) -> set[str]:
    """Return from which of some parties one of some people stood back at a moment or later."""
    held = or_(Recusal.ended_at.is_(None), Recusal.ended_at > since)
    query = select(Recusal.party_id).where(Recusal.person_id.in_(set(people)), Recusal.party_id.in_(set(parties)), held)
    return set(session.scalars(query))
