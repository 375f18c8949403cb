"""The integrity score: a fold over a party's credit events, every point explained.

An event starts ``provisional`` or ``confirmed``; a later entry that names it confirms or voids it, nothing is ever
changed in place. Later is by day, then by id, so that the fold does not depend on the order of reading. Only confirmed
events move the score. A term weighs in full for some days and then fades evenly to nothing; integers throughout,
thousandths of a point, rounded towards zero. Figures: ``rules/cn/credit.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from shared.errors import NoRule
from shared.rules import Rules
from shared.rules.rows import CreditGrade, CreditPolicy, CreditTerm


class State(StrEnum):
    """Where a credit event stands."""

    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"
    VOID = "void"


class Grade(StrEnum):
    """The grade of a score; UNRATED until there were enough checks."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    IMPROVE = "improve"
    UNRATED = "unrated"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. ``settles`` None opens an event; else it confirms or voids the event of that id."""

    id: str
    code: str
    state: State
    happened_on: date
    settles: str | None = None


@dataclass(frozen=True)
class Term:
    """One event as it weighs on a day: ``points`` now, ``full_points`` at first, nothing from ``fades_on``.

    Provisional terms carry the points they would have and do not count; void ones carry none.
    """

    id: str
    code: str
    state: State
    happened_on: date
    full_points: int
    points: int
    fades_on: date
    document: str
    clause: str


@dataclass(frozen=True)
class Score:
    """A score in thousandths of a point, its grade and all its terms, newest first."""

    points: int
    grade: Grade
    start: int
    terms: tuple[Term, ...]
    as_of: date
    ruleset: str

    @property
    def provisional(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.state is State.PROVISIONAL)


def score(entries: Iterable[Entry], checked_on: Iterable[date], rules: Rules) -> Score:
    """Fold a ledger into the score of ``rules.day``.

    ``checked_on`` are the days of the party's checks; fewer than the policy asks for leave it unrated. Raises NoRule
    for an event that no rule of the day weighs.
    """
    policy = rules.one_of(CreditPolicy)
    weights = {row.code: row for row in rules.all_of(CreditTerm)}
    settled = _settled(entries)
    unknown = next((entry.code for entry, _ in settled if entry.code not in weights), None)
    if unknown:
        raise NoRule(what=unknown, day=rules.day.isoformat())
    terms = _capped([_term(entry, state, weights[entry.code], rules.day) for entry, state in settled], weights)
    moved = sum(term.points for term in terms if term.state is State.CONFIRMED)
    points = min(max(policy.start + moved, policy.lowest), policy.highest)
    recent = [day for day in checked_on if 0 <= (rules.day - day).days < policy.checks_within_days]
    grade = _grade(points, rules) if len(recent) >= policy.min_checks else Grade.UNRATED
    return Score(points, grade, policy.start, tuple(terms), rules.day, rules.ruleset)


def most_that_weigh(rules: Rules) -> int:
    """Return how many new terms fill the bound of any good kind; where none is bounded, 0."""
    bounded = [row for row in rules.all_of(CreditTerm) if row.at_most]
    return max((-(-row.at_most // row.points) for row in bounded), default=0)


def filled(scored: Score, rules: Rules) -> set[str]:
    """Return the codes whose bound a score reached: a term older than its own would add nothing."""
    sums: dict[str, int] = {}
    for term in scored.terms:
        if term.state is State.CONFIRMED:
            sums[term.code] = sums.get(term.code, 0) + term.points
    return {row.code for row in rules.all_of(CreditTerm) if row.at_most and sums.get(row.code) == row.at_most}


def objection_until(provisional_on: date, policy: CreditPolicy) -> date:
    """Return the last day on which a provisional term may be objected to, inclusive; natural days."""
    return provisional_on + timedelta(days=policy.objection_days)


def _settled(entries: Iterable[Entry]) -> list[tuple[Entry, State]]:
    ordered = sorted(entries, key=lambda entry: (entry.happened_on, entry.id))
    final = {entry.settles: entry.state for entry in ordered if entry.settles}
    return [(entry, final.get(entry.id, entry.state)) for entry in reversed(ordered) if not entry.settles]


def _term(entry: Entry, state: State, weight: CreditTerm, day: date) -> Term:
    age_days = max(0, (day - entry.happened_on).days)
    points = 0 if state is State.VOID else faded(weight.points, age_days, weight.full_days, weight.fades_days)
    fades_on = entry.happened_on + timedelta(days=weight.fades_days)
    return Term(
        entry.id,
        entry.code,
        state,
        entry.happened_on,
        weight.points,
        points,
        fades_on,
        weight.document,
        weight.clause,
    )


def faded(points: int, age_days: int, full_days: int, fades_days: int) -> int:
    """Return what is left of some points at an age, rounded towards zero.

    >>> [faded(-18000, age, 180, 730) for age in (0, 180, 455, 729, 730)]
    [-18000, -18000, -9000, -32, 0]
    """
    if age_days <= full_days:
        return points
    left = max(0, fades_days - age_days) * abs(points) // (fades_days - full_days)
    return left if points > 0 else -left


def _capped(terms: list[Term], weights: dict[str, CreditTerm]) -> list[Term]:
    used: dict[str, int] = {}
    capped = []
    for term in terms:
        at_most = weights[term.code].at_most
        if at_most and term.state is State.CONFIRMED:
            points = min(term.points, at_most - used.get(term.code, 0))
            used[term.code] = used.get(term.code, 0) + points
            capped.append(term if points == term.points else replace(term, points=points))
        else:
            capped.append(term)
    return capped


def _grade(points: int, rules: Rules) -> Grade:
    bounds = {row.grade: row.at_least for row in rules.all_of(CreditGrade)}
    return Grade(max((at_least, grade) for grade, at_least in bounds.items() if points >= at_least)[1])
