"""The draw of a sample: the same for everybody, and every package as likely as any other."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors, sampling
from shared.sampling import draw_sample
from tests.rules.tables import rows

SEEDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40)


@pytest.mark.parametrize("row", rows("prepackage_samples"), ids=lambda row: f"{row['lot']} {row['seed']}")
def test_the_fixed_samples(row: dict[str, str]) -> None:
    taken = tuple(int(number) for number in row["taken"].split())
    assert draw_sample(int(row["lot"]), int(row["n"]), row["seed"]) == taken


@given(st.integers(1, 400), st.data(), SEEDS)
def test_a_sample_has_its_size_and_no_package_twice(lot: int, data: st.DataObject, seed: str) -> None:
    n = data.draw(st.integers(1, lot))
    taken = draw_sample(lot, n, seed)
    assert len(taken) == len(set(taken)) == n
    assert list(taken) == sorted(taken)
    assert 1 <= taken[0] <= taken[-1] <= lot
    assert draw_sample(lot, n, seed) == taken


def test_a_whole_lot_is_taken_whole() -> None:
    assert draw_sample(10, 10, "any") == tuple(range(1, 11))


def test_every_package_is_as_likely_as_any_other() -> None:
    times, lot, n = 4_000, 7, 3
    found = Counter(number for seed in range(times) for number in draw_sample(lot, n, f"seed {seed}"))
    mean = times * n / lot
    chi_square = sum((found[number] - mean) ** 2 / mean for number in range(1, lot + 1))
    assert set(found) == set(range(1, lot + 1))
    assert chi_square < 22.5, "0.1 % of fair draws are above, with 6 degrees of freedom"


def test_every_pair_is_drawn() -> None:
    pairs = Counter(draw_sample(5, 2, f"{seed}") for seed in range(2_000))
    assert len(pairs) == 10
    assert min(pairs.values()) > 130


def test_a_number_above_the_last_fair_multiple_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = (1 << 64) - 1  # 2^64 is 2 mod 7 and 16 mod 20: the last few numbers would favour the first packages
    numbers = {0: largest, 1: largest - 1, 2: largest - 2, 3: 0}
    monkeypatch.setattr(sampling, "_number", lambda lot, n, seed, counter: numbers[counter])
    assert draw_sample(7, 1, "a") == (7,)
    numbers[2] = largest
    assert draw_sample(7, 1, "a") == (1,)


def test_another_seed_lot_or_size_is_another_draw() -> None:
    drawn = draw_sample(1000, 10, "seed")
    others = [draw_sample(1000, 10, "seed1"), draw_sample(1001, 10, "seed"), draw_sample(1000, 11, "seed")]
    assert all(not set(drawn) <= set(other) for other in others)


@pytest.mark.parametrize(
    ("lot", "n", "seed", "error"),
    [
        (0, 1, "a", errors.BadLotSize),
        (-1, 1, "a", errors.BadLotSize),
        (1_000_000_001, 1, "a", errors.BadLotSize),
        (10, 0, "a", errors.BadSampleSize),
        (10, -1, "a", errors.BadSampleSize),
        (10, 11, "a", errors.BadSampleSize),
        (1_000_000, 10_001, "a", errors.BadSampleSize),
        (10, 1, "", errors.BadSeed),
        (10, 1, " a", errors.BadSeed),
        (10, 1, "a ", errors.BadSeed),
        (10, 1, "a\nb", errors.BadSeed),
        (10, 1, "a\0b", errors.BadSeed),
        (10, 1, "\ud800", errors.BadSeed),
        (10, 1, "x" * 201, errors.BadSeed),
    ],
)
def test_what_cannot_be_drawn_is_refused(lot: int, n: int, seed: str, error: type[errors.RuleError]) -> None:
    with pytest.raises(error) as caught:
        draw_sample(lot, n, seed)
    assert str(caught.value.values["text"]).isprintable()


def test_the_longest_seed_and_the_largest_lot_are_taken() -> None:
    assert len(draw_sample(1_000_000_000, 3, "x" * 200)) == 3
