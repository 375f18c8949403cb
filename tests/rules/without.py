"""Rules with a table taken out, for what is told where a figure is missing."""

from __future__ import annotations

from dataclasses import replace

from shared.rules import Rules
from shared.rules.rows import Row
from tests.builders import todays_rules


def without(table: type[Row]) -> Rules:
    """Return today's rules without the rows of one table."""
    rules = todays_rules()
    return replace(rules, rows=tuple(row for row in rules.rows if not isinstance(row, table)))
