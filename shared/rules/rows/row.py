"""The shape of each dated row. Every row says what it is based on, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Confidence(StrEnum):
    """How well a figure is known. Memory and unknown are shown as unconfirmed and never propose a penalty."""

    SOURCED = "sourced"
    DERIVED = "derived"
    MEMORY = "memory"
    UNKNOWN = "unknown"

    @property
    def is_confirmed(self) -> bool:
        return self in (Confidence.SOURCED, Confidence.DERIVED)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One dated rule. ``valid_to`` None: until replaced; ``region`` "": everywhere, else a prefix of the code."""

    document: str
    edition: str
    clause: str
    valid_from: date
    valid_to: date | None = None
    region: str = ""
    confidence: Confidence
    source: str
    note: str = ""

    def holds(self, day: date, region: str) -> bool:
        """Say whether the row holds on a civil day in a region."""
        in_time = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return in_time and region.startswith(self.region)
