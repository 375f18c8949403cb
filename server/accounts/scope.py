"""Whose data somebody may see: the regions of a unit's jurisdiction, applied inside queries, never after them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True)
class Scope:
    """Regions by prefix: ``4116`` covers the city and all its counties. Empty: nothing."""

    regions: tuple[str, ...]

    def covers(self, region: str) -> bool:
        return region.startswith(self.regions) if self.regions else False

    def of(self, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Return the condition that keeps a query within the scope."""
        return (
            or_(*(column.startswith(region, autoescape=True) for region in self.regions)) if self.regions else false()
        )
