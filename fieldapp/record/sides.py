"""Where two records of one id differ, field by field, in plain words: what this phone says, and what the server has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from fieldapp.store.outbox import Entry
from fieldapp.store.register import Register
from fieldapp.sync.wording import moment
from shared.dates import parse_instant
from shared.errors import BadInstant
from shared.quantities import mass_text
from shared.texts import Texts

MOST_SHOWN = 12
NOT_TOLD = ("id", "clock_offset_s", "clock_doubt_s", "sha256", "bytes", "ruleset")
NAMED = ("instrument", "party", "stall", "place", "first", "second", "owner", "user")
NUMBERED = ("inspections", "checks", "readings")
FIELDS = (
    *("party", "party_name", "stall", "place", "disposition", "not_inspected", "remark", "party_remark", "name"),
    *("refused", "strokes", "instrument", "custody", "label", "label_verdict", "photo_matches", "tested_by"),
    *("measured_at", "verdict", "max_mg", "min_mg", "e_mg", "d_mg", "accuracy_class", "price_computing", "load_mg"),
    *("shown_mg", "task", "cause", "approval_no", "started_at", "made_at", "card_shown", "recusal_told", "person"),
    *("capacity", "card_no", "weight_class", "certificate_no", "valid_until", "kind", "check", "serial", "maker"),
    *("production_code", "model", "use", "owner", "user", "result", "document_no", "mark_no", "done_on", "first"),
    *("second", "on", "position", "act", "at", "old_number", "new_number", "authority", "witnesses", "note"),
)
Path = tuple[str | int, ...]


def theirs_of(entry: Entry) -> Mapping[str, Any] | None:
    """Return the record that the server has under the same id; None where it showed none."""
    theirs = entry.answer.get("theirs")
    try:
        body = json.loads(theirs["body"]) if isinstance(theirs, dict) else None
    except (KeyError, TypeError, ValueError):
        return None
    return body if isinstance(body, dict) else None


def is_of_other_body(entry: Entry) -> bool:
    """Say whether the server has a record of this id that says something else, whoever may see it."""
    problem = entry.answer.get("problem")
    return isinstance(problem, dict) and str(problem.get("type", "")).endswith("/same-record-other-body")


def sides(texts: Texts, register: Register, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[list[str]]:
    """Return pairs of what a field is called, and both of its values."""
    mine, other = dict(_leaves(ours)), dict(_leaves(theirs))
    paths = [path for path in dict.fromkeys([*mine, *other]) if mine.get(path) != other.get(path)]
    lines = [
        [
            field(texts, path),
            texts(
                "record.sides",
                ours=_value(texts, register, path, mine.get(path)),
                theirs=_value(texts, register, path, other.get(path)),
            ),
        ]
        for path in paths[:MOST_SHOWN]
    ]
    more = len(paths) - MOST_SHOWN
    return lines + ([[texts("record.more_sides"), texts("record.more_count", count=more)]] if more > 0 else [])


def wrong_fields(texts: Texts, problem: object) -> list[list[str]]:
    """Return the fields of our own record that the server found wrong, with what it says of each."""
    errors = problem.get("errors") if isinstance(problem, dict) else None
    told = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return [
        [field(texts, _path(str(one.get("pointer", "")))), texts("record.wrong_field", detail=one.get("detail", ""))]
        for one in told[:MOST_SHOWN]
    ]


def _path(pointer: str) -> Path:
    """Read a JSON pointer."""
    return tuple(int(part) if part.isdecimal() else part for part in pointer.strip("/").split("/"))


def field(texts: Texts, path: Path) -> str:
    """Return what a field is called: which of several, and its name.

    A name that the catalogue lacks is a newer server's, and is shown as it is.
    """
    numbered = [
        texts(f"field.no_{name}", number=number + 1)
        for name, number in pairwise(path)
        if isinstance(number, int) and name in NUMBERED
    ]
    last = _last(path)
    return " ".join([*numbered, texts(f"field.{last}") if last in FIELDS else last])


def _last(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if name not in NOT_TOLD:
                yield from _leaves(part, (*path, name))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for place, part in enumerate(value):
            yield from _leaves(part, (*path, place))
    else:
        yield path, value


def _value(texts: Texts, register: Register, path: Path, value: Any) -> str:
    name = _last(path)
    if value is None or value in ("", []):
        return texts("record.side_empty")
    if isinstance(value, bool):
        return texts("record.side_yes" if value else "record.side_no")
    if isinstance(value, int) and name.endswith("_mg"):
        return texts("unit.kg", value=mass_text(value))
    if isinstance(value, list):
        return texts("record.side_list", count=len(value))
    text = str(value)
    if name in NAMED:
        return _name(register, text)
    if name.endswith("_at") or name == "at":
        return _moment(texts, text)
    return next((texts.messages[key] for key in _keys(path, name, text) if key in texts.messages), text)


def _keys(path: Path, name: str, code: str) -> Iterator[str]:
    """Yield the keys under which the word of a code may stand."""
    yield f"{name}.{code}"
    yield f"seal_{name}.{code}"
    yield f"verification.{code}"
    if name == "kind" and "custody" in path:
        yield f"custody.{code}"


def _moment(texts: Texts, text: str) -> str:
    try:
        return moment(texts, parse_instant(text))
    except BadInstant:
        return text


def _name(register: Register, id_: str) -> str:
    """Return what the register calls a thing; what it does not know keeps the end of its id, to tell two apart."""
    party, place, stall = register.party(id_), register.place(id_), register.stall(id_)
    instrument = register.instrument(id_)
    named = party.name if party else place.name if place else stall.number if stall else ""
    return named or (instrument.serial if instrument else "") or f"…{id_[-8:]}"
