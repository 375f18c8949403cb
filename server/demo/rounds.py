"""Which unit walked through which place on which day, for which cause: at most one walk a day for each unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from server.demo.dice import pick, workday
from server.demo.draft import Draft
from server.demo.register import Place, Unit
from shared.words import Cause, PlaceKind, UnitKind

# How many days ago a place of each kind was visited; moved by a few days for each place.
AGES: dict[PlaceKind, tuple[int, ...]] = {
    PlaceKind.MARKET: (700, 560, 430, 300, 200, 105, 17),
    PlaceKind.SUPERMARKET: (600, 330, 150, 40),
    PlaceKind.RESTAURANT: (520, 260, 60),
    PlaceKind.FILLING_STATION: (240,),
    PlaceKind.OPTICIAN: (200,),
}
JITTER_DAYS = 12
CAUSES = (
    (Cause.ROUTINE, 50),
    (Cause.RANDOM, 20),
    (Cause.CAMPAIGN, 15),
    (Cause.FOLLOW_UP, 6),
    (Cause.COMPLAINT, 4),
    (Cause.ASSIGNED, 3),
    (Cause.JOINT, 2),
)


@dataclass(frozen=True)
class Round:
    """One walk that was planned."""

    place: Place
    day: date
    unit: Unit
    cause: Cause


def draw_rounds(draft: Draft) -> list[Round]:
    """Return the walks of two years, oldest first."""
    rng, taken = draft.dice.stream("rounds"), set[tuple[str, date]]()
    rounds = [_round(draft, rng, place, age, taken) for place in draft.places for age in AGES[place.kind]]
    return sorted(rounds, key=lambda walk: (walk.day, walk.unit.id))


def _round(draft: Draft, rng: Random, place: Place, age: int, taken: set[tuple[str, date]]) -> Round:
    cause = pick(rng, CAUSES)
    unit = rng.choice(units_for(draft, place.region, is_campaign=cause is Cause.CAMPAIGN))
    day = workday(draft.dice.ago(age + rng.randint(-JITTER_DAYS, JITTER_DAYS)))
    while (unit.id, day) in taken:
        day = workday(day - timedelta(days=1))
    taken.add((unit.id, day))
    return Round(place, day, unit, cause)


def units_for(draft: Draft, region: str, *, is_campaign: bool) -> list[Unit]:
    """Return the units that inspect in a region: its branch and offices, for campaigns the city's team."""
    kinds = (UnitKind.TEAM,) if is_campaign else (UnitKind.BRANCH, UnitKind.OFFICE)
    return [unit for unit in draft.units if unit.kind in kinds and region.startswith(unit.regions)]
