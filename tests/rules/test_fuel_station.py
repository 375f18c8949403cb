"""Beyond one nozzle: fuel drawn and returned, one board as one cause, and what to look at on which day."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conclusion import Code
from shared.errors import NothingDelivered
from shared.fuel_station import Cause, NozzleFound, drawn_and_returned, item_text, items_of, shared_causes
from shared.fuel_volume import Fuel
from shared.rules import rules_on
from shared.texts import LANGUAGES, load
from tests.builders import todays_rules
from tests.rules.fuel_builders import LITRE, a_nozzle_check, a_run
from tests.rules.tables import rows

RULES = todays_rules()
found = st.builds(
    NozzleFound, st.sampled_from("123456"), st.sampled_from(["", "B1", "B2", "B3"]), st.sampled_from(list(Code))
)


def test_what_was_drawn_and_given_back_is_summed_by_fuel() -> None:
    gasoline = a_nozzle_check(a_run(20_100_000), a_run(20_050_000), a_run(20_000_000))
    diesel = a_nozzle_check(a_run(20_000_000, 20_010_000), fuel=Fuel.DIESEL)
    drawn = drawn_and_returned([diesel, gasoline, gasoline], RULES)
    assert [one.fuel for one in drawn] == [Fuel.DIESEL, Fuel.GASOLINE]
    assert [one.runs for one in drawn] == [2, 12]
    assert [one.shown_ul for one in drawn] == [40 * LITRE, 4 * 60_150_000]
    assert [one.returned_ul for one in drawn] == [40_020_000, 240 * LITRE]
    assert [one.difference_ul for one in drawn] == [-20_000, 600_000]


def test_what_was_given_back_is_counted_at_the_temperature_of_the_dispenser() -> None:
    check = a_nozzle_check(a_run(dispenser_mk=21_000))
    assert drawn_and_returned([check], RULES)[0].returned_ul == 2 * 20 * LITRE * (1 + Fraction(1200, 10**6))


def test_without_a_test_nothing_was_drawn() -> None:
    assert drawn_and_returned([], RULES) == []


def test_a_run_that_cannot_be_is_not_summed() -> None:
    with pytest.raises(NothingDelivered):
        drawn_and_returned([a_nozzle_check(a_run(0))], RULES)


def test_one_board_is_one_cause_for_all_its_nozzles() -> None:
    tested = [NozzleFound(nozzle, "B7", Code.BEYOND) for nozzle in ("4", "1", "3", "2")]
    assert shared_causes([*tested, NozzleFound("5", "B8", Code.BEYOND)]) == [
        Cause("B7", ("1", "2", "3", "4")),
        Cause("B8", ("5",)),
    ]


def test_what_is_within_or_open_has_no_cause() -> None:
    assert shared_causes([NozzleFound("1", "B7", Code.WITHIN), NozzleFound("2", "B7", Code.INDETERMINATE)]) == []


def test_a_nozzle_tested_twice_counts_once() -> None:
    assert shared_causes([NozzleFound("1", "B7", Code.BEYOND)] * 2) == [Cause("B7", ("1",))]


def test_unknown_boards_are_never_taken_for_one() -> None:
    assert shared_causes([NozzleFound(nozzle, "", Code.BEYOND) for nozzle in "21"]) == [
        Cause("", ("1",)),
        Cause("", ("2",)),
    ]


@given(tested=st.lists(found, max_size=12), seed=st.integers(0, 99))
def test_causes_do_not_depend_on_the_order_and_lose_no_nozzle(tested: list[NozzleFound], seed: int) -> None:
    causes = shared_causes(tested)
    mixed = random.Random(seed).sample(tested, len(tested))
    assert shared_causes(mixed) == causes
    assert {(cause.board, nozzle) for cause in causes for nozzle in cause.nozzles} == {
        (one.board, one.nozzle) for one in tested if one.code is Code.BEYOND
    }
    boards = [cause.board for cause in causes if cause.board]
    assert len(boards) == len(set(boards))


@pytest.mark.parametrize("row", rows("dispenser_looks"), ids=lambda row: f"{row['kind']} {row['group']} {row['day']}")
def test_what_to_look_at_on_a_day(row: dict[str, str]) -> None:
    items = items_of(row["kind"], row["group"], rules_on(date.fromisoformat(row["day"])))
    assert [item.code for item in items] == row["codes"].split()
    assert all(item.confidence.is_confirmed for item in items) == (row["is_confirmed"] == "yes")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_has_its_name(language: str) -> None:
    texts = load(language)
    items = [item for row in rows("dispenser_looks") for item in items_of(row["kind"], row["group"], RULES)]
    assert all(item_text(texts, item) for item in items)
