"""Rows about how long a verification lasts."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class Period(Row):
    """The longest interval between two verifications of a kind, in months."""

    kind: str
    months: int


TABLES: dict[str, type[Row]] = {
    "period": Period,
}
