"""The verdict of a test of one fuel nozzle with a metal measure.

Source: JJG 443-2023 (trial) from 2024-05-01, JJG 443-2015 before; figures and addresses stand with the rows of
``rules/cn/dispensers.toml``; the text itself was not read, so no clause is named. At each of two flows three runs: the
mean of their errors stays within 0.30 %, and E_r = (Emax - Emin) / 1.69 within 0.10 %. The amount to pay stays within
the smallest payment variable of volume times price.

A field test is no verification. Beyond is what passes a limit by more than the doubt of the standards and half a digit
of the display; between the two it is in doubt. What is missing, or a condition that did not hold, leaves everything
open. A dispenser that shows more than it delivers harms the buyer. The order of runs, flows and payments never matters.

>>> from datetime import date
>>> from shared.fuel_check import FlowTest, Measure, Run
>>> from shared.fuel_volume import Fuel, Material
>>> from shared.rules import rules_on
>>> runs = [(19_770_000, 19_685_110), (19_820_000, 19_748_530), (20_000_000, 19_884_190)]
>>> every = tuple(Run(shown, held, 20_000, 20_000) for shown, held in runs)
>>> tests = (FlowTest(Flow.LARGEST, every), FlowTest(Flow.SECOND, every))
>>> measure = Measure(material=Material.STAINLESS_STEEL, doubt_ul=5_000)
>>> check = NozzleCheck(fuel=Fuel.GASOLINE, measure=measure, tests=tests, step_ul=10_000, ambient_mk=(20_000, 21_000))
>>> conclusion = judge_nozzle(check, rules_on(date(2026, 11, 21)))
>>> conclusion.code.value, conclusion.harmed.value
('beyond', 'buyer')
>>> [(ground.code, ground.value.decimal) for ground in conclusion.grounds[:2] if ground.value]
[('fuel_point_beyond', '0.459'), ('fuel_spread_beyond', '0.130')]
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from shared.amounts import Amount, Unit, decimal_text
from shared.conclusion import Code, Conclusion, Ground, Step, conclude
from shared.errors import NoRule, PlateNotPositive
from shared.fuel_check import Flow, FuelGround, NozzleCheck, Payment
from shared.fuel_points import HUNDREDTHS, Point, divisor_of, point_of
from shared.fuel_volume import (
    PPM,
    UL_PER_L,
    UM_PER_MM,
    Neck,
    checked_price_fen,
    checked_volume_ul,
    neck_volume_ul,
    plausible_mk,
)
from shared.outcomes import harmed_by, outcome_of
from shared.rules import Rules
from shared.rules.rows import (
    FuelCondition,
    FuelInService,
    FuelLeast,
    FuelMpe,
    FuelPayment,
    FuelPlausible,
    FuelRepeatability,
    FuelTest,
    Row,
    StandardShare,
)

PLACES = 3
FILLING = Amount(50_000_000, Unit.VOLUME)
KIND = "fuel_nozzle"


def judge_nozzle(check: NozzleCheck, rules: Rules) -> Conclusion:
    """Judge the test of one nozzle by the rules of one day; without rules for that day it is indeterminate.

    Raises TooManyRuns, NothingDelivered, FinerThanDispenser, PlateNotPositive, PriceNotPositive and
    TemperatureOutOfRange for figures that cannot be right.
    """
    try:
        return _judge(check, rules)
    except NoRule:
        return conclude([Ground(code=FuelGround.NO_RULE, outcome=Code.INDETERMINATE, is_ruled=False)], rules.ruleset)


def mean_limit(rules: Rules) -> Fraction:
    """Return the largest mean error of a dispenser in use, as a share of the volume; raises NoRule.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> mean_limit(rules_on(date(2026, 11, 21)))
    Fraction(3, 1000)
    """
    return Fraction(rules.one_of(FuelMpe).mpe_ppm * rules.one_of(FuelInService).multiplier, PPM)


def _judge(check: NozzleCheck, rules: Rules) -> Conclusion:
    points = [point for flow in Flow if (point := point_of(check, flow, rules))]
    hindrances = list(_hindrances(check, points, rules))
    is_open = bool(hindrances)
    grounds = [
        *(ground for point in points for ground in _point_grounds(check, point, rules, is_open=is_open)),
        *_payment_grounds(check, rules, is_open=is_open),
        *hindrances,
    ]
    steps = (step for point in points for step in _steps(point, rules))
    return conclude(grounds, rules.ruleset, steps, _rests_on(rules))


def _rests_on(rules: Rules) -> tuple[Row, ...]:
    conditions = rules.all_of(FuelCondition)
    return rules.one_of(FuelTest), rules.one_of(FuelPlausible), _share_of_limit(rules), *conditions


def _ratio(value: Fraction) -> Amount:
    return Amount(value, Unit.RATIO, PLACES)


def _least_rows(check: NozzleCheck, rules: Rules) -> tuple[FuelLeast, ...]:
    """Return the usual smallest quantity, where that of the plate was not told."""
    return (rules.one_of(FuelLeast),) if check.least_ul is None else ()


def _point_grounds(check: NozzleCheck, point: Point, rules: Rules, *, is_open: bool) -> Iterator[Ground]:
    mean, limit = point.mean, mean_limit(rules)
    outcome = outcome_of(mean, limit, point.doubt, is_open=is_open)
    yield Ground(
        code=f"{FuelGround.POINT}_{outcome}",
        outcome=outcome.code,
        value=_ratio(mean),
        limit=_ratio(limit),
        harmed=harmed_by(mean),
        rows=(
            rules.one_of(FuelMpe),
            rules.one_of(FuelInService),
            *point.corrected_by,
            *point.doubted_by,
            *_least_rows(check, rules),
        ),
        facts={"flow": point.flow.value, "doubt": _ratio(point.doubt), "off": _off(mean), "filling": FILLING},
    )
    divisor = divisor_of(len(point.measured), rules)
    if divisor:
        row = rules.one_of(FuelRepeatability)
        spread, limit, doubt = point.spread(divisor), Fraction(row.limit_ppm, PPM), point.spread_doubt(divisor)
        outcome = outcome_of(spread, limit, doubt, is_open=is_open)
        yield Ground(
            code=f"{FuelGround.SPREAD}_{outcome}",
            outcome=outcome.code,
            value=_ratio(spread),
            limit=_ratio(limit),
            rows=(row, divisor, *point.corrected_by),
            facts={"flow": point.flow.value, "doubt": _ratio(doubt)},
        )


def _off(error: Fraction) -> Amount:
    """How far ``FILLING`` by the display is off."""
    return Amount(abs(FILLING.exact * error * Fraction(1, 1 + error)), Unit.VOLUME, PLACES)


def _payment_grounds(check: NozzleCheck, rules: Rules, *, is_open: bool) -> Iterator[Ground]:
    if not check.payments:
        return
    if check.pay_step_fen <= 0:
        raise PlateNotPositive()
    row, wanted = rules.one_of(FuelPayment), rules.one_of(FuelTest).runs
    limit = Fraction(check.pay_step_fen * row.pay_steps)
    for payment in sorted(check.payments):
        error, doubt = _payment_error(payment, check), _payment_doubt(payment, check)
        outcome = outcome_of(error, limit, doubt, is_open=is_open or len(check.payments) < wanted)
        yield Ground(
            code=f"{FuelGround.PAID}_{outcome}",
            outcome=outcome.code,
            value=Amount(error, Unit.MONEY),
            limit=Amount(limit, Unit.MONEY),
            harmed=harmed_by(error),
            rows=(row,),
            facts={
                "shown": Amount(payment.shown_fen, Unit.MONEY),
                "volume": Amount(payment.volume_ul, Unit.VOLUME),
                "price": Amount(payment.price_fen, Unit.PRICE_PER_LITRE),
                "doubt": Amount(doubt, Unit.MONEY),
                "payments": wanted,
            },
        )


def _payment_error(payment: Payment, check: NozzleCheck) -> Fraction:
    volume_ul = checked_volume_ul(payment.volume_ul, step_ul=check.step_ul)
    return payment.shown_fen - Fraction(volume_ul * checked_price_fen(payment.price_fen), UL_PER_L)


def _payment_doubt(payment: Payment, check: NozzleCheck) -> Fraction:
    """Half a digit of the volume at that price, and half a digit of the amount."""
    return Fraction(check.step_ul * payment.price_fen, 2 * UL_PER_L) + Fraction(check.pay_step_fen, 2)


def _hindrances(check: NozzleCheck, points: list[Point], rules: Rules) -> Iterator[Ground]:
    """Yield what keeps a test from concluding anything."""
    yield from _missing(points, rules)
    yield from _unfit_runs(check, points, rules)
    yield from _warmth(check, rules)
    yield from _unfit_standards(check, points, rules)


def _open(code: FuelGround, value: Amount | None = None, limit: Amount | None = None, **fields: object) -> Ground:
    return Ground(code=code, outcome=Code.INDETERMINATE, value=value, limit=limit, **fields)  # type: ignore[arg-type]


def _missing(points: list[Point], rules: Rules) -> Iterator[Ground]:
    plan = rules.one_of(FuelTest)
    if len(points) < plan.flows:
        yield _open(FuelGround.TOO_FEW_FLOWS, rows=(plan,), facts={"value": len(points), "limit": plan.flows})
    for point in points:
        if len(point.measured) < plan.runs:
            facts = {"flow": point.flow.value, "value": len(point.measured), "limit": plan.runs}
            yield _open(FuelGround.TOO_FEW_RUNS, rows=(plan,), facts=facts)


def _unfit_runs(check: NozzleCheck, points: list[Point], rules: Rules) -> Iterator[Ground]:
    measured = [one for point in points for one in point.measured]
    if not measured:
        return
    least_rows = _least_rows(check, rules)
    least_ul = least_rows[0].least_ul if check.least_ul is None else check.least_ul
    smallest_ul = min(one.run.shown_ul for one in measured)
    if smallest_ul < least_ul:
        facts = {"value": Amount(smallest_ul, Unit.VOLUME), "limit": Amount(least_ul, Unit.VOLUME)}
        yield _open(FuelGround.TOO_LITTLE, rows=least_rows, facts=facts)
    plausible = rules.one_of(FuelPlausible)
    most, worst = Fraction(plausible.most_ppm, PPM), max((one.error for one in measured), key=lambda error: abs(error))
    if abs(worst) > most:
        yield _open(FuelGround.IMPLAUSIBLE, _ratio(worst), _ratio(most), rows=(plausible,))


def _warmth(check: NozzleCheck, rules: Rules) -> Iterator[Ground]:
    conditions = {row.condition: row for row in rules.all_of(FuelCondition)}
    if not {"oil", "ambient"} <= set(conditions):
        raise NoRule(what=FuelCondition.__name__, day=rules.day.isoformat())
    apart_mk = max((abs(run.dispenser_mk - run.measure_mk) for run in check.runs), default=0)
    yield from _too_far_apart(FuelGround.OIL_TEMPERATURE, apart_mk, conditions["oil"])
    air_mk = [plausible_mk(mk, rules) for mk in check.ambient_mk]
    if len(air_mk) < 2:
        yield _open(FuelGround.AMBIENT_UNKNOWN, rows=(conditions["ambient"],))
    else:
        yield from _too_far_apart(FuelGround.AMBIENT, max(air_mk) - min(air_mk), conditions["ambient"])


def _too_far_apart(code: FuelGround, apart_mk: int, condition: FuelCondition) -> Iterator[Ground]:
    if apart_mk > condition.at_most_mk:
        apart, most = Amount(apart_mk, Unit.TEMPERATURE), Amount(condition.at_most_mk, Unit.TEMPERATURE)
        yield _open(code, apart, most, rows=(condition,))


def _unfit_standards(check: NozzleCheck, points: list[Point], rules: Rules) -> Iterator[Ground]:
    until = check.measure.valid_until
    if until is not None and until < rules.day:
        yield _open(FuelGround.STANDARD_EXPIRED, facts={"until": until.isoformat()})
    share = _share_of_limit(rules)
    standard = max((one.standard for point in points for one in point.measured), default=Fraction())
    most = Fraction(mean_limit(rules), share.divisor)
    if standard > most:
        yield _open(FuelGround.STANDARD_COARSE, _ratio(standard), _ratio(most), rows=(share,))


def _share_of_limit(rules: Rules) -> StandardShare:
    share = next((row for row in reversed(rules.all_of(StandardShare)) if row.kind == KIND), None)
    if share is None:
        raise NoRule(what=StandardShare.__name__, day=rules.day.isoformat())
    return share


def neck_step(neck: Neck, height_um: int) -> Step:
    """Return the line of the arithmetic that turns a height on the neck into a volume; raises NeckOutOfRange."""
    return Step(
        code="fuel_neck",
        facts={
            "reference": Amount(neck.reference_ul, Unit.VOLUME),
            "height": decimal_text(Fraction(height_um, UM_PER_MM)),
            "mark": decimal_text(Fraction(neck.reference_um, UM_PER_MM)),
            "factor": Amount(neck.ul_per_mm, Unit.VOLUME),
            "held": Amount(neck_volume_ul(neck, height_um), Unit.VOLUME),
        },
    )


def _steps(point: Point, rules: Rules) -> Iterator[Step]:
    flow = point.flow.value
    for one in point.measured:
        volumes = {"shown": one.run.shown_ul, "held": one.run.held_ul, "true": one.true_ul}
        facts = {name: Amount(ul, Unit.VOLUME) for name, ul in volumes.items()}
        warmths = {"at_dispenser": one.run.dispenser_mk, "in_measure": one.run.measure_mk}
        facts |= {name: Amount(mk, Unit.TEMPERATURE) for name, mk in warmths.items()}
        yield Step(code="fuel_run", facts={"flow": flow, "error": _ratio(one.error), **facts})
    yield Step(code="fuel_mean", facts={"flow": flow, "mean": _ratio(point.mean)})
    divisor = divisor_of(len(point.measured), rules)
    if divisor:
        figures = {"largest": point.largest, "smallest": point.smallest, "spread": point.spread(divisor)}
        written = decimal_text(Fraction(divisor.hundredths, HUNDREDTHS), 2)
        ratios = {name: _ratio(value) for name, value in figures.items()}
        yield Step(code="fuel_spread", facts={"flow": flow, "divisor": written, **ratios})
