"""Copied labels: an honest prefecture raises no alarm, a copy across the city does, and either failing is noticed.

The distribution is described, with reasons, in ``tests/rules/scan_world.py``; the seeds are printed.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cells import Cell, distance_m
from shared.copied_labels import Belongs, Scan, Why, flags, is_pooled, wanted
from shared.words import CustodyKind
from tests.rules.scan_world import FIRST_HOUR, SCANS, Detector, Label, honest_world, with_copy

SEED = 20_261_127
MOST_FLAGGED = 0.001
LEAST_FOUND = 0.95

MARKET, FAR = Cell(3360, 11465), Cell(3360, 11470)  # 4.6 km apart
HERE = Belongs((MARKET,))
MORNING = FIRST_HOUR + 1  # 9 in the morning


def say(text: str) -> None:
    """Print a line: the seed, and the figures that came of it."""
    sys.stdout.write(f"{text}\n")


@pytest.fixture(scope="module")
def honest() -> list[Label]:
    say(f"seed {SEED}")
    return honest_world(SEED)


def flagged_share(detector: Detector, labels: list[Label]) -> float:
    """Return the share of labels that are flagged although nobody copied them."""
    flagged = Counter(label.kind for label in labels if detector(label.scans, label.belongs))
    scans, total = sum(len(label.scans) for label in labels), flagged.total()
    say(f"honest: {total} of {len(labels)} labels flagged, {dict(flagged)}; per scan {total}/{scans}")
    return total / len(labels)


def found_shares(detector: Detector, labels: list[Label]) -> dict[str, float]:
    """Return the share of labels that are flagged once each has a copy with three scans 5 km away, by kind."""
    rng, found, all_ = Random(SEED + 1), Counter[str](), Counter[str]()
    for label in labels:
        all_[label.kind] += 1
        found[label.kind] += bool(detector(with_copy(label, rng), label.belongs))
    say(f"copies: {found.total()} of {all_.total()} found; " + str({kind: found[kind] / all_[kind] for kind in all_}))
    return {kind: found[kind] / all_[kind] for kind in all_}


def test_of_labels_with_100_000_honest_scans_at_most_one_in_a_thousand_is_flagged(honest: list[Label]) -> None:
    """The denominator is every label of the prefecture, those with few scans included; so per scan it is far less."""
    assert sum(len(label.scans) for label in honest) == SCANS
    assert Counter(label.kind for label in honest).keys() == {"fixed", "pool", "hawker"}
    assert flagged_share(flags, honest) <= MOST_FLAGGED


def test_also_where_labels_are_scanned_often_few_are_flagged(honest: list[Label]) -> None:
    """The same, of the labels with at least 10 scans: those with hardly any cannot hide the others."""
    busy = [label for label in honest if len(label.scans) >= 10]
    assert len(busy) > 2_000
    assert flagged_share(flags, busy) <= MOST_FLAGGED


def test_copies_5_km_away_with_three_scans_are_found(honest: list[Label]) -> None:
    """Of labels that belong somewhere, in a pool or not. A hawker's copy cannot be told from the hawker, and is not."""
    found = found_shares(flags, honest)
    assert found["fixed"] >= LEAST_FOUND
    assert found["pool"] >= LEAST_FOUND
    assert found["hawker"] < LEAST_FOUND, "more than we say that we can: docs/copied-labels.md"


def every_far_scan(scans: list[Scan], belongs: Belongs) -> frozenset[Why]:
    """A planted detector that takes anything elsewhere for a copy."""
    is_far = any(all(distance_m(scan.cell, cell) > 3_000 for cell in belongs.cells) for scan in scans)
    return frozenset({Why.TOO_MANY_PLACES} if is_far else ())


def any_fast_pair(scans: list[Scan], belongs: Belongs) -> frozenset[Why]:
    """A planted detector that believes each single pair of scans."""
    del belongs
    ordered = sorted(scans)
    pairs = pairwise(ordered)
    fast = any(distance_m(one.cell, next_.cell) > 60_000 * (next_.hour - one.hour + 1) for one, next_ in pairs)
    return frozenset({Why.IMPOSSIBLE_MOVEMENT} if fast else ())


def nothing(scans: list[Scan], belongs: Belongs) -> frozenset[Why]:
    """A planted detector that is asleep."""
    del scans, belongs
    return frozenset()


@pytest.mark.parametrize("planted", [every_far_scan, any_fast_pair])
def test_a_detector_that_shouts_is_caught(honest: list[Label], planted: Detector) -> None:
    assert flagged_share(planted, honest) > MOST_FLAGGED


def test_a_detector_that_sleeps_is_caught(honest: list[Label]) -> None:
    assert found_shares(nothing, honest)["fixed"] < LEAST_FOUND


# --- one label ------------------------------------------------------------------------------------------------------


def daily(cell: Cell, days: int, first: int = 0) -> list[Scan]:
    """One scan each morning."""
    return [Scan(MORNING + 24 * (first + day), cell) for day in range(days)]


def test_one_scan_far_away_is_a_link_that_somebody_was_sent() -> None:
    for far in (FAR, Cell(2312, 11326), Cell(4580, 12653)):
        assert flags([*daily(MARKET, 9), Scan(MORNING, far)], HERE) == frozenset()


def test_two_are_not_yet_a_copy_and_three_are() -> None:
    assert flags(daily(MARKET, 9) + daily(FAR, 2), HERE) == frozenset()
    assert Why.TOO_MANY_PLACES in flags(daily(MARKET, 9) + daily(FAR, 3), HERE)


def test_three_at_the_very_hours_in_which_the_market_was_read_are_impossible_too() -> None:
    assert flags(daily(MARKET, 9) + daily(FAR, 3), HERE) == set(Why)
    at_noon = [scan._replace(hour=scan.hour + 3) for scan in daily(FAR, 3)]
    assert flags(daily(MARKET, 9) + at_noon, HERE) == {Why.TOO_MANY_PLACES}


def test_an_evening_of_showing_the_page_around_at_home_is_none() -> None:
    evening = [Scan(MORNING + 10 + number // 4, FAR) for number in range(12)]
    assert flags(daily(MARKET, 9) + evening, HERE) == frozenset()


def test_a_link_posted_in_a_group_is_none() -> None:
    posted = [Scan(MORNING + number, Cell(3340 + 4 * number, 11420 + 9 * number)) for number in range(14)]
    again = [scan._replace(hour=scan.hour + 1) for scan in posted]
    assert flags(daily(MARKET, 12) + posted + again, HERE) == frozenset()


def test_scans_in_the_square_next_door_are_at_home() -> None:
    neighbours = [Cell(MARKET.north + north, MARKET.east + east) for north in (-1, 0, 1) for east in (-1, 0, 1)]
    assert flags([Scan(MORNING + 24 * n, cell) for n, cell in enumerate(neighbours * 3)], HERE) == frozenset()


def test_a_pool_may_serve_what_it_serves_and_no_more() -> None:
    scans = daily(MARKET, 9) + daily(FAR, 9)
    assert flags(scans, Belongs((MARKET, FAR))) == frozenset()
    assert flags(scans + daily(Cell(3360, 11480), 3), Belongs((MARKET, FAR))) == set(Why)


def test_a_hawker_may_move_and_not_fly() -> None:
    pitches = [Scan(MORNING + 24 * day + 4 * (day % 2), (MARKET, FAR)[day % 2]) for day in range(20)]
    assert flags(pitches, Belongs(is_mobile=True)) == frozenset()
    zhengzhou = Cell(3475, 11362)  # 160 km away within the hour
    assert flags(daily(MARKET, 5) + daily(zhengzhou, 3), Belongs(is_mobile=True)) == {Why.IMPOSSIBLE_MOVEMENT}


def test_where_nobody_knows_the_market_most_scans_say_where_it_is() -> None:
    assert flags(daily(MARKET, 9) + daily(FAR, 3), Belongs()) == set(Why)
    assert flags(daily(MARKET, 9) + daily(FAR, 1), Belongs()) == frozenset()


def test_what_is_long_ago_is_no_part_of_it() -> None:
    apart = daily(FAR, 1) + daily(FAR, 1, 20) + daily(FAR, 1, 40)
    assert flags(daily(MARKET, 9) + apart, HERE) == frozenset()


@given(st.integers(0, 2_000), st.integers(1, 500))
def test_who_is_scanned_more_is_never_flagged_from_fewer(scans: int, more: int) -> None:
    assert 3 <= wanted(scans) <= wanted(scans + more)


cells = st.builds(Cell, st.integers(3350, 3370), st.integers(11455, 11475))
scans_of = st.lists(st.builds(Scan, st.integers(FIRST_HOUR, FIRST_HOUR + 500), cells), max_size=25)


@given(scans_of, st.randoms(use_true_random=False))
def test_the_order_of_scans_is_no_matter(scans: list[Scan], rng: Random) -> None:
    shuffled = rng.sample(scans, len(scans))
    assert flags(scans, HERE) == flags(shuffled, HERE)


@given(scans_of, cells)
def test_fewer_than_three_scans_elsewhere_are_never_flagged(scans: list[Scan], far: Cell) -> None:
    here = [scan._replace(cell=MARKET) for scan in scans]
    assert flags([*here, Scan(FIRST_HOUR, far), Scan(FIRST_HOUR + 9, far)], HERE) == frozenset()


def test_every_kind_of_custody_is_thought_of() -> None:
    assert [kind for kind in CustodyKind if not is_pooled([kind])] == [CustodyKind.OWN, CustodyKind.MARKET_PROVIDED]


# --- squares --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        *(
            ("33.63", bad)
            for bad in ("", " 114.65", "114,65", "+114.65", "1e2", "-114.65", "nan", "0x72", "114.", ".5")
        ),
        *(("33.63", bad) for bad in ("１１４.65", "1145.65", "73.49", "135.11", "114.6500000000000001")),
        *((bad, "114.65") for bad in ("007", "3.79", "53.61", "90", "-33.63", "114.65")),
    ],
)
def test_what_is_no_place_in_china_so_written_is_none(latitude: str, longitude: str) -> None:
    assert Cell.of(latitude, longitude) is None


@given(st.integers(380, 5360), st.integers(7350, 13510))
def test_a_square_is_read_as_it_was_written(north: int, east: int) -> None:
    assert Cell.read(str(Cell(north, east))) == Cell(north, east)
    assert len(str(Cell(north, east))) <= 12


@given(st.decimals("3.81", "53.59", places=8), st.decimals("73.51", "135.09", places=8))
def test_nothing_finer_than_a_hundredth_of_a_degree_is_left(latitude: object, longitude: object) -> None:
    cell = Cell.of(str(latitude), str(longitude))
    assert cell is not None
    assert Cell.read(str(cell)) == cell
    assert abs(cell.north / 100 - float(str(latitude))) < 0.00501
