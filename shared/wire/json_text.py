"""JSON read strictly: what was signed has one meaning, or none."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class BadJson(ValueError):
    """Not JSON, or JSON that two readers might understand differently."""


def read_json(text: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises BadJson for duplicate names, NaN and infinities, text that is not UTF-8, and absurd depth or digits.

    >>> read_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
    shared.wire.json_text.BadJson: the name 'a' stands twice
    """
    try:
        content = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(content, object_pairs_hook=_unique, parse_constant=_no_constant)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson("not a JSON text") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        raise BadJson(f"the name {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return values


def _no_constant(name: str) -> NoReturn:
    raise BadJson(f"{name} is no JSON number")
