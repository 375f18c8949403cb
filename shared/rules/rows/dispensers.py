"""Rows about fuel dispensers, gas dispensers and chargers."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class FuelMpe(Row):
    """The largest mean error at one flow, in millionths of the volume delivered."""

    mpe_ppm: int


@dataclass(frozen=True, kw_only=True)
class FuelInService(Row):
    """How many times the limit at verification a dispenser in use may err."""

    multiplier: int


@dataclass(frozen=True, kw_only=True)
class FuelRepeatability(Row):
    """The largest repeatability at one flow, in millionths of the volume delivered."""

    limit_ppm: int


@dataclass(frozen=True, kw_only=True)
class FuelDivisor(Row):
    """What the range of errors of so many runs is divided by, in hundredths."""

    runs: int
    hundredths: int


@dataclass(frozen=True, kw_only=True)
class FuelTest(Row):
    """How many flows are tested, and how many runs are made at each."""

    flows: int
    runs: int


@dataclass(frozen=True, kw_only=True)
class FuelExpansion(Row):
    """How far a fuel expands, in millionths of its volume for each kelvin."""

    fuel: str
    ppm_per_k: int


@dataclass(frozen=True, kw_only=True)
class MeasureExpansion(Row):
    """How far a measure of this material widens, in millionths of its volume for each kelvin."""

    material: str
    ppm_per_k: int


@dataclass(frozen=True, kw_only=True)
class FuelCondition(Row):
    """How far two temperatures of one test may lie apart, in thousandths of a kelvin."""

    condition: str
    at_most_mk: int


@dataclass(frozen=True, kw_only=True)
class FuelPlausible(Row):
    """The temperatures met at a station, and the error, in millionths, above which something was typed wrong."""

    from_mk: int
    to_mk: int
    most_ppm: int


@dataclass(frozen=True, kw_only=True)
class FuelLeast(Row):
    """The smallest volume the limit speaks of, in microlitres."""

    least_ul: int


@dataclass(frozen=True, kw_only=True)
class FuelMeasureDoubt(Row):
    """How far a measure without a certificate at hand is doubted, in millionths of its volume."""

    doubt_ppm: int


@dataclass(frozen=True, kw_only=True)
class FuelThermometer(Row):
    """How far the reading of one thermometer is doubted, in thousandths of a kelvin."""

    doubt_mk: int


@dataclass(frozen=True, kw_only=True)
class StandardShare(Row):
    """What a standard may err at most: the limit divided by this."""

    kind: str
    divisor: int


@dataclass(frozen=True, kw_only=True)
class FuelPayment(Row):
    """How many smallest payment variables the amount shown may lie off."""

    pay_steps: int


@dataclass(frozen=True, kw_only=True)
class EnergyMpe(Row):
    """The largest mean error of a gas dispenser or charger, in millionths; ``quantity`` is what it counts.

    ``accuracy_class`` is what the plate says, "" where the kind has one limit for all.
    """

    kind: str
    accuracy_class: str
    quantity: str
    mpe_ppm: int


@dataclass(frozen=True, kw_only=True)
class ClockMpe(Row):
    """How far the clock of a charger that bills by the time of day may be off, in seconds."""

    kind: str
    initial_s: int
    later_s: int


@dataclass(frozen=True, kw_only=True)
class DispenserItem(Row):
    """Something to look at on a dispenser or charger: a ``mark``, a ``seal``, or a ``board`` question."""

    kind: str
    group: str
    code: str


TABLES: dict[str, type[Row]] = {
    "fuel_mpe": FuelMpe,
    "fuel_in_service": FuelInService,
    "fuel_repeatability": FuelRepeatability,
    "fuel_divisor": FuelDivisor,
    "fuel_test": FuelTest,
    "fuel_expansion": FuelExpansion,
    "measure_expansion": MeasureExpansion,
    "fuel_condition": FuelCondition,
    "fuel_plausible": FuelPlausible,
    "fuel_least": FuelLeast,
    "fuel_measure_doubt": FuelMeasureDoubt,
    "fuel_thermometer": FuelThermometer,
    "standard_share": StandardShare,
    "fuel_payment": FuelPayment,
    "energy_mpe": EnergyMpe,
    "clock_mpe": ClockMpe,
    "dispenser_item": DispenserItem,
}
