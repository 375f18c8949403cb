"""Who made a record, and what the list of people tells against it: it is kept, and a supervisor looks at it.

Source: 中华人民共和国行政处罚法 (2021), articles 42 and 43: officers hold a card, and stand back from whom they are
related to. An honest signed record is never refused for it; a relation keeps it from being counted as a clean check.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.service import Person, Scope, scope_of
from server.campaigns import service as campaigns
from server.inspections.judging import RuleDays, instant
from server.inspections.known import Known
from server.registry import service as registry
from shared.words import TaskKind


@dataclass(frozen=True)
class Context:
    """Who sent a record, and when it came."""

    person: Person
    scope: Scope
    received_at: datetime

    @classmethod
    def of(cls, person: Person, received_at: datetime) -> Context:
        return cls(person, scope_of(person), received_at)


@dataclass(frozen=True)
class Officers:
    """What is irregular about those who made a record; ``recused_from``: parties that one of them stands back from."""

    irregularities: tuple[str, ...]
    recused_from: frozenset[str]

    @classmethod
    def of(cls, session: Session, body: dict[str, Any], known: Known, days: RuleDays, context: Context) -> Officers:
        people = {context.person.id, *(row["person"] for row in body["participants"])}
        parties = {party for inspection in body["inspections"] for party in parties_of(inspection, known)}
        recused = accounts.recused_parties(session, people, parties, instant(body["started_at"]))
        officers = {context.person.id, *(row["person"] for row in body["participants"] if row["capacity"] == "officer")}
        is_expired = accounts.has_expired_card(session, officers, days.day)
        told = (("recused", bool(recused)), ("card_expired", is_expired))
        return cls(tuple(code for code, is_so in told if is_so), frozenset(recused))

    def review(self, session: Session, place: registry.Place, visit_id: str, now: datetime) -> None:
        """Ask a supervisor to look at the record, where there is something to look at."""
        if self.irregularities:
            about: dict[str, Any] = {"region": place.region, "place_id": place.id, "subject_id": visit_id, "now": now}
            campaigns.assign(session, kind=TaskKind.REVIEW_VISIT, **about)


def parties_of(inspection: dict[str, Any], known: Known) -> set[str]:
    """Return whom an inspection is about: the party named, and whoever answers for an instrument of it."""
    named: Iterable[str | None] = (known.responsible(check, inspection) for check in inspection["checks"])
    return {party for party in (inspection["party"], *named) if party}
