"""Field types of the wire: each accepts one spelling and never converts.

A message is a key of the catalogue with its values after ``|``; the server turns it into a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared import dates, ids, ops
from shared.errors import BadInstant

INT64_MAX = (1 << 63) - 1

_HEX64 = re.compile("[0-9a-f]{64}")
_OP_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)*/[1-9][0-9]*")


class StrictSchema(Schema):
    """A schema that refuses unknown names: a misspelt field must never be dropped in silence."""

    class Meta:
        unknown = RAISE


class OpenSchema(Schema):
    """A schema for answers of a newer server: unknown names are let pass and left out."""

    class Meta:
        unknown = EXCLUDE


_UNKEPT = re.compile("[\0\ud800-\udfff]")


class Text(fields.Field[str]):
    """Text without NUL and lone surrogates, which no database keeps alike, of at most ``longest`` characters."""

    def __init__(self, *, longest: int, shortest: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.shortest, self.longest = shortest, longest

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("invalid.text")
        if _UNKEPT.search(value):
            raise ValidationError("invalid.characters")
        if not self.shortest <= len(value) <= self.longest:
            raise ValidationError(f"invalid.length|{self.shortest}|{self.longest}")
        return value


class Whole(fields.Field[int]):
    """A whole JSON number within bounds; no booleans, no floats, no text."""

    def __init__(self, *, least: int = 0, most: int = INT64_MAX, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValidationError("invalid.whole")
        if not self.least <= value <= self.most:
            raise ValidationError(f"invalid.range|{self.least}|{self.most}")
        return value


class Flag(fields.Field[bool]):
    """True or false, and nothing that looks like them."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("invalid.flag")
        return value


class _Spelled(fields.Field[str]):
    """Text of one spelling; the subclass says which."""

    message = "invalid.text"

    def is_spelled(self, value: str) -> bool:
        raise AssertionError("a subclass says what it accepts")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or not self.is_spelled(value):
            raise ValidationError(self.message)
        return value


class Uuid(_Spelled):
    """A UUID, lower case, with hyphens."""

    message = "invalid.uuid"

    def is_spelled(self, value: str) -> bool:
        return ids.is_uuid(value)


class Uuid7(_Spelled):
    """A UUID of version 7."""

    message = "invalid.uuid7"

    def is_spelled(self, value: str) -> bool:
        return ids.is_uuid7(value)


class Instant(_Spelled):
    """``YYYY-MM-DDTHH:MM:SSZ``, kept as text."""

    message = "invalid.instant"

    def is_spelled(self, value: str) -> bool:
        try:
            dates.parse_instant(value)
        except BadInstant:
            return False
        return True


class Day(_Spelled):
    """``YYYY-MM-DD``, a civil day, kept as text."""

    message = "invalid.day"

    def is_spelled(self, value: str) -> bool:
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False


class Hex64(_Spelled):
    """A SHA-256 in lower-case hexadecimal."""

    message = "invalid.sha256"

    def is_spelled(self, value: str) -> bool:
        return _HEX64.fullmatch(value) is not None


class OpKind(_Spelled):
    """The name of an op with its version, as in ``visit.record/1``: one line of what is signed."""

    message = "invalid.kind"

    def is_spelled(self, value: str) -> bool:
        return len(value) <= 64 and _OP_KIND.fullmatch(value) is not None


class Strokes(fields.Field[list[list[int]]]):
    """A drawn signature: strokes of whole numbers x, y, x, y ...; at most 4 KiB as JSON."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[list[int]]:
        if not isinstance(value, list) or not all(_is_stroke(stroke) for stroke in value):
            raise ValidationError("invalid.strokes")
        if len(json.dumps(value, separators=(",", ":"))) > ops.MAX_STROKES_BYTES:
            raise ValidationError("invalid.strokes_size")
        return value


class Counted(fields.List[Any]):
    """A list that is counted before any of it is read: twenty thousand empty ones cost nobody a quarter of a minute."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            self._validate(value)
        return super()._deserialize(value, attr, data, **kwargs)


def _is_stroke(stroke: Any) -> bool:
    if not isinstance(stroke, list) or len(stroke) < 2 or len(stroke) % 2:
        return False
    return all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= 9999 for n in stroke)


def one_of(*values: str) -> validate.OneOf:
    """Accept one of some words."""
    return validate.OneOf(values, error="invalid.choice|" + " ".join(values))


def at_least(count: int, most: int) -> validate.Length:
    """Accept a list of a bounded number of entries."""
    return validate.Length(min=count, max=most, error=f"invalid.count|{count}|{most}")
