"""Rows about prepackages: allowed shortage, marks on the label, sampling of a lot, tare.

Quantities are whole smallest units of their ``kind``: milligrams, microlitres, micrometres, square millimetres,
pieces. An upper bound of 0 is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class PrepackageShortage(Row):
    """A band of the allowed shortage, above < marked <= up_to: thousandths of the marked quantity plus a fixed part."""

    kind: str
    above: int
    up_to: int
    thousandths: int
    fixed: int


@dataclass(frozen=True, kw_only=True)
class PrepackageStep(Row):
    """What the allowed shortage is rounded to, above < marked <= up_to."""

    kind: str
    above: int
    up_to: int
    step: int


@dataclass(frozen=True, kw_only=True)
class PrepackageRounding(Row):
    """A way to round, ``up`` or ``half_even``; where a kind has several, the law does not say which."""

    kind: str
    direction: str


@dataclass(frozen=True, kw_only=True)
class PrepackageUnit(Row):
    """A legal unit of the mark, at_least <= marked < below."""

    kind: str
    at_least: int
    below: int
    unit: str


@dataclass(frozen=True, kw_only=True)
class PrepackageHeight(Row):
    """The least height of the characters of the mark, in micrometres, above < marked <= up_to."""

    kind: str
    above: int
    up_to: int
    least_um: int


@dataclass(frozen=True, kw_only=True)
class PrepackageSampling(Row):
    """How a lot of lot_from to lot_to is tested: packages taken (0: every one), lambda in thousandths (0: no mean
    test), and how many may be short by more than T up to 2 T, and by more than 2 T.
    """

    lot_from: int
    lot_to: int
    sample: int
    lambda_thousandths: int
    over_t: int
    over_2t: int


@dataclass(frozen=True, kw_only=True)
class PrepackageTare(Row):
    """When the mean tare of some packages stands for all: ``few`` of them while it is at most ``share_thousandths`` of
    the marked quantity, else ``many`` while their standard deviation is at most ``s_thousandths`` of T.
    """

    few: int
    share_thousandths: int
    many: int
    s_thousandths: int


TABLES: dict[str, type[Row]] = {
    "prepackage_shortage": PrepackageShortage,
    "prepackage_step": PrepackageStep,
    "prepackage_rounding": PrepackageRounding,
    "prepackage_unit": PrepackageUnit,
    "prepackage_height": PrepackageHeight,
    "prepackage_sampling": PrepackageSampling,
    "prepackage_tare": PrepackageTare,
}
