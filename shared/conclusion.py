"""What a rule concludes: a code, its grounds, the arithmetic, and the ruleset; the same shape for every rule.

A ground compares one value with one limit and names the rows it comes from. Sentences are made when they are shown
(``shared.sentences``). The scale's own verdict stays in ``shared.verdict``: it travels in records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from shared.amounts import Amount
from shared.rules.rows import Row
from shared.verdict import Code, Harmed

__all__ = ["Code", "Conclusion", "Ground", "Harmed", "Step", "are_confirmed", "conclude", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One ground: ``outcome`` is what it says alone, ``code`` names its sentence ``ground.<code>``.

    ``value`` and ``limit`` are None where something is missing rather than measured. ``facts`` are what the sentence
    names beside them. ``is_ruled`` False: no rule holds on the day, or no one rule.
    """

    code: str
    outcome: Code
    value: Amount | None = None
    limit: Amount | None = None
    harmed: Harmed = Harmed.NOBODY
    rows: tuple[Row, ...] = ()
    facts: Mapping[str, Amount | int | str] = field(default_factory=dict)
    is_ruled: bool = True

    @property
    def margin(self) -> Amount | None:
        """How far the value stays within the limit; negative beyond it."""
        if self.value is None or self.limit is None:
            return None
        return Amount(self.limit.exact - abs(self.value.exact), self.limit.unit, self.limit.places)

    @property
    def is_confirmed(self) -> bool:
        """False when a figure used is from memory or unknown: shown as unconfirmed, never as law."""
        return self.is_ruled and are_confirmed(self.rows)

    @property
    def documents(self) -> list[str]:
        """Document, edition and clause of every row, each once."""
        return list(dict.fromkeys(f"{row.document} {row.edition} {row.clause}".strip() for row in self.rows))


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the arithmetic: the sentence ``step.<code>`` with its figures."""

    code: str
    facts: Mapping[str, Amount | int | str]


@dataclass(frozen=True)
class Conclusion:
    """The conclusion with everything it rests on.

    ``rests_on`` are the rows that let it conclude and held nothing back: how many runs, how fine a standard.
    """

    code: Code
    grounds: tuple[Ground, ...]
    ruleset: str
    steps: tuple[Step, ...] = ()
    rests_on: tuple[Row, ...] = ()

    @property
    def is_confirmed(self) -> bool:
        """False when any row it rests on is from memory or unknown, be it named in a ground or not."""
        return are_confirmed(self.rests_on) and all(ground.is_confirmed for ground in self.grounds)

    @property
    def harmed(self) -> Harmed:
        """Who loses by what was found beyond its limit: the buyer first, who is not in the room; else nobody."""
        if self.code is not Code.BEYOND:
            return Harmed.NOBODY
        found = {ground.harmed for ground in self.grounds if ground.outcome is Code.BEYOND}
        return next((who for who in (Harmed.BUYER, Harmed.SELLER) if who in found), Harmed.NOBODY)


def are_confirmed(rows: Iterable[Row]) -> bool:
    """Say whether no row is from memory or unknown."""
    return all(row.confidence.is_confirmed for row in rows)


def undecided(ground: Ground) -> Ground:
    """Return a ground that is told and decides nothing, because the test around it is not complete."""
    return replace(ground, outcome=Code.INDETERMINATE)


def conclude(
    grounds: Iterable[Ground], ruleset: str, steps: Iterable[Step] = (), rests_on: Iterable[Row] = ()
) -> Conclusion:
    """Join grounds: one beyond its limit is beyond, else one in doubt leaves it in doubt; without grounds in doubt.

    The order of grounds never matters for the code.
    """
    every = tuple(grounds)
    outcomes = {ground.outcome for ground in every}
    if Code.BEYOND in outcomes:
        code = Code.BEYOND
    elif Code.INDETERMINATE in outcomes or not every:
        code = Code.INDETERMINATE
    else:
        code = Code.WITHIN
    return Conclusion(code, every, ruleset, tuple(steps), tuple(rests_on))
