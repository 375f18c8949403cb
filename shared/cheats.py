"""Rows of the cheat library that sync brought: the schema of the program's own rows, checked field by field.

The text is a JSON list of objects with the fields of ``shared.rules.rows.Cheat``; days are ``YYYY-MM-DD``,
``region`` is a prefix of a division code, ``suggests`` a fact of ``shared.facts`` or "". The whole list is refused for
one bad row, and the error names row and field.

>>> import json
>>> row = {"id": "x-1", "kinds": ["scale"], "step": 70, "zh": "试", "en": "Try", "suggests": "", "pattern": "remote",
...        "maker": "甲", "document": "通报", "edition": "1", "clause": "", "valid_from": "2026-01-01",
...        "confidence": "memory", "source": ""}
>>> cheat_rows(json.dumps([row]))[0].maker
'甲'
>>> cheat_rows(json.dumps([row | {"suggests": "guilty"}]))
Traceback (most recent call last):
shared.errors.BadCheatRow: ('bad_cheat_row', {'number': 1, 'field': 'suggests', 'text': 'guilty'})
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from typing import Any

from shared.errors import BadCheatRow
from shared.facts import Fact
from shared.rules.rows import Cheat, Confidence
from shared.wire.json_text import BadJson, read_json

MOST_ROWS = 2_000
LONGEST_TEXT = 500
LONGEST_SHOWN = 40
FIRST_STEP, LAST_STEP = 70, 78

_ID = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REGION = re.compile(r"[0-9]{0,12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REQUIRED = {field.name for field in fields(Cheat) if field.default is MISSING}
_KNOWN = {field.name for field in fields(Cheat)}


class Pattern(StrEnum):
    """The kinds of tricks."""

    PASSWORD_MODE = "password_mode"  # noqa: S105 - the name of a trick
    MEMORY_KEY = "memory_key"
    RESET_RESTORES_TRUTH = "reset_restores_truth"
    REMOTE = "remote"
    STORED_BASE = "stored_base"
    PAN_INCLUDED = "pan_included"
    PRICE_ALTERED = "price_altered"
    PLACEMENT = "placement"
    ADDED_HARDWARE = "added_hardware"
    ADJUSTER = "adjuster"
    LOG_CLEARED = "log_cleared"
    STATION_SOFTWARE = "station_software"


def cheat_rows(text: str | bytes) -> tuple[Cheat, ...]:
    """Return the rows of a received JSON list, in its order.

    Raises BadCheatRow naming the row (1 is the first, 0 the whole text) and the field.
    """
    try:
        received = read_json(text)
    except BadJson as error:
        raise _bad(0, "json", error) from error
    if not isinstance(received, list) or len(received) > MOST_ROWS:
        raise _bad(0, "json", "list")
    rows = tuple(_row(number, values) for number, values in enumerate(received, start=1))
    ids: set[tuple[str, str, str]] = set()
    for number, row in enumerate(rows, start=1):
        key = (row.id, row.valid_from.isoformat(), row.region)
        if key in ids:
            raise _bad(number, "id", row.id)
        ids.add(key)
    return rows


def _bad(number: int, field: str, value: object) -> BadCheatRow:
    return BadCheatRow(number=number, field=field, text=str(value)[:LONGEST_SHOWN])


def _row(number: int, values: Any) -> Cheat:
    if not isinstance(values, dict):
        raise _bad(number, "row", values)
    for field in sorted(values.keys() - _KNOWN) + sorted(_REQUIRED - values.keys()):
        raise _bad(number, field, values.get(field, ""))
    for field in _faults(values):
        raise _bad(number, field, values[field])
    days = {name: date.fromisoformat(values[name]) for name in ("valid_from", "valid_to") if values.get(name)}
    lists = {"kinds": tuple(values["kinds"]), "confidence": Confidence(values["confidence"])}
    row = Cheat(**{**values, **lists, **days})
    if row.valid_to and row.valid_to < row.valid_from:
        raise _bad(number, "valid_to", row.valid_to)
    return row


def _faults(values: dict[str, Any]) -> Iterator[str]:
    """Yield the name of every field whose value breaks the form."""
    for name, value in values.items():
        if not _FORMS.get(name, _is_text)(value):
            yield name
    if values.get("model") and not values.get("maker"):
        yield "model"
    if values["confidence"] == Confidence.SOURCED and not values["source"].startswith(("http://", "https://")):
        yield "source"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and (value.isprintable() or not value)


def _is_sentence(value: Any) -> bool:
    return _is_text(value) and bool(value.strip())


def _matches(form: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _are_kinds(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and _KIND.fullmatch(one) for one in value)
        and len(set(value)) == len(value)
    )


_FORMS: dict[str, Callable[[Any], bool]] = {
    "zh": _is_sentence,
    "en": _is_sentence,
    "document": _is_sentence,
    "edition": _is_sentence,
    "id": lambda value: _matches(_ID, value),
    "kinds": _are_kinds,
    "step": lambda value: type(value) is int and FIRST_STEP <= value <= LAST_STEP,
    "suggests": lambda value: value == "" or value in list(Fact),
    "pattern": lambda value: value in list(Pattern),
    "confidence": lambda value: value in list(Confidence),
    "region": lambda value: _matches(_REGION, value),
    "valid_from": _is_day,
    "valid_to": lambda value: value is None or _is_day(value),
}
