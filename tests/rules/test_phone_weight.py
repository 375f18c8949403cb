"""A phone on a scale: looks right, looks off, or cannot tell; never a violation."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conclusion import Code
from shared.errors import AboveMax, FinerThanDisplay, LoadOutOfRange, NegativeReading, NoPhoneMass, NoRule, RuleError
from shared.phone_weight import Phone, PhoneGround, try_phone
from shared.quantities import mass_mg
from shared.rules import rules_on
from shared.scales import Scale
from shared.sentences import ground_sentence
from shared.texts import LANGUAGES, load
from tests.builders import a_scale, todays_rules
from tests.rules.retail_scales import SCALES
from tests.rules.tables import rows

RULES = todays_rules()
A = SCALES["A"]
readings = st.integers(0, 3_009).map(lambda digits: digits * 5_000)
phones = st.builds(Phone, st.integers(100_000, 400_000), st.none() | st.integers(0, 8_000))


def a_phone(row: dict[str, str]) -> Phone:
    tolerance_mg = mass_mg(row["tolerance_g"], "g") if row["tolerance_g"] else None
    return Phone(mass_mg(row["phone_g"], "g"), tolerance_mg)


@pytest.mark.parametrize(
    "row",
    rows("phone_weights"),
    ids=lambda row: f"{row['scale']} {row['phone_g']} {row['tolerance_g']} {row['shown_g']}",
)
def test_what_a_phone_tells(row: dict[str, str]) -> None:
    told = try_phone(a_phone(row), SCALES[row["scale"]], mass_mg(row["shown_g"], "g"), RULES)
    assert [ground.code for ground in told.grounds] == [f"phone_{row['ground']}"]
    assert told.code.value == row["outcome"]
    assert told.grounds[0].harmed.value == row["harmed"]
    assert told.is_confirmed == (row["confirmed"] == "yes")
    for language in LANGUAGES:
        sentence = ground_sentence(load(language), told.grounds[0])
        assert "{" not in sentence
        assert sentence.count("。") == (1 if language == "zh-CN" else 0), "one sentence alone"


def test_every_answer_is_met_by_the_table() -> None:
    assert {f"phone_{row['ground']}" for row in rows("phone_weights")} == set(PhoneGround)


MISTAKES: list[tuple[type[RuleError], Phone, Scale, int]] = [
    (NoPhoneMass, Phone(0), A, 0),
    (NoPhoneMass, Phone(-1), A, 0),
    (NoPhoneMass, Phone(206_000, -1), A, 205_000),
    (NegativeReading, Phone(206_000), A, -5_000),
    (FinerThanDisplay, Phone(206_000), A, 206_000),
    (AboveMax, Phone(206_000), A, 15_050_000),
    (LoadOutOfRange, Phone(15_000_001), A, 15_000_000),
    (NoRule, Phone(206_000), a_scale(accuracy_class="V"), 205_000),
]


@pytest.mark.parametrize(("error", "phone", "scale", "shown_mg"), MISTAKES, ids=range(len(MISTAKES)))
def test_what_cannot_be_is_refused(error: type[RuleError], phone: Phone, scale: Scale, shown_mg: int) -> None:
    with pytest.raises(error):
        try_phone(phone, scale, shown_mg, RULES)


def test_a_day_before_the_rules_tells_nothing() -> None:
    with pytest.raises(NoRule):
        try_phone(Phone(206_000), A, 205_000, rules_on(date(2000, 1, 1)))


def test_a_price_scale_under_a_regulation_nobody_read_is_unconfirmed() -> None:
    scale = a_scale(price_computing=True)
    assert try_phone(Phone(206_000, 500), scale, 205_000, rules_on(date(2027, 1, 7))).is_confirmed
    assert not try_phone(Phone(206_000, 500), scale, 205_000, rules_on(date(2027, 1, 8))).is_confirmed


@given(phones, readings)
def test_a_phone_never_shows_a_violation(phone: Phone, shown_mg: int) -> None:
    assert try_phone(phone, A, shown_mg, RULES).code is not Code.BEYOND


@given(phones, readings)
def test_a_scale_that_is_exact_never_looks_off(phone: Phone, shown_mg: int) -> None:
    nearest = round_to(phone.mass_mg, 5_000)
    assert try_phone(phone, A, nearest, RULES).grounds[0].code != PhoneGround.LOOKS_OFF


@given(phones, st.integers(0, 500), st.integers(0, 500))
def test_farther_off_never_looks_better(phone: Phone, one: int, other: int) -> None:
    order = [PhoneGround.LOOKS_RIGHT, PhoneGround.IN_DOUBT, PhoneGround.LOOKS_OFF]
    base = -(-phone.mass_mg // 5_000) * 5_000
    told = [try_phone(phone, A, base + step * 5_000, RULES).grounds[0].code for step in sorted((one, other))]
    if PhoneGround.TOO_UNCERTAIN not in told:
        assert order.index(PhoneGround(told[0])) <= order.index(PhoneGround(told[1]))


def round_to(mass_mg: int, step_mg: int) -> int:
    return (2 * mass_mg + step_mg) // (2 * step_mg) * step_mg
