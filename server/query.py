"""Numbers in the query of an address: whole, in plain digits, within bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from shared.wire.strict import INT64_MAX

_DIGITS = re.compile(r"0|[1-9][0-9]{0,18}")


class Count(fields.Field[int]):
    """A whole number of an address; no sign, no other script's digits, nothing a database cannot hold."""

    def __init__(self, *, least: int = 0, most: int = INT64_MAX, **options: Any) -> None:
        super().__init__(**options)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise ValidationError("invalid.whole")
        if not self.least <= int(value) <= self.most:
            raise ValidationError(f"invalid.range|{self.least}|{self.most}")
        return int(value)
