"""Who was inspected in which walk and what came of it, so that the grades come out as in a well-run city.

Each party is drawn towards the grade that is furthest behind its share, folded by ``shared.credit`` as the server will
fold it, and drawn again a few times when it missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import TypeVar

from server.demo.chances import Chance, Outcome, Planned, grade_of
from server.demo.draft import Draft
from server.demo.register import Custody
from shared.credit import Grade
from shared.dates import civil_day
from shared.rules import Rules, rules_on

SHARES = {Grade.EXCELLENT: 0.65, Grade.GOOD: 0.25, Grade.FAIR: 0.08, Grade.IMPROVE: 0.02}
SHARE_UNRATED = 0.05
TRIES = 12
MOST_SCALES_OF_A_PARTY = 4
MOST_CHECKS_OF_A_WALK = 40
OPEN_WITHIN_DAYS, SETTLED_AFTER_DAYS = 21, 18

CLEAN_WITHIN_DAYS = 340

T = TypeVar("T")


def draw_plans(draft: Draft, found: dict[str, list[Chance]], spared: str) -> list[Planned]:
    """Return the checks of all parties; ``spared`` was found clean in each walk of the last year."""
    dice = draft.dice
    planner = Planner(dice.stream("plans"), rules_on(dice.as_of))
    pledged_on = {pledge.party_id: civil_day(pledge.signed_at) for pledge in draft.pledges}
    recent = [chance for chance in found[spared] if chance.day >= dice.ago(CLEAN_WITHIN_DAYS)]
    plans = planner.plan_clean(recent)
    party_ids = [party_id for party_id in found if party_id != spared]
    dice.stream("order of parties").shuffle(party_ids)
    for party_id in party_ids:
        plans += planner.plan(found[party_id], pledged_on.get(party_id))
    return plans


class Planner:
    """Draws the plans of all parties and keeps count of grades and of checks in each walk."""

    def __init__(self, rng: Random, rules: Rules) -> None:
        self._rng, self._rules = rng, rules
        self._grades: Counter[Grade] = Counter()
        self._checks: Counter[int] = Counter()

    def plan(self, chances: Sequence[Chance], pledged_on: date | None) -> list[Planned]:
        """Return the checks of one party."""
        free = [chance for chance in chances if self._has_room(chance)]
        is_rated = self._rng.random() >= SHARE_UNRATED
        plan, grade = self._towards(self._target(), free, pledged_on) if is_rated else (self._once(free), Grade.UNRATED)
        self._grades[grade] += 1
        self._checks.update(planned.walk for planned in plan)
        return plan

    def plan_clean(self, chances: Sequence[Chance]) -> list[Planned]:
        """Return a clean check for every chance."""
        plan = [self._planned(chance, custody) for chance in chances for custody in chance.custodies]
        self._checks.update(planned.walk for planned in plan)
        return plan

    def _has_room(self, chance: Chance) -> bool:
        return self._checks[chance.walk] + min(len(chance.custodies), MOST_SCALES_OF_A_PARTY) <= MOST_CHECKS_OF_A_WALK

    def _target(self) -> Grade:
        rated = sum(self._grades[grade] for grade in SHARES) + 1
        return max(SHARES, key=lambda grade: SHARES[grade] * rated - self._grades[grade])

    def _towards(
        self, target: Grade, chances: Sequence[Chance], pledged_on: date | None
    ) -> tuple[list[Planned], Grade]:
        for _ in range(TRIES):
            plan = self._draw(target, chances)
            grade = grade_of(plan, pledged_on, self._rules)
            if grade is target:
                break
        return plan, grade

    def _once(self, chances: Sequence[Chance]) -> list[Planned]:
        return [self._planned(chance, self._rng.choice(chance.custodies)) for chance in self._some(chances, 1)]

    def _draw(self, target: Grade, chances: Sequence[Chance]) -> list[Planned]:
        """Return one try: how many walks were attended and how often limits were passed depend on the target."""
        count = len(chances)
        least, most, confirmed = {
            Grade.EXCELLENT: (2, max(3, count - 2), 0),
            Grade.GOOD: self._rng.choice(((2, 2, 0), (3, count, 1))),
            Grade.FAIR: (2, 4, 1),
            Grade.IMPROVE: (2, 4, 2),
        }[target]
        attended = self._some(chances, self._rng.randint(least, max(least, most)))
        plan = [self._planned(chance, custody) for chance in attended for custody in self._scales(chance)]
        return self._spoil(plan, attended, confirmed)

    def _spoil(self, plan: list[Planned], attended: Sequence[Chance], confirmed: int) -> list[Planned]:
        """Turn some clean checks into others: ``confirmed`` of them, and now and then one of another outcome."""
        steady = {chance.walk: chance.steady for chance in attended}
        fit = [place for place, planned in enumerate(plan) if planned.custody.id in steady[planned.walk]]
        settled = [place for place in fit if self._age(plan[place]) >= SETTLED_AFTER_DAYS]
        spoiled = dict.fromkeys(self._some(settled, confirmed), Outcome.CONFIRMED)
        for place, planned in enumerate(plan):
            spoiled.setdefault(place, self._side_outcome(planned, place in fit))
        return [Planned(p.walk, p.day, p.custody, spoiled[place]) for place, p in enumerate(plan)]

    def _side_outcome(self, planned: Planned, is_fit: bool) -> Outcome:
        chance, age = self._rng.random(), self._age(planned)
        if is_fit and age <= OPEN_WITHIN_DAYS and chance < 0.06:
            return Outcome.OPEN
        if is_fit and age >= SETTLED_AFTER_DAYS and chance < 0.006:
            return Outcome.WITHDRAWN
        return Outcome.UNSURE if chance > 0.988 else Outcome.CLEAN

    def _scales(self, chance: Chance) -> list[Custody]:
        return self._some(chance.custodies, MOST_SCALES_OF_A_PARTY)

    def _some(self, items: Sequence[T], count: int) -> list[T]:
        places = sorted(self._rng.sample(range(len(items)), min(count, len(items))))
        return [items[place] for place in places]

    def _age(self, planned: Planned) -> int:
        return (self._rules.day - planned.day).days

    @staticmethod
    def _planned(chance: Chance, custody: Custody) -> Planned:
        return Planned(chance.walk, chance.day, custody, Outcome.CLEAN)
