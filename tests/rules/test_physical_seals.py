"""Physical seals: the positions of each kind, what stands after what happened, and what does not fit the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.fuel_station import items_of
from shared.physical_seals import SealFact, is_other_seal, is_over_another, positions_of, standing, wanting
from shared.rules import rules_on
from shared.words import InstrumentKind, SealAct, SealOwner, SealPosition

AT = datetime(2026, 11, 21, 2, tzinfo=UTC)
facts = st.builds(
    SealFact,
    position=st.sampled_from(SealPosition),
    owner=st.sampled_from(SealOwner),
    act=st.sampled_from(SealAct),
    at=st.integers(0, 9).map(lambda hours: AT + timedelta(hours=hours)),
    old_number=st.sampled_from(["", "A1", "A2"]),
    new_number=st.sampled_from(["A1", "A2", "A3"]),
)


def fact(act: SealAct, old: str = "", new: str = "") -> SealFact:
    return SealFact(SealPosition.HOUSING, SealOwner.VERIFICATION, act, AT, old, new)


def test_the_positions_of_a_nozzle_are_those_of_the_regulation() -> None:
    for day in (date(2023, 1, 1), date(2026, 11, 21)):
        codes = [item.code for item in items_of("fuel_nozzle", "seal", rules_on(day))]
        assert codes == [position.value for position in positions_of("fuel_nozzle")[:-1]]


def test_every_kind_has_positions_and_one_for_what_nobody_thought_of() -> None:
    for kind in InstrumentKind:
        positions = positions_of(kind)
        assert positions[-1] is SealPosition.OTHER
        assert len(set(positions)) == len(positions) >= 3


@given(st.lists(facts, max_size=12))
def test_the_last_act_at_a_position_says_what_stands_there(told: list[SealFact]) -> None:
    found = standing(told)
    assert set(found) == {one.position for one in told}
    for position, here in found.items():
        last = [one for one in told if one.position is position][-1]
        assert here.fact is last
        is_sealed = last.act in (SealAct.APPLIED, SealAct.REPLACED)
        assert here.number == (last.new_number if is_sealed else None)


def test_another_number_than_on_file_or_one_where_none_should_be_is_noticed() -> None:
    applied = standing([fact(SealAct.APPLIED, new="A1")])[SealPosition.HOUSING]
    opened = standing([fact(SealAct.APPLIED, new="A1"), fact(SealAct.OPENED, "A1")])[SealPosition.HOUSING]
    assert not is_other_seal(applied, fact(SealAct.REPLACED, "A1", "A2"))
    assert is_other_seal(applied, fact(SealAct.FOUND_BROKEN, "B1"))
    assert is_other_seal(opened, fact(SealAct.FOUND_BROKEN, "B1"))
    assert not is_other_seal(applied, fact(SealAct.FOUND_BROKEN)), "nobody could read it"
    assert not is_other_seal(None, fact(SealAct.FOUND_BROKEN, "B1")), "nothing is on file"


def test_a_seal_over_a_seal_is_a_replacement() -> None:
    applied = standing([fact(SealAct.APPLIED, new="A1")])[SealPosition.HOUSING]
    assert is_over_another(applied, SealAct.APPLIED)
    assert not is_over_another(applied, SealAct.REPLACED)
    assert not is_over_another(None, SealAct.APPLIED)


def test_what_an_act_needs() -> None:
    empty = {act: wanting(act, new_number="", authority="") for act in SealAct}
    assert empty == {
        SealAct.APPLIED: ("new_number",),
        SealAct.OPENED: ("authority",),
        SealAct.FOUND_BROKEN: (),
        SealAct.REPLACED: ("new_number",),
    }
    assert not any(wanting(act, new_number="A1", authority="x") for act in SealAct)
