"""Rows of the credit policy."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


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
    "credit_policy": CreditPolicy,
    "credit_grade": CreditGrade,
    "credit_term": CreditTerm,
}
