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
from server.inspections.known import Body, Known
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


class Standing:
    """What the list of people tells of those who made some visits: the last day of their cards, and their relations."""

    def __init__(self, session: Session, bodies: Iterable[Body], authors: Iterable[str], known: Known) -> None:
        bodies = list(bodies)
        people = {*authors, *(row["person"] for body in bodies for row in body["participants"])}
        parties = {party for body in bodies for one in body["inspections"] for party in parties_of(one, known)}
        self._until = accounts.cards_until(session, people)
        self._recusals = accounts.recusals_between(session, people, parties) if parties else []

    def of(self, body: Body, known: Known, days: RuleDays, author: str) -> Officers:
        """Say what it tells of those who made one visit."""
        people = {author, *(row["person"] for row in body["participants"])}
        parties = {party for inspection in body["inspections"] for party in parties_of(inspection, known)}
        began = instant(body["started_at"])
        recused = frozenset(
            row.party_id
            for row in self._recusals
            if row.person_id in people and row.party_id in parties and (row.ended_at is None or row.ended_at > began)
        )
        officers = {author, *(row["person"] for row in body["participants"] if row["capacity"] == "officer")}
        ends = [until for person in officers if (until := self._until.get(person))]
        told = (("recused", bool(recused)), ("card_expired", any(until < days.day for until in ends)))
        return Officers(tuple(code for code, is_so in told if is_so), recused)


@dataclass(frozen=True)
class Officers:
    """What is irregular about those who made a record; ``recused_from``: parties that one of them stands back from."""

    irregularities: tuple[str, ...]
    recused_from: frozenset[str]

    def review(self, session: Session, place_id: str, region: str, visit_id: str, now: datetime) -> None:
        """Ask a supervisor to look at the record, where there is something to look at."""
        if self.irregularities:
            about: dict[str, Any] = {"region": region, "place_id": place_id, "subject_id": visit_id, "now": now}
            campaigns.assign(session, kind=TaskKind.REVIEW_VISIT, **about)


def parties_of(inspection: Body, known: Known) -> set[str]:
    """Return whom an inspection is about: the party named, and whoever answers for an instrument of it."""
    named: Iterable[str | None] = (known.responsible(check, inspection) for check in inspection["checks"])
    return {party for party in (inspection["party"], *named) if party}
