"""National codes: kept as they stand on an instrument, found however they are spaced, and never with hidden signs."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.national_codes import CODES, LONGEST, borne, clean, is_sound, key
from shared.wire.register import InstrumentSchema
from tests.rules import bodies

LINK = "https://sc.example.cn/c?id=2604" + "0" * 260
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def told(**fields: Any) -> dict[str, Any]:
    """Return what is wrong with a registration."""
    try:
        InstrumentSchema().load(bodies.INSTRUMENT | fields)
    except ValidationError as error:
        messages: dict[str, Any] = error.messages_dict
        return messages
    return {}


@given(TEXTS)
@example("\x1d26040116")
@example("ﬃ ıİß")
@example("e \u0301")
@example("a\u00a8")
def test_a_code_has_one_clean_form_and_one_key(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert key(f" {text}\u3000") == key(" ".join(text)) == key(clean(text)) == key(text)
    assert key(clean(text).upper()) == key(text) or not text.isascii()
    assert not any(one.isspace() for one in clean(text) + key(text))


@given(TEXTS)
@example("a\u200bb")
@example("a\x1db")
def test_whatever_is_sound_can_be_seen_sent_and_kept(text: str) -> None:
    code = clean(text)
    if is_sound(code):
        assert all(unicodedata.category(one)[0] not in "CZ" for one in code)
        assert told(**dict.fromkeys(CODES, code)) == {}


@pytest.mark.parametrize("name", CODES)
def test_a_code_is_short_enough_and_holds_no_control_characters(name: str) -> None:
    assert told(**{name: LINK[:LONGEST]}) == told(**{name: "2604 0116"}) == {}
    assert told(**{name: "1" * (LONGEST + 1)}) == {name: [f"invalid.length|0|{LONGEST}"]}
    for hidden in ("\n", "\x1d", "\x7f", "\u200b", "\u202e", "\ufeff", "\ue000", "\0"):
        assert told(**{name: f"2604{hidden}0116"}) == {name: ["invalid.characters"]}, repr(hidden)
        assert not is_sound(f"2604{hidden}0116")


def test_a_registration_of_before_the_codes_is_as_good_as_ever() -> None:
    old = {name: value for name, value in bodies.INSTRUMENT.items() if name not in CODES}
    assert len(old) == len(bodies.INSTRUMENT) - 3
    loaded: dict[str, Any] = InstrumentSchema().load(old)
    assert not set(CODES) & set(loaded)


def test_only_the_codes_that_are_there_are_borne() -> None:
    assert borne({}) == borne(dict.fromkeys(CODES)) == borne(dict.fromkeys(CODES, "")) == {}
    assert borne({"repair_code": "W1", "production_code": 7, "serial": "A"}) == {"repair_code": "W1"}
