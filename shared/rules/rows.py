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


@dataclass(frozen=True, kw_only=True)
class Regulation(Row):
    """The document that judges a kind of instrument."""

    id: str
    kind: str
    price_computing: tuple[bool, ...]


@dataclass(frozen=True, kw_only=True)
class ScaleMpe(Row):
    """A band of the table of limits: above_e < load <= up_to_e, in halves of e (zero belongs to the first band)."""

    accuracy_class: str
    above_e: int
    up_to_e: int
    half_e: int


@dataclass(frozen=True, kw_only=True)
class InService(Row):
    """How many times the limit at verification an instrument in use may err."""

    multiplier: int


@dataclass(frozen=True, kw_only=True)
class FieldTest(Row):
    """How many different loads a field test needs before it says anything."""

    kind: str
    min_points: int


@dataclass(frozen=True, kw_only=True)
class WeightMpe(Row):
    """The error a verified weight may have, in micrograms."""

    weight_class: str
    nominal_mg: int
    mpe_ug: int


@dataclass(frozen=True, kw_only=True)
class Period(Row):
    """The longest interval between two verifications of a kind, in months."""

    kind: str
    months: int


@dataclass(frozen=True, kw_only=True)
class CreditPolicy(Row):
    """Where a score starts, its bounds (thousandths of a point), when it is graded, and the clock for objections."""

    start: int
    lowest: int
    highest: int
    min_checks: int
    checks_within_days: int
    objection_days: int
    objection_clock: str


@dataclass(frozen=True, kw_only=True)
class CreditGrade(Row):
    """The lowest score of a grade, in thousandths of a point."""

    grade: str
    at_least: int


@dataclass(frozen=True, kw_only=True)
class CreditTerm(Row):
    """What one kind of event weighs: in full for ``full_days``, then fading evenly to nothing at ``fades_days``.

    ``at_most`` bounds the sum of a good kind (0: no bound). ``needs_document``: provisional until a document
    confirms it.
    """

    code: str
    points: int
    full_days: int
    fades_days: int
    at_most: int
    needs_document: bool


TABLES: dict[str, type[Row]] = {
    "regulation": Regulation,
    "scale_mpe": ScaleMpe,
    "in_service": InService,
    "field_test": FieldTest,
    "weight_mpe": WeightMpe,
    "period": Period,
    "credit_policy": CreditPolicy,
    "credit_grade": CreditGrade,
    "credit_term": CreditTerm,
}
