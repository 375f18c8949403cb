"""Rows about scales, weights and the regulations that judge."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


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
class ScaleClass(Row):
    """What a class may be: intervals e from ``e_from_mg`` up to ``e_to_mg`` (0: no bound) with n = Max/e within bounds
    (``n_to`` 0: no bound), and Min in intervals e.
    """

    accuracy_class: str
    e_from_mg: int
    e_to_mg: int
    n_from: int
    n_to: int
    min_e: int


@dataclass(frozen=True, kw_only=True)
class ScaleTest(Row):
    """A figure of one test of a scale: ``numerator`` / ``denominator`` of what the name of the test says."""

    test: str
    numerator: int
    denominator: int


@dataclass(frozen=True, kw_only=True)
class WeightMpe(Row):
    """The error a verified weight may have, in micrograms."""

    weight_class: str
    nominal_mg: int
    mpe_ug: int


TABLES: dict[str, type[Row]] = {
    "regulation": Regulation,
    "scale_mpe": ScaleMpe,
    "in_service": InService,
    "field_test": FieldTest,
    "scale_class": ScaleClass,
    "scale_test": ScaleTest,
    "weight_mpe": WeightMpe,
}
