"""JSON with one meaning, or none: whatever bytes arrive, the reader answers with a value or BadJson."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from shared.wire.json_text import BadJson, read_json
from shared.wire.register import BindSchema
from tests.builders import an_id
from tests.strategies import json_values


def is_refused(text: str | bytes) -> bool:
    try:
        read_json(text)
    except BadJson:
        return True
    return False


HOSTILE: dict[str, str | bytes] = {
    "nothing": "",
    "a name twice": '{"a": 1, "a": 2}',
    "a name twice, deep": '[{"b": {"a": 1, "c": 0, "a": 1}}]',
    "a name twice, escaped": '{"a": 1, "\\u0061": 2}',
    "NaN": '{"a": NaN}',
    "Infinity": "[Infinity]",
    "-Infinity": "-Infinity",
    "a number beyond any": "1e999",
    "minus a number beyond any": "[-1e999]",
    "an exponent beyond any": "1e9999999999999999999999",
    "a number too small for any": "1e-999",
    "100 000 lists deep": "[" * 100_000 + "]" * 100_000,
    "100 000 objects deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "100 000 lists never closed": "[" * 100_000,
    "5 000 digits": "1" * 5_000,
    "minus 5 000 digits": "[-" + "1" * 5_000 + "]",
    "trailing comma": "[1,]",
    "trailing text": "{} {}",
    "single quotes": "{'a': 1}",
    "a comment": "{} // fine",
    "a raw line feed": '"a\nb"',
    "a raw NUL": '"a\0b"',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a": 1}'.encode("utf-16-le"),
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "an overlong slash": b'"\xc0\xaf"',
    "Latin-1": '"é"'.encode("latin-1"),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_two_readers_might_take_differently_is_refused(text: str | bytes) -> None:
    assert is_refused(text)
    if isinstance(text, str):
        assert is_refused(text.encode())


@given(json_values)
def test_json_gives_its_value_back(value: Any) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only)
        read = read_json(text)
        assert read == value
        assert json.dumps(read) == json.dumps(value), "true is not 1"


@given(st.text() | st.binary() | st.text('[]{}",:0123456789.eE+-\\u tfn'))
def test_nothing_raises_anything_but_bad_json(text: str | bytes) -> None:
    is_refused(text)


def test_a_fraction_is_read_exactly_and_refused_by_the_schema_where_it_stands() -> None:
    assert read_json("[0.1, 1e2, -0.0]") == [Decimal("0.1"), 100, 0]
    with pytest.raises(ValidationError) as caught:
        BindSchema().load(read_json(f'{{"instrument": "{an_id(1)}", "serial": 1.0}}'))
    assert caught.value.messages == {"serial": ["invalid.whole"]}


def test_a_name_that_stands_twice_among_a_hundred_thousand_is_told_at_once() -> None:
    names = [f'"{number:x}":0' for number in range(100_000)]
    with pytest.raises(BadJson, match="'1869f' stands twice"):
        read_json("{" + ",".join([*names, names[-1]]) + "}")
