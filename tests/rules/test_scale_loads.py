"""The loads proposed for a scale out of the weights that are carried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.errors import TooManyWeights
from shared.scale_loads import MOST_WEIGHTS, Proposal, Why, propose_loads, wanted_loads
from shared.scales import Part, Scale
from shared.verdict import loads_wanted
from tests.builders import a_scale, todays_rules

RULES = todays_rules()
SCALE = a_scale()
KG, G = 1_000_000, 1_000


def test_each_part_of_a_scale_has_its_own_loads() -> None:
    """Limits change at 500 e and 2000 e of the part in use, and where a part ends."""
    lower = (Part(2 * KG, 1 * G, 1 * G), Part(5 * KG, 2 * G, 2 * G))
    scale = Scale(max_mg=15 * KG, min_mg=20 * G, e_mg=10 * G, d_mg=10 * G, accuracy_class="III", lower=lower)
    assert wanted_loads(scale, RULES) == [
        (20 * G, Why.LEAST),
        (500 * G, Why.LIMIT_CHANGES),
        (2_000 * G, Why.LIMIT_CHANGES),
        (4_000 * G, Why.LIMIT_CHANGES),
        (5_000 * G, Why.LIMIT_CHANGES),
        (7_500 * G, Why.HALF),
        (15_000 * G, Why.MOST),
    ]


def test_a_part_that_ends_where_the_limit_changes_wants_that_load_once() -> None:
    """1 kg ends a part with e = 2 g exactly at its 500 e; with e = 5 g the limit changes at 2.5 kg."""
    scale = replace(SCALE, max_mg=3 * KG, min_mg=40 * G, lower=(Part(1 * KG, 2 * G, 2 * G),))
    assert wanted_loads(scale, RULES) == [
        (40 * G, Why.LEAST),
        (1_000 * G, Why.LIMIT_CHANGES),
        (1_500 * G, Why.HALF),
        (2_500 * G, Why.LIMIT_CHANGES),
        (3_000 * G, Why.MOST),
    ]


def test_half_of_an_odd_max_is_a_whole_milligram_below_it() -> None:
    odd = replace(SCALE, max_mg=2 * KG + 1, min_mg=0)
    loads = [load for load, why in wanted_loads(odd, RULES) if why is Why.HALF]
    assert loads == [1 * KG]
    assert type(loads[0]) is int


def test_min_nothing_is_no_load_and_one_milligram_is() -> None:
    assert Why.LEAST not in dict(wanted_loads(replace(SCALE, min_mg=0), RULES)).values()
    assert wanted_loads(replace(SCALE, min_mg=1), RULES)[0] == (1, Why.LEAST)


def test_one_person_carries_no_more_than_so_many_weights() -> None:
    assert propose_loads(SCALE, [KG] * MOST_WEIGHTS, RULES)
    with pytest.raises(TooManyWeights) as told:
        propose_loads(SCALE, [KG] * (MOST_WEIGHTS + 1), RULES)
    assert told.value.values == {"count": MOST_WEIGHTS + 1, "most": MOST_WEIGHTS}


def test_a_load_is_made_of_the_fewest_weights_heaviest_first() -> None:
    kit = [500 * G, 1 * KG, 500 * G, 2 * KG, 200 * G, 200 * G, 100 * G]
    proposed = {one.load_mg: one for one in propose_loads(SCALE, kit, RULES)}
    assert proposed[2_500 * G] == Proposal(2_500 * G, (2 * KG, 500 * G), Why.LIMIT_CHANGES)
    assert proposed[4_500 * G].weights_mg == (2 * KG, 1 * KG, 500 * G, 500 * G, 200 * G, 200 * G, 100 * G)


@pytest.mark.parametrize(
    ("kit", "made_of"),
    [
        ([2_500, 1_000, 1_000, 1_000, 500], (2_500, 500)),
        ([1_500, 1_000, 1_000, 500, 2_000], (2_000, 1_000)),
        ([1_500, 1_500, 1_000, 1_000, 1_000], (1_500, 1_500)),
        ([2_000, 700, 600, 600, 600, 500, 300], (2_000, 700, 300)),
    ],
)
def test_of_two_ways_to_a_load_the_one_with_fewer_weights_is_taken(kit: list[int], made_of: tuple[int, ...]) -> None:
    scale = replace(SCALE, max_mg=3 * KG)
    proposed = propose_loads(scale, [grams * G for grams in kit], RULES)
    assert proposed[-1].load_mg == 3 * KG
    assert proposed[-1].weights_mg == tuple(grams * G for grams in made_of)


def test_what_weighs_nothing_is_no_weight_and_a_milligram_is() -> None:
    scale = replace(SCALE, max_mg=300, min_mg=1, e_mg=1, d_mg=1)
    assert [one.load_mg for one in propose_loads(scale, [0, -5, 1, 2], RULES)] == [1, 2, 3]


def test_loads_are_added_until_a_field_test_can_conclude_something() -> None:
    """Farthest from those found, the heavier of two equally far; Min itself is a load."""
    scale = replace(SCALE, max_mg=1 * KG, min_mg=100 * G, e_mg=1 * G, d_mg=1 * G)
    assert [(one.load_mg, one.why) for one in propose_loads(scale, [100 * G, 100 * G, 100 * G], RULES)] == [
        (100 * G, Why.LEAST),
        (200 * G, Why.BETWEEN),
        (300 * G, Why.HALF),
    ]
    assert len(propose_loads(scale, [100 * G] * 4, RULES)) == loads_wanted(RULES)
    heavy = replace(SCALE, min_mg=0)
    assert [(one.load_mg, one.why) for one in propose_loads(heavy, [1 * KG, 1 * KG, 500 * G], RULES)] == [
        (500 * G, Why.BETWEEN),
        (1_500 * G, Why.BETWEEN),
        (2_500 * G, Why.LIMIT_CHANGES),
    ]


def test_min_alone_can_be_what_is_added() -> None:
    scale = replace(SCALE, max_mg=1 * KG, min_mg=100 * G, e_mg=10 * G, d_mg=10 * G)
    assert [one.load_mg for one in propose_loads(scale, [100 * G, 400 * G], RULES)] == [100 * G, 400 * G, 500 * G]
