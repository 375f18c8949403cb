"""Which loads to test a scale with, out of the weights that are carried.

Wanted are Min, every load at which the limit changes, about half of Max, and Max (OIML R 76-1:2006, A.4.4.1, from
memory); of the carried weights the heaviest load that does not pass each of them is proposed, and further ones until a
field test can conclude something.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> kit = [5_000_000, 2_000_000, 2_000_000, 1_000_000, 500_000, 200_000, 100_000]
>>> [(load.load_mg, load.why.value) for load in propose_loads(scale, kit, rules_on(date(2026, 11, 21)))]
[(100000, 'least'), (2500000, 'limit_changes'), (7500000, 'half'), (10000000, 'limit_changes'), (10800000, 'most')]
>>> propose_loads(scale, [], rules_on(date(2026, 11, 21)))
[]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import TooManyWeights
from shared.rules import Rules
from shared.scales import Scale, bands_of
from shared.verdict import loads_wanted

MOST_WEIGHTS = 24


class Why(StrEnum):
    """What a test load is for."""

    LEAST = "least"
    LIMIT_CHANGES = "limit_changes"
    HALF = "half"
    MOST = "most"
    BETWEEN = "between"


@dataclass(frozen=True)
class Proposal:
    """A load to lay on, the weights that make it up (heaviest first), and what it is for."""

    load_mg: int
    weights_mg: tuple[int, ...]
    why: Why


def wanted_loads(scale: Scale, rules: Rules) -> list[tuple[int, Why]]:
    """Return the loads one would test with if every weight were at hand, lightest first. Min 0 counts as no load."""
    loads = {scale.max_mg: Why.MOST, scale.max_mg // 2: Why.HALF, scale.min_mg: Why.LEAST}
    loads = dict.fromkeys(_edges(scale, rules), Why.LIMIT_CHANGES) | loads
    return sorted((load, why) for load, why in loads.items() if 0 < load <= scale.max_mg)


def _edges(scale: Scale, rules: Rules) -> Iterator[int]:
    below = 0
    for part in scale.parts:
        for band in bands_of(scale.accuracy_class, rules):
            edge = band.up_to_e * part.e_mg
            if below < edge < part.max_mg:
                yield edge
        below = part.max_mg
        yield part.max_mg


def propose_loads(scale: Scale, carried_mg: Sequence[int], rules: Rules) -> list[Proposal]:
    """Propose loads from the weights carried, lightest first, each load once; none where no weight fits.

    Raises TooManyWeights beyond 24 weights: one person does not carry them.
    """
    if len(carried_mg) > MOST_WEIGHTS:
        raise TooManyWeights(count=len(carried_mg), most=MOST_WEIGHTS)
    sums = _sums(sorted((mg for mg in carried_mg if mg > 0), reverse=True), scale.max_mg)
    found: dict[int, Why] = {}
    for wanted, why in wanted_loads(scale, rules):
        reachable = [load for load in sums if scale.min_mg <= load <= wanted]
        if reachable:
            found.setdefault(max(reachable), why)
    _fill(found, [load for load in sums if load >= scale.min_mg], loads_wanted(rules))
    return [Proposal(load, sums[load], why) for load, why in sorted(found.items())]


def _fill(found: dict[int, Why], sums: Iterable[int], wanted: int) -> None:
    """Add the reachable load farthest from those found, until there are enough or no more."""
    rest = sorted(set(sums) - set(found))
    while len(found) < wanted and rest:
        farthest = max(rest, key=lambda load: (min(abs(load - other) for other in found), load))
        found[farthest] = Why.BETWEEN
        rest.remove(farthest)


def _sums(weights: Sequence[int], most: int) -> dict[int, tuple[int, ...]]:
    """Return every load some weights make up, with the fewest weights that do."""
    sums: dict[int, tuple[int, ...]] = {0: ()}
    for weight in weights:
        for load, made_of in list(sums.items()):
            total = load + weight
            if total <= most and (total not in sums or len(sums[total]) > len(made_of) + 1):
                sums[total] = (*made_of, weight)
    del sums[0]
    return sums
