"""The life of a label: every pair of states, who holds it where, and what a supervisor is asked to look into."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from shared.label_life import NEXT, OUT_OF_LIFE, PLACE_IN, REVOKED, Place, holder, is_legal, read_holder, task_about
from shared.words import SealState, TaskKind

with (Path(__file__).parent / "label_moves.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
PAIRS = [(row["from"], after, row[after] == "yes") for row in ROWS for after in map(str, SealState)]


def test_the_table_names_every_pair() -> None:
    assert len(PAIRS) == len(set(PAIRS)) == 90
    assert set(NEXT) == {None, *SealState}


@pytest.mark.parametrize(("before", "after", "is_so"), PAIRS)
def test_every_pair_of_states_is_as_the_table_says(before: str, after: str, is_so: bool) -> None:
    assert is_legal(SealState(before) if before else None, SealState(after)) is is_so


def test_nothing_comes_back_into_life_and_everything_in_it_can_leave_it() -> None:
    for state in SealState:
        reached, new = {state}, {state}
        while new := {after for one in new for after in NEXT[one]} - reached:
            reached |= new
        if state in OUT_OF_LIFE:
            assert reached <= OUT_OF_LIFE
        else:
            assert reached & OUT_OF_LIFE
    assert {SealState.VOID, SealState.LOST} == REVOKED < OUT_OF_LIFE


def test_a_holder_is_read_as_it_was_written() -> None:
    for state, place in PLACE_IN.items():
        assert read_holder(holder(state)) == (place, None)
        assert read_holder(holder(state, "x-1")) == (place, "x-1")
    assert set(PLACE_IN.values()) == set(Place)


def test_whatever_turns_up_and_is_on_no_instrument_is_looked_into() -> None:
    told = {state: task_about(state) for state in (None, *SealState)}
    assert [state for state, kind in told.items() if kind is None] == [SealState.APPLIED]
    assert (told[None], told[SealState.LOST]) == (TaskKind.UNKNOWN_LABEL, TaskKind.LOST_LABEL)
    stock = {state for state, kind in told.items() if kind is TaskKind.STOCK_LABEL}
    assert stock == {SealState.ORDERED, SealState.PRINTED, SealState.ISSUED, SealState.RETURNED}
