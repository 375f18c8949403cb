"""The verdict of a test of a gas dispenser or a charger: its error against the limit that is marked on it.

Source: JJG 996-2012 (CNG, by mass), JJG 997-2015 (LPG, by volume), JJG 1114-2015 (LNG, by mass; its limit is from
memory), JJG 1148 and JJG 1149 of 2018 and 2022 (chargers by class; the figures of 2022 are from memory). Figures and
addresses stand with the rows of ``rules/cn/gas_chargers.toml``. The repeatability of these kinds was not seen and is
not judged. Amounts are whole milligrams, microlitres or watt-hours, as the kind counts.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> runs = tuple(EnergyRun(shown, 10_000_000) for shown in (10_150_000, 10_160_000, 10_170_000))
>>> check = EnergyCheck(kind=EnergyKind.CNG, runs=runs, step=10_000, standard_ppm=3_000)
>>> conclusion = judge_energy(check, rules_on(date(2026, 11, 21)))
>>> conclusion.code.value, conclusion.harmed.value, conclusion.grounds[0].value.decimal
('beyond', 'buyer', '1.600')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from shared.amounts import Amount, Unit, with_symbol
from shared.conclusion import Code, Conclusion, Ground, Step, conclude
from shared.errors import FinerThanDispenser, NegativeDoubt, NoRule, NothingDelivered, PlateNotPositive, UnknownClass
from shared.fuel_points import mean_of
from shared.fuel_volume import PPM, error_of
from shared.outcomes import harmed_by, outcome_of
from shared.rules import Rules
from shared.rules.rows import ClockMpe, EnergyMpe, FieldTest, StandardShare

PLACES = 3

R = TypeVar("R", FieldTest, StandardShare, ClockMpe)


class EnergyKind(StrEnum):
    """What is tested."""

    CNG = "cng_dispenser"
    LPG = "lpg_dispenser"
    LNG = "lng_dispenser"
    AC_CHARGER = "ac_charger"
    DC_CHARGER = "dc_charger"


class EnergyGround(StrEnum):
    """Why the test of a gas dispenser or charger says what it says; the first two go on with an ``Outcome``."""

    POINT = "energy_point"
    CLOCK = "energy_clock"
    TOO_FEW_RUNS = "energy_too_few_runs"
    STANDARD_EXPIRED = "energy_standard_expired"
    STANDARD_COARSE = "energy_standard_coarse"
    NO_RULE = "energy_no_rule"


@dataclass(frozen=True, order=True)
class EnergyRun:
    """What was shown, and what the standard found, in the smallest unit of the kind."""

    shown: int
    true: int


@dataclass(frozen=True, kw_only=True)
class EnergyCheck:
    """A test of one nozzle or plug.

    ``accuracy_class`` is that of the plate, "" where the kind has none; ``step`` the smallest amount it shows;
    ``standard_ppm`` the uncertainty of the standard by its certificate, in millionths of what it measures.
    """

    kind: EnergyKind
    runs: tuple[EnergyRun, ...]
    step: int
    standard_ppm: int
    accuracy_class: str = ""
    standard_until: date | None = None


def energy_limit(kind: EnergyKind, accuracy_class: str, rules: Rules) -> EnergyMpe:
    """Return the row with the limit of a kind and class; raises NoRule before its regulation, UnknownClass else.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> rules = rules_on(date(2026, 11, 21))
    >>> energy_limit(EnergyKind.AC_CHARGER, "2", rules).mpe_ppm
    20000
    >>> energy_limit(EnergyKind.AC_CHARGER, "0.5", rules)
    Traceback (most recent call last):
    shared.errors.UnknownClass: ('unknown_class', {'accuracy_class': '0.5', 'known': '1, 2'})
    """
    rows = [row for row in rules.all_of(EnergyMpe) if row.kind == kind]
    if not rows:
        raise NoRule(what=kind.value, day=rules.day.isoformat())
    found = [row for row in rows if row.accuracy_class == accuracy_class]
    if not found:
        known = ", ".join(sorted(row.accuracy_class for row in rows))
        raise UnknownClass(accuracy_class=accuracy_class, known=known or "-")
    return found[-1]


def judge_energy(check: EnergyCheck, rules: Rules) -> Conclusion:
    """Judge the test of a gas dispenser or charger by the rules of one day; without rules it is indeterminate.

    Raises UnknownClass, NothingDelivered, FinerThanDispenser, PlateNotPositive and NegativeDoubt for figures that
    cannot be right.
    """
    _refuse_nonsense(check)
    try:
        limit = energy_limit(check.kind, check.accuracy_class, rules)
        _refuse_finer(check, limit)
        hindrances = list(_hindrances(check, limit, rules))
        rests_on = _row_of(FieldTest, check.kind, rules), _row_of(StandardShare, check.kind, rules)
    except NoRule:
        return conclude([Ground(code=EnergyGround.NO_RULE, outcome=Code.INDETERMINATE, is_ruled=False)], rules.ruleset)
    if not check.runs:
        return conclude(hindrances, rules.ruleset, rests_on=rests_on)
    ground = _point_ground(check, limit, is_open=bool(hindrances))
    return conclude([ground, *hindrances], rules.ruleset, _steps(check, limit), rests_on)


def _refuse_nonsense(check: EnergyCheck) -> None:
    if check.step <= 0:
        raise PlateNotPositive()
    if check.standard_ppm < 0:
        raise NegativeDoubt()
    if any(run.shown <= 0 for run in check.runs):
        raise NothingDelivered()


def _refuse_finer(check: EnergyCheck, limit: EnergyMpe) -> None:
    unit = Unit(limit.quantity)
    for run in check.runs:
        if run.shown % check.step:
            raise FinerThanDispenser(
                text=with_symbol(Amount(run.shown, unit)), step=with_symbol(Amount(check.step, unit))
            )


def _point_ground(check: EnergyCheck, row: EnergyMpe, *, is_open: bool) -> Ground:
    mean = mean_of(error_of(run.shown, run.true) for run in check.runs)
    doubt = mean_of(Fraction(check.standard_ppm, PPM) + Fraction(check.step, 2 * run.true) for run in check.runs)
    limit = Fraction(row.mpe_ppm, PPM)
    outcome = outcome_of(mean, limit, doubt, is_open=is_open)
    return Ground(
        code=f"{EnergyGround.POINT}_{outcome}",
        outcome=outcome.code,
        value=_ratio(mean),
        limit=_ratio(limit),
        harmed=harmed_by(mean),
        rows=(row,),
        facts={"doubt": _ratio(doubt), "runs": len(check.runs)},
    )


def _ratio(value: Fraction) -> Amount:
    return Amount(value, Unit.RATIO, PLACES)


def _fine(value: Fraction) -> Amount:
    """A certificate counts in millionths: a standard just too coarse is not told as the limit itself."""
    return Amount(value, Unit.RATIO, PLACES + 1)


def _hindrances(check: EnergyCheck, limit: EnergyMpe, rules: Rules) -> Iterator[Ground]:
    """Yield what keeps a test from concluding anything."""
    yield from _too_few(len(check.runs), check.kind, rules)
    if check.standard_until is not None and check.standard_until < rules.day:
        yield _open(EnergyGround.STANDARD_EXPIRED, facts={"until": check.standard_until.isoformat()})
    share = _row_of(StandardShare, check.kind, rules)
    standard, most = Fraction(check.standard_ppm, PPM), Fraction(limit.mpe_ppm, PPM * share.divisor)
    if standard > most:
        yield _open(EnergyGround.STANDARD_COARSE, value=_fine(standard), limit=_fine(most), rows=(share,))


def _too_few(count: int, kind: EnergyKind, rules: Rules) -> Iterator[Ground]:
    plan = _row_of(FieldTest, kind, rules)
    if count < plan.min_points:
        facts = {"value": count, "limit": plan.min_points}
        yield _open(EnergyGround.TOO_FEW_RUNS, rows=(plan,), facts=facts)


def _row_of(table: type[R], kind: EnergyKind, rules: Rules) -> R:
    rows = [row for row in rules.all_of(table) if row.kind == kind]
    if not rows:
        raise NoRule(what=table.__name__, day=rules.day.isoformat())
    return rows[-1]


def _steps(check: EnergyCheck, row: EnergyMpe) -> Iterator[Step]:
    unit = Unit(row.quantity)
    for run in sorted(check.runs):
        shown, true, error = Amount(run.shown, unit), Amount(run.true, unit), error_of(run.shown, run.true)
        yield Step(code="energy_run", facts={"shown": shown, "true": true, "error": _ratio(error)})
    mean = mean_of(error_of(run.shown, run.true) for run in check.runs)
    yield Step(code="energy_mean", facts={"mean": _ratio(mean), "runs": len(check.runs)})


def judge_clock(
    kind: EnergyKind, errors_s: Iterable[int], rules: Rules, *, is_new: bool = False, doubt_s: int = 1
) -> Conclusion:
    """Judge the clock of a charger that bills by the time of day, by some readings of its time less the true one.

    ``is_new``: at its first verification 5 s, later 3 min. ``doubt_s``: what the reference clock and its reading may be
    off. The reading nearest to the truth is the one judged. Nobody is harmed by a clock alone. Raises NegativeDoubt.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> rules = rules_on(date(2026, 11, 21))
    >>> [judge_clock(EnergyKind.DC_CHARGER, [s, s, s], rules).code.value for s in (180, -181, 182)]
    ['within', 'indeterminate', 'beyond']
    """
    if doubt_s < 0:
        raise NegativeDoubt()
    readings = sorted(errors_s, key=lambda s: (abs(s), s))
    try:
        row = _row_of(ClockMpe, kind, rules)
        few = list(_too_few(len(readings), kind, rules))
        rests_on = [_row_of(FieldTest, kind, rules)]
    except NoRule:
        return conclude([Ground(code=EnergyGround.NO_RULE, outcome=Code.INDETERMINATE, is_ruled=False)], rules.ruleset)
    grounds = [_clock_ground(readings[0], row, is_new=is_new, doubt_s=doubt_s, is_open=bool(few))] if readings else []
    return conclude([*grounds, *few], rules.ruleset, rests_on=rests_on)


def _clock_ground(error_s: int, row: ClockMpe, *, is_new: bool, doubt_s: int, is_open: bool) -> Ground:
    limit_s = row.initial_s if is_new else row.later_s
    outcome = outcome_of(error_s, limit_s, doubt_s, is_open=is_open)
    return Ground(
        code=f"{EnergyGround.CLOCK}_{outcome}",
        outcome=outcome.code,
        value=Amount(error_s, Unit.TIME),
        limit=Amount(limit_s, Unit.TIME),
        rows=(row,),
        facts={"doubt": Amount(doubt_s, Unit.TIME)},
    )


def _open(code: EnergyGround, **fields: object) -> Ground:
    return Ground(code=code, outcome=Code.INDETERMINATE, **fields)  # type: ignore[arg-type]
