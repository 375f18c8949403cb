"""The arithmetic of one flow of a nozzle's test: errors, their mean, their repeatability, and the doubt of each.

Source: as ``shared.dispensers``. E_r = (Emax - Emin) / d_n, with d_n from a row for the number of runs: the plain range
is never judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from shared.errors import TooManyRuns
from shared.fuel_check import Flow, Measure, NozzleCheck, Run
from shared.fuel_volume import MK_PER_K, PPM, Oil, checked_volume_ul, error_of, expansion_rows, volume_at_dispenser_ul
from shared.rules import Rules
from shared.rules.rows import FuelDivisor, FuelMeasureDoubt, FuelTest, FuelThermometer, Row

HUNDREDTHS = 100


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run with what follows from it; ``doubt`` and ``standard`` are shares of the true volume.

    ``standard`` is the doubt of the measure alone, ``doubt`` adds the thermometers and half a digit of the display.
    """

    run: Run
    true_ul: Fraction
    error: Fraction
    standard: Fraction
    doubt: Fraction


@dataclass(frozen=True, kw_only=True)
class Point:
    """One flow with its measured runs, and the rows of its correction and of its doubt."""

    flow: Flow
    measured: tuple[Measured, ...]
    step_ul: int
    corrected_by: tuple[Row, ...]
    doubted_by: tuple[Row, ...]

    @property
    def mean(self) -> Fraction:
        """The mean error, as a share of the volume."""
        return mean_of(one.error for one in self.measured)

    @property
    def doubt(self) -> Fraction:
        """The doubt of the mean: that of its runs, for the standards are the same in each."""
        return mean_of(one.doubt for one in self.measured)

    @property
    def largest(self) -> Fraction:
        """Emax."""
        return max(one.error for one in self.measured)

    @property
    def smallest(self) -> Fraction:
        """Emin."""
        return min(one.error for one in self.measured)

    def spread(self, divisor: FuelDivisor) -> Fraction:
        """E_r = (Emax - Emin) / d_n."""
        return (self.largest - self.smallest) * Fraction(HUNDREDTHS, divisor.hundredths)

    def spread_doubt(self, divisor: FuelDivisor) -> Fraction:
        """The doubt of E_r: half a digit in each of two runs; what the standards err they err in both."""
        least_ul = min(one.true_ul for one in self.measured)
        return Fraction(self.step_ul, least_ul) * Fraction(HUNDREDTHS, divisor.hundredths)


def mean_of(values: Iterable[Fraction]) -> Fraction:
    """Return the mean of some fractions, exactly.

    >>> mean_of([Fraction(1, 2), Fraction(1, 4)])
    Fraction(3, 8)
    """
    every = list(values)
    return Fraction(sum(every, Fraction()), len(every))


def divisor_of(runs: int, rules: Rules) -> FuelDivisor | None:
    """Return what the range of so many errors is divided by; None where no row knows.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> [row.hundredths if row else None for row in (divisor_of(n, rules_on(date(2026, 11, 21))) for n in (2, 3, 4))]
    [None, 169, None]
    """
    return next((row for row in rules.all_of(FuelDivisor) if row.runs == runs), None)


def point_of(check: NozzleCheck, flow: Flow, rules: Rules) -> Point | None:
    """Work out one flow; None where it has no run.

    Raises TooManyRuns for more runs than the rule makes, NothingDelivered or FinerThanDispenser for a volume that
    cannot have been shown, TemperatureOutOfRange, and NoRule.
    """
    runs, wanted = check.runs_at(flow), rules.one_of(FuelTest).runs
    if len(runs) > wanted:
        raise TooManyRuns(flow=flow.value, runs=len(runs), most=wanted)
    if not runs:
        return None
    return Point(
        flow=flow,
        measured=tuple(_measured(check, run, rules) for run in runs),
        step_ul=check.step_ul,
        corrected_by=expansion_rows(_oil(check, run=runs[0]), rules),
        doubted_by=tuple(_doubt_rows(check.measure, rules)),
    )


def _oil(check: NozzleCheck, *, run: Run) -> Oil:
    return Oil(
        fuel=check.fuel,
        material=check.measure.material,
        dispenser_mk=run.dispenser_mk,
        measure_mk=run.measure_mk,
    )


def _measured(check: NozzleCheck, run: Run, rules: Rules) -> Measured:
    shown_ul = checked_volume_ul(run.shown_ul, step_ul=check.step_ul)
    true_ul = volume_at_dispenser_ul(run.held_ul, _oil(check, run=run), rules)
    measure_ul = _measure_doubt_ul(check.measure, run, rules)
    warmth_ul = _warmth_doubt_ul(check, run, rules)
    return Measured(
        run=run,
        true_ul=true_ul,
        error=error_of(shown_ul, true_ul),
        standard=Fraction(measure_ul, true_ul),
        doubt=Fraction(measure_ul + warmth_ul + Fraction(check.step_ul, 2), true_ul),
    )


def _measure_doubt_ul(measure: Measure, run: Run, rules: Rules) -> Fraction:
    if measure.doubt_ul is not None:
        return Fraction(measure.doubt_ul)
    return Fraction(run.held_ul) * Fraction(rules.one_of(FuelMeasureDoubt).doubt_ppm, PPM)


def _warmth_doubt_ul(check: NozzleCheck, run: Run, rules: Rules) -> Fraction:
    """What two thermometers can err in the correction: beta_Y twice, beta_B once."""
    mk = check.measure.thermometer_mk
    if mk is None:
        mk = rules.one_of(FuelThermometer).doubt_mk
    fuel, material = expansion_rows(_oil(check, run=run), rules)
    return Fraction(run.held_ul) * Fraction(mk * (2 * fuel.ppm_per_k + material.ppm_per_k), PPM * MK_PER_K)


def _doubt_rows(measure: Measure, rules: Rules) -> Iterable[Row]:
    if measure.doubt_ul is None:
        yield rules.one_of(FuelMeasureDoubt)
    if measure.thermometer_mk is None:
        yield rules.one_of(FuelThermometer)
