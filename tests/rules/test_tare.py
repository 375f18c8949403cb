"""Tare: each package's own or a mean, and when a mean is not good enough."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.amounts import Amount, Unit
from shared.conclusion import Code
from shared.prepackages import Package
from shared.rules import rules_on
from shared.sentences import ground_sentence
from shared.tare import net_by_mean, net_of_each
from shared.texts import LANGUAGES, load
from tests.builders import todays_rules

RULES = todays_rules()
SALT = Package(Amount(500_000, Unit.MASS))
LIGHT, HEAVY = [50_000] * 10, [50_001] * 10
GROSS = [560_000, 540_000]


def test_each_package_loses_its_own_tare() -> None:
    assert net_of_each(SALT, [510_000, 520_000, 9], [10_000, 30_000, 9]) == (500_000, 490_000, 0)
    assert net_of_each(SALT, [], []) == ()


def test_a_tenth_of_the_mark_is_the_edge_up_to_which_ten_tares_do() -> None:
    net = net_by_mean(SALT, GROSS, LIGHT, RULES)
    assert net.contents == (510_000, 490_000)
    with pytest.raises(errors.TooFewTares) as caught:
        net_by_mean(SALT, GROSS, HEAVY, RULES)
    assert caught.value.values == {"count": 10, "wanted": 25}
    just_above = [50_000] * 9 + [50_001]
    with pytest.raises(errors.TooFewTares):
        net_by_mean(SALT, GROSS, just_above, RULES)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_fewer_than_ten_tares_have_no_mean(count: int) -> None:
    with pytest.raises(errors.TooFewTares) as caught:
        net_by_mean(SALT, GROSS, [10_000] * count, RULES)
    assert caught.value.values == {"count": count, "wanted": 10}


def test_heavy_wrapping_wants_25_tares_that_differ_by_little() -> None:
    with pytest.raises(errors.TooFewTares):
        net_by_mean(SALT, GROSS, [60_000] * 24, RULES)
    assert net_by_mean(SALT, GROSS, [60_000] * 25, RULES).contents == (500_000, 480_000)


def test_a_quarter_of_t_is_the_edge_of_how_far_heavy_tares_may_spread() -> None:
    edge = [60_000] * 3 + [63_750 + 0] * 12 + [56_250] * 12  # 24 x 3750^2 / 26 is below 3750^2
    assert net_by_mean(SALT, GROSS, edge, RULES).contents == (500_000, 480_000)
    on_the_edge = [60_000] + [63_750] * 12 + [56_250] * 12  # 24 x 3750^2 / 24: s = 3750 = T / 4
    assert net_by_mean(SALT, GROSS, on_the_edge, RULES).contents == (500_000, 480_000)
    above = [60_000] + [63_751] * 12 + [56_249] * 12
    with pytest.raises(errors.TareVaries):
        net_by_mean(SALT, GROSS, above, RULES)


def test_light_tares_may_differ_as_they_like() -> None:
    tares = [1_000] * 5 + [90_000] * 5
    assert net_by_mean(SALT, GROSS, tares, RULES).contents == (514_500, 494_500)


@given(st.lists(st.integers(0, 90_000), min_size=10, max_size=12))
def test_a_mean_is_exact(tares: list[int]) -> None:
    package = Package(Amount(1_000_000, Unit.MASS))
    net = net_by_mean(package, [1_000_000], tares, RULES)
    assert net.contents == (1_000_000 - Fraction(sum(tares), len(tares)),)
    assert net_by_mean(package, [1_000_000], tares[::-1], RULES) == net


def test_a_mean_tare_is_never_confirmed() -> None:
    ground = net_by_mean(SALT, GROSS, LIGHT, RULES).ground
    assert ground.outcome is Code.WITHIN
    assert not ground.is_confirmed
    told = {ground_sentence(load(language), ground) for language in LANGUAGES}
    assert "每件扣平均皮重 50 克，由 10 个皮重算出" in told
    assert not any("{" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("gross", "tares", "error"),
    [
        ([510_000], [], errors.TaresDiffer),
        ([], [10_000], errors.TaresDiffer),
        ([-1], [0], errors.NegativeContent),
        ([1], [-1], errors.NegativeContent),
        ([9], [10], errors.TareAboveGross),
    ],
)
def test_what_cannot_be_taken_off_is_refused(gross: list[int], tares: list[int], error: type[errors.RuleError]) -> None:
    with pytest.raises(error):
        net_of_each(SALT, gross, tares)


@pytest.mark.parametrize(
    ("gross", "tares", "error"),
    [
        ([-1], LIGHT, errors.NegativeContent),
        ([1], [-1] * 10, errors.NegativeContent),
        ([49_999], LIGHT, errors.TareAboveGross),
    ],
)
def test_what_a_mean_cannot_be_taken_off_is_refused(
    gross: list[int], tares: list[int], error: type[errors.RuleError]
) -> None:
    with pytest.raises(error):
        net_by_mean(SALT, gross, tares, RULES)


@pytest.mark.parametrize("kind", [Unit.VOLUME, Unit.LENGTH, Unit.AREA, Unit.COUNT])
def test_only_mass_has_a_tare(kind: Unit) -> None:
    package = Package(Amount(500_000, kind))
    with pytest.raises(errors.TareWithoutMass):
        net_of_each(package, [1], [1])
    with pytest.raises(errors.TareWithoutMass):
        net_by_mean(package, [1], LIGHT, RULES)


def test_drained_weight_and_days_without_a_rule_are_refused() -> None:
    with pytest.raises(errors.DrainedWeight):
        net_of_each(Package(SALT.marked, is_drained=True), [1], [1])
    with pytest.raises(errors.NoRule):
        net_by_mean(SALT, GROSS, LIGHT, rules_on(date(2005, 12, 31)))
