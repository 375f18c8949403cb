"""What an inspector writes down of a test of one fuel nozzle, and the grounds its verdict can have.

Volumes are whole microlitres (what a measure held may be a fraction), temperatures thousandths of a degree Celsius,
money whole fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from shared.errors import NegativeDoubt
from shared.fuel_volume import Fuel, Material


class Flow(StrEnum):
    """The two flows of a test: the largest, and the second one."""

    LARGEST = "Q1"
    SECOND = "Q2"


class FuelGround(StrEnum):
    """Why the test of a nozzle says what it says; the first three each go on with an ``Outcome``."""

    POINT = "fuel_point"
    SPREAD = "fuel_spread"
    PAID = "fuel_paid"
    TOO_FEW_RUNS = "fuel_too_few_runs"
    TOO_FEW_FLOWS = "fuel_too_few_flows"
    TOO_LITTLE = "fuel_too_little"
    IMPLAUSIBLE = "fuel_implausible"
    OIL_TEMPERATURE = "fuel_oil_temperature"
    AMBIENT = "fuel_ambient"
    AMBIENT_UNKNOWN = "fuel_ambient_unknown"
    STANDARD_EXPIRED = "fuel_standard_expired"
    STANDARD_COARSE = "fuel_standard_coarse"
    NO_RULE = "fuel_no_rule"


@dataclass(frozen=True, order=True)
class Run:
    """One run: what the dispenser showed, what the measure held by its neck, how warm the oil was at each."""

    shown_ul: int
    held_ul: int | Fraction
    dispenser_mk: int
    measure_mk: int


@dataclass(frozen=True)
class FlowTest:
    """The runs at one flow; two tests of one flow count as one."""

    flow: Flow
    runs: tuple[Run, ...]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """The standards used: ``doubt_ul`` is the uncertainty of the measure, ``thermometer_mk`` that of a thermometer.

    Both are from their certificates; None: a cautious figure of the rules is taken. Raises NegativeDoubt.
    """

    material: Material
    doubt_ul: int | None = None
    thermometer_mk: int | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if (self.doubt_ul or 0) < 0 or (self.thermometer_mk or 0) < 0:
            raise NegativeDoubt()


@dataclass(frozen=True, order=True)
class Payment:
    """What was shown at the end of one filling: the amount, the volume, and the price of a litre."""

    shown_fen: int
    volume_ul: int
    price_fen: int


@dataclass(frozen=True, kw_only=True)
class NozzleCheck:
    """A test of one nozzle.

    ``step_ul`` is the smallest volume the dispenser shows, ``pay_step_fen`` its smallest payment variable, ``least_ul``
    the smallest quantity of its plate (None: the usual one). ``ambient_mk`` are air temperatures from first to last.
    """

    fuel: Fuel
    measure: Measure
    tests: tuple[FlowTest, ...]
    step_ul: int
    ambient_mk: tuple[int, ...] = ()
    least_ul: int | None = None
    payments: tuple[Payment, ...] = ()
    pay_step_fen: int = 1

    def runs_at(self, flow: Flow) -> list[Run]:
        """Return the runs at one flow, in an order of their own."""
        return sorted(run for test in self.tests if test.flow == flow for run in test.runs)

    @property
    def runs(self) -> list[Run]:
        """Every run, in an order of its own."""
        return sorted(run for test in self.tests for run in test.runs)
