"""The tests of a scale beside its weighing points: zero, tare, corners, spread, discrimination, and its nameplate.

Source: OIML R 76-1 (2006): 3.2 (classes), 3.6.1 (repeatability), 3.6.2 (eccentric loading), 3.8.2 (discrimination),
4.5.2 (zero), 4.6.3 (tare); every figure is a ``scale_test`` or ``scale_class`` row with what is known of it. Limits are
those in service. Nothing is concluded from one reading: each test is made three times, the corners are four. Masses are
whole milligrams.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> corners(scale, 5_000_000, [5_000_000, 5_005_000, 5_000_000, 5_025_000], rules_on(date(2026, 11, 21))).code.value
'beyond'
>>> corners(scale, 5_000_000, [5_025_000, 5_025_000], rules_on(date(2026, 11, 21))).code.value
'indeterminate'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit, decimal_text
from shared.conclusion import Conclusion, Ground, conclude, undecided
from shared.errors import NegativeReading
from shared.outcomes import harmed_by, outcome_of
from shared.quantities import mass_text
from shared.rules import Rules
from shared.rules.rows import Row, ScaleClass, ScaleTest
from shared.scales import Limit, Scale, fewest_weights, permissible_error, weights_doubt_mg
from shared.verdict import Code, Reading, ReasonCode, judge_point, scale_test

CORNERS, WEIGHINGS = 4, 3
KILOGRAM_MG = 1_000_000


class ScaleGround(StrEnum):
    """What a test of a scale can find."""

    ZERO = "zero"
    TARE = "tare"
    CORNER = "corner"
    CORNER_LOAD = "corner_load"
    TOO_FEW_CORNERS = "too_few_corners"
    SPREAD = "spread"
    TOO_FEW_WEIGHINGS = "too_few_weighings"
    DISCRIMINATION = "discrimination"
    ADDED_TOO_LITTLE = "added_too_little"
    CLASS_OF_E = "class_of_e"
    INTERVALS = "intervals"
    LEAST_LOAD = "least_load"
    FINER_E = "finer_e"


@dataclass(frozen=True, order=True)
class Trial:
    """What the scale showed, the small weight added then, and what it showed after."""

    shown_mg: int
    added_mg: int
    then_mg: int


def _mass(mg: int | Fraction) -> Amount:
    return Amount(mg, Unit.MASS)


def zero(scale: Scale, added_mg: Sequence[int], rules: Rules) -> Conclusion:
    """Judge the zero set: half an interval less the small weights that flash the display over to its first figure.

    It is set and tried three times at least; fewer conclude nothing. Raises NegativeReading for weights below nothing,
    NoRule where no row gives the part of e that zero may err.
    """
    return _setting(ScaleGround.ZERO, "zero_of_e", scale, added_mg, rules)


def tare(scale: Scale, added_mg: Sequence[int], rules: Rules) -> Conclusion:
    """Judge the tare set, as zero: the display stands at nothing with the container on the pan. Raises as ``zero``."""
    return _setting(ScaleGround.TARE, "tare_of_e", scale, added_mg, rules)


def _setting(code: ScaleGround, name: str, scale: Scale, added_mg: Sequence[int], rules: Rules) -> Conclusion:
    _refuse_negative(added_mg)
    row = scale_test(name, rules)
    grounds = [_set_once(code, scale.parts[0].e_mg, added, row, rules) for added in sorted(added_mg)]
    return conclude(_enough(grounds, WEIGHINGS, ScaleGround.TOO_FEW_WEIGHINGS), rules.ruleset)


def _set_once(code: ScaleGround, e_mg: int, added_mg: int, row: ScaleTest, rules: Rules) -> Ground:
    error_mg = Fraction(e_mg, 2) - added_mg
    limit_mg = Fraction(e_mg * row.numerator, row.denominator)
    return Ground(
        code=code,
        outcome=outcome_of(error_mg, limit_mg, weights_doubt_mg(added_mg, rules), is_open=False).code,
        value=_mass(error_mg),
        limit=_mass(limit_mg),
        harmed=harmed_by(error_mg),
        rows=(row, *(weight for weight, _ in fewest_weights(added_mg, rules))),
    )


def _refuse_negative(added_mg: Iterable[int]) -> None:
    for added in added_mg:
        if added < 0:
            raise NegativeReading(text=mass_text(added, unit="g"))


def _enough(grounds: Sequence[Ground], wanted: int, missing: ScaleGround) -> Sequence[Ground]:
    """Return the grounds of a test; made fewer times than wanted they decide nothing, and a last one says so."""
    if len(grounds) >= wanted:
        return grounds
    return [*map(undecided, grounds), _missing(missing, len(grounds), wanted, ())]


def corner_load_mg(scale: Scale, rules: Rules) -> tuple[int, int]:
    """Return the least and the most load for the corners: a third of Max, to the whole kilogram that weights make up.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> fifty = Scale(max_mg=50_000_000, min_mg=400_000, e_mg=20_000, d_mg=20_000, accuracy_class="III")
    >>> corner_load_mg(fifty, rules_on(date(2026, 11, 21)))
    (16000000, 17000000)
    """
    row = scale_test("corner_of_max", rules)
    step = KILOGRAM_MG if scale.max_mg >= CORNERS * KILOGRAM_MG else scale.d_mg
    third = Fraction(scale.max_mg * row.numerator, row.denominator)
    return int(third // step) * step, -int(-third // step) * step


def corners(scale: Scale, load_mg: int, shown_mg: Sequence[int], rules: Rules) -> Conclusion:
    """Judge one load laid on each corner: every indication within the limit at that load.

    Fewer than four corners, or another load than about a third of Max, conclude nothing. Raises LoadOutOfRange, NoRule.
    """
    grounds = [_point(scale, Reading(load_mg, shown), ScaleGround.CORNER, rules) for shown in sorted(shown_mg)]
    least, most = corner_load_mg(scale, rules)
    row, told = scale_test("corner_of_max", rules), _enough(grounds, CORNERS, ScaleGround.TOO_FEW_CORNERS)
    if not least <= load_mg <= most:
        told = [*map(undecided, told), _missing(ScaleGround.CORNER_LOAD, _mass(load_mg), _mass(least), (row,))]
    return conclude(told, rules.ruleset, rests_on=[row])


def spread(scale: Scale, load_mg: int, shown_mg: Sequence[int], rules: Rules) -> Conclusion:
    """Judge repeated weighings of one load: the greatest difference within the limit at that load (three and more).

    The difference harms nobody in particular. Raises LoadOutOfRange, NoRule.
    """
    row = scale_test("spread_of_limit", rules)
    limit = permissible_error(scale, load_mg, rules, in_service=True)
    limit_mg = Fraction(limit.limit_mg * row.numerator, row.denominator)
    if len(shown_mg) < WEIGHINGS:
        few = _missing(ScaleGround.TOO_FEW_WEIGHINGS, len(shown_mg), WEIGHINGS, ())
        return conclude([few], rules.ruleset)
    value = max(shown_mg) - min(shown_mg)
    outcome = outcome_of(value, limit_mg, scale.part(max(shown_mg)).d_mg, is_open=False).code
    rows = (*_rows(limit), row)
    ground = Ground(code=ScaleGround.SPREAD, outcome=outcome, value=_mass(value), limit=_mass(limit_mg), rows=rows)
    return conclude([ground], rules.ruleset)


def discrimination(scale: Scale, trials: Sequence[Trial], rules: Rules) -> Conclusion:
    """Judge whether the display follows a small weight: 1.4 d added must change it by at least one digit.

    Fewer than three trials conclude nothing, nor do those among which one weight was too small. Raises NegativeReading,
    NoRule.
    """
    _refuse_negative(trial.added_mg for trial in trials)
    row = scale_test("discrimination_of_d", rules)
    grounds = [_followed(scale, trial, row) for trial in sorted(trials)]
    if any(ground.code == ScaleGround.ADDED_TOO_LITTLE for ground in grounds):
        grounds = [undecided(ground) for ground in grounds]
    return conclude(_enough(grounds, WEIGHINGS, ScaleGround.TOO_FEW_WEIGHINGS), rules.ruleset)


def _followed(scale: Scale, trial: Trial, row: ScaleTest) -> Ground:
    d_mg = scale.part(trial.shown_mg).d_mg
    wanted_mg = Fraction(d_mg * row.numerator, row.denominator)
    changed_mg = abs(trial.then_mg - trial.shown_mg)
    if trial.added_mg < wanted_mg:
        return _missing(ScaleGround.ADDED_TOO_LITTLE, _mass(trial.added_mg), _mass(wanted_mg), (row,))
    return Ground(
        code=ScaleGround.DISCRIMINATION,
        outcome=Code.WITHIN if changed_mg >= d_mg else Code.BEYOND,
        facts={"added": _mass(trial.added_mg), "changed": _mass(changed_mg), "digit": _mass(d_mg)},
        rows=(row,),
    )


def nameplate(scale: Scale, rules: Rules) -> Conclusion:
    """Say whether a nameplate can be right: e, the number of intervals and Min as the class has them.

    What does not fit leaves the check in doubt: mistyped, or a plate that lies. Raises nothing; a class without rows
    is in doubt too.
    """
    rows = [row for row in rules.all_of(ScaleClass) if row.accuracy_class == scale.accuracy_class]
    grounds = [ground for part in scale.parts for ground in _part(part.max_mg, part.e_mg, rows)]
    fitting = _of_e(scale.parts[0].e_mg, rows)
    if fitting is not None:
        least = Amount(fitting.min_e * scale.parts[0].e_mg, Unit.MASS)
        outcome = Code.WITHIN if scale.min_mg >= least.value else Code.INDETERMINATE
        marked = {"least": least, "marked": _mass(scale.min_mg)}
        grounds.append(Ground(code=ScaleGround.LEAST_LOAD, outcome=outcome, facts=marked, rows=(fitting,)))
    coarse = next((part for part in scale.parts if part.d_mg > part.e_mg), None)
    if coarse is not None:
        shown = {"e": _mass(coarse.e_mg), "d": _mass(coarse.d_mg)}
        grounds.append(Ground(code=ScaleGround.FINER_E, outcome=Code.INDETERMINATE, facts=shown))
    return conclude(grounds, rules.ruleset)


def _of_e(e_mg: int, rows: Sequence[ScaleClass]) -> ScaleClass | None:
    fitting = (row for row in rows if row.e_from_mg <= e_mg and (not row.e_to_mg or e_mg <= row.e_to_mg))
    return next(fitting, None)


def _part(max_mg: int, e_mg: int, rows: Sequence[ScaleClass]) -> list[Ground]:
    row = _of_e(e_mg, rows)
    if row is None:
        marked = {"e": _mass(e_mg)}
        return [Ground(code=ScaleGround.CLASS_OF_E, outcome=Code.INDETERMINATE, facts=marked, rows=tuple(rows))]
    count = Fraction(max_mg, e_mg)
    fits = row.n_from <= count and (not row.n_to or count <= row.n_to)
    facts: Mapping[str, Amount | int | str] = {
        "n": decimal_text(count, 0),
        "least": row.n_from,
        "most": row.n_to or "∞",
    }
    outcome = Code.WITHIN if fits else Code.INDETERMINATE
    return [Ground(code=ScaleGround.INTERVALS, outcome=outcome, facts=facts, rows=(row,))]


def _point(scale: Scale, reading: Reading, code: ScaleGround, rules: Rules) -> Ground:
    reason = judge_point(scale, reading, rules)
    outcomes = {ReasonCode.POINT_WITHIN: Code.WITHIN, ReasonCode.POINT_IN_DOUBT: Code.INDETERMINATE}
    return Ground(
        code=code,
        outcome=outcomes.get(reason.code, Code.BEYOND),
        value=_mass(reason.error_mg),
        limit=_mass(reason.limit_mg),
        harmed=reason.harmed,
        rows=(
            *_rows(permissible_error(scale, reading.load_mg, rules, in_service=True)),
            *(weight for weight, _ in fewest_weights(reading.load_mg, rules)),
        ),
        facts={"load": _mass(reading.load_mg), "shown": _mass(reading.shown_mg)},
    )


def _rows(limit: Limit) -> tuple[Row, ...]:
    return tuple(row for row in (limit.regulation, limit.band, limit.service) if row is not None)


def _missing(code: ScaleGround, value: Amount | int, limit: Amount | int, rows: tuple[Row, ...]) -> Ground:
    return Ground(code=code, outcome=Code.INDETERMINATE, facts={"value": value, "limit": limit}, rows=rows)
