"""JSON read strictly: what was signed has one meaning, or none."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

MOST_EXPONENT = 307


class BadJson(ValueError):
    """Not JSON, or JSON that two readers might understand differently."""


def read_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises BadJson for duplicate names, NaN, numbers without end, text that is not UTF-8, and absurd depth or digits.

    >>> read_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    shared.wire.json_text.BadJson: the name 'a' stands twice
    """
    try:
        content = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(content, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_fraction)
    except BadJson:
        raise
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise BadJson("not a JSON text") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise BadJson(f"the name {name!r} stands twice")
        values[name] = value
    return values


def _fraction(text: str) -> Decimal:
    """Keep a fraction exactly, for the schema to refuse where it stands; what some readers call infinite is none."""
    value = Decimal(text)
    if abs(value.adjusted()) > MOST_EXPONENT:
        raise BadJson("a number without end")
    return value


def _no_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no JSON number")
