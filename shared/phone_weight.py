"""A phone as a check weight: what a buyer who knows what the phone weighs can tell about a scale, in one sentence.

No rule of law: one load and a mass nobody verified never show a violation. The answer is that the scale looks right,
that it looks off and a re-weigh should be asked for, or that a phone cannot tell. It is compared with the error the
scale may have in service (OIML R 76-1:2006, 3.5.1 and 3.5.2); it looks off only beyond that, the phone's tolerance and
half a digit together. A phone below Min, or one whose tolerance is wider than that error, tells nothing. Where nobody
states a tolerance the row from memory is used and the answer is unconfirmed. Masses are whole milligrams.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
>>> [try_phone(Phone(206_000), scale, shown_mg, rules_on(date(2026, 11, 21))).grounds[0].code.value
...  for shown_mg in (205_000, 215_000, 240_000)]
['phone_looks_right', 'phone_in_doubt', 'phone_looks_off']
>>> try_phone(Phone(96_000), scale, 95_000, rules_on(date(2026, 11, 21))).grounds[0].code.value
'phone_too_light'
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, conclude
from shared.errors import NoPhoneMass, NoRule
from shared.outcomes import harmed_by
from shared.quantities import mass_text, shown_mg
from shared.rules import Rules
from shared.rules.rows import PhoneTolerance, Row, ScaleClass
from shared.scales import Scale, permissible_error

PERMILLE = 1000
MAKER = "maker"


class PhoneGround(StrEnum):
    """What a phone on the scale can say; the last three all mean that it cannot tell."""

    LOOKS_RIGHT = "phone_looks_right"
    LOOKS_OFF = "phone_looks_off"
    TOO_LIGHT = "phone_too_light"
    TOO_UNCERTAIN = "phone_too_uncertain"
    IN_DOUBT = "phone_in_doubt"


@dataclass(frozen=True)
class Phone:
    """A phone without its case: its mass as stated or weighed, and how far it may be off (None: nobody says)."""

    mass_mg: int
    tolerance_mg: int | None = None


def try_phone(phone: Phone, scale: Scale, reading_mg: int, rules: Rules) -> Conclusion:
    """Say in one ground what the scale's reading of a phone tells; never ``beyond``.

    Min is that of the nameplate, or of the scale's class where the plate's is not known (``min_mg`` 0). Raises
    NoPhoneMass, NegativeReading, FinerThanDisplay, AboveMax, LoadOutOfRange for a phone above Max, and NoRule.
    """
    if phone.mass_mg <= 0 or (phone.tolerance_mg or 0) < 0:
        raise NoPhoneMass(text=mass_text(phone.mass_mg, unit="g"))
    part = scale.part(reading_mg)
    shown_mg(mass_text(reading_mg), unit="kg", d_mg=part.d_mg, e_mg=part.e_mg, max_mg=scale.max_mg)
    return conclude([_ground(phone, scale, reading_mg, rules)], rules.ruleset)


def _ground(phone: Phone, scale: Scale, reading_mg: int, rules: Rules) -> Ground:
    limit = permissible_error(scale, phone.mass_mg, rules, in_service=True)
    tolerance_mg, tolerance_rows = _tolerance(phone, rules)
    least_mg, least_rows = _least(scale, rules)
    rows: tuple[Row, ...] = (limit.band, limit.regulation, *([limit.service] if limit.service else []))
    facts = {"phone": _mass(phone.mass_mg), "shown": _mass(reading_mg), "tolerance": _mass(tolerance_mg)}
    if phone.mass_mg < least_mg:
        light, facts = PhoneGround.TOO_LIGHT, facts | {"least": _mass(least_mg)}
        return Ground(code=light, outcome=Code.INDETERMINATE, rows=(*rows, *least_rows), facts=facts)
    error_mg = reading_mg - phone.mass_mg
    code = _code(abs(error_mg), limit.limit_mg, tolerance_mg, Fraction(scale.part(reading_mg).d_mg, 2))
    return Ground(
        code=code,
        outcome=Code.WITHIN if code is PhoneGround.LOOKS_RIGHT else Code.INDETERMINATE,
        value=_mass(error_mg),
        limit=_mass(limit.limit_mg),
        harmed=harmed_by(error_mg),
        rows=(*rows, *tolerance_rows, *least_rows),
        facts=facts,
    )


def _code(error_mg: int, limit_mg: int, tolerance_mg: Fraction, half_digit_mg: Fraction) -> PhoneGround:
    if tolerance_mg > limit_mg:
        return PhoneGround.TOO_UNCERTAIN
    if error_mg <= limit_mg:
        return PhoneGround.LOOKS_RIGHT
    is_off = error_mg - limit_mg > tolerance_mg + half_digit_mg
    return PhoneGround.LOOKS_OFF if is_off else PhoneGround.IN_DOUBT


def _tolerance(phone: Phone, rules: Rules) -> tuple[Fraction, tuple[Row, ...]]:
    """Return how far the phone may be from its mass, and the row where nobody states it."""
    if phone.tolerance_mg is not None:
        return Fraction(phone.tolerance_mg), ()
    for row in reversed(rules.all_of(PhoneTolerance)):
        if row.basis == MAKER:
            return max(Fraction(phone.mass_mg * row.permille, PERMILLE), Fraction(row.at_least_mg)), (row,)
    raise NoRule(what=MAKER, day=rules.day.isoformat())


def _least(scale: Scale, rules: Rules) -> tuple[int, tuple[Row, ...]]:
    """Return Min of the plate, or of the class for this interval, and the row that says so."""
    if scale.min_mg > 0:
        return scale.min_mg, ()
    e_mg = scale.parts[0].e_mg
    for row in reversed(rules.all_of(ScaleClass)):
        is_within = row.e_from_mg <= e_mg and (e_mg <= row.e_to_mg or not row.e_to_mg)
        if row.accuracy_class == scale.accuracy_class and is_within:
            return row.min_e * e_mg, (row,)
    raise NoRule(what=scale.accuracy_class, day=rules.day.isoformat())


def _mass(mg: int | Fraction) -> Amount:
    return Amount(mg, Unit.MASS)
