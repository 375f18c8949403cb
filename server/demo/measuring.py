"""Field tests: sensible loads, and readings as a scale in that state would show them.

Loads are of the 1-2-5 series from about a thirtieth of Max, and Max itself, as a set of class M1 weights gives them.
"""

from __future__ import annotations

from random import Random

from server.demo.chances import BEYOND, Outcome
from server.demo.dice import pick
from shared.rules import Rules
from shared.scales import Scale, permissible_error
from shared.verdict import Reading

SERIES_MG = tuple(figure * 10**power for power in range(4, 9) for figure in (1, 2, 5))
SMALLEST_PART = 30
HOW_MANY = ((3, 50), (4, 30), (5, 20))
SHARE_FOR_THE_SELLER = 0.8


def loads_mg(rng: Random, scale: Scale) -> list[int]:
    """Return three to five different loads, lightest first, one of them at least a third of Max."""
    least = max(scale.min_mg, scale.max_mg // SMALLEST_PART)
    fit = [mass for mass in SERIES_MG if least <= mass <= scale.max_mg and mass % scale.e_mg == 0]
    fit = sorted({*fit, scale.max_mg})
    heavy = rng.choice([mass for mass in fit if 3 * mass >= scale.max_mg])
    others = [mass for mass in fit if mass != heavy]
    return sorted([heavy, *rng.sample(others, min(pick(rng, HOW_MANY), len(fit)) - 1)])


def readings(rng: Random, scale: Scale, outcome: Outcome, rules: Rules) -> tuple[Reading, ...]:
    """Return the readings of a check; an unsure one has three of only two loads."""
    loads = loads_mg(rng, scale)
    if outcome is Outcome.UNSURE:
        light, heavy = loads[0], loads[-1]
        return tuple(_steady(rng, scale, load) for load in (light, heavy, heavy))
    if outcome not in BEYOND:
        return tuple(_steady(rng, scale, load) for load in loads)
    sign = 1 if rng.random() < SHARE_FOR_THE_SELLER else -1
    wrong = loads[-2:]
    return tuple(
        _wrong(rng, scale, load, sign, rules) if load in wrong else _steady(rng, scale, load) for load in loads
    )


def _steady(rng: Random, scale: Scale, load: int) -> Reading:
    return Reading(load, load + pick(rng, ((0, 70), (1, 20), (-1, 10))) * scale.e_mg)


def _wrong(rng: Random, scale: Scale, load: int, sign: int, rules: Rules) -> Reading:
    limit = permissible_error(scale, load, rules, in_service=True).limit_mg
    return Reading(load, load + sign * (limit + rng.randint(1, 4) * scale.e_mg))
