"""What is read off when goods are weighed again, and which rows judge that sale.

Source: 零售商品称重计量监督管理办法 (order 66 of 2004, amended by order 31 on 2020-10-23), article 6: three methods,
each with its multiple of the limit and what it asks of its standard. Packaging, ropes, bags and water settled as goods
are missing goods: what counts is the weight with packaging less the packaging. Masses are whole milligrams.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from shared.errors import BadPackaging, NoRule, NothingReweighed
from shared.quantities import mass_text, shown_mg
from shared.retail import Fit, Sale, chosen_tier, shortage_limit
from shared.rules import Rules
from shared.rules.rows import RetailLimit, RetailMethod, RetailReference, Row
from shared.scales import M1, Scale


@dataclass(frozen=True)
class SameScale:
    """The goods on the scale that sold them (``shown_mg``, with packaging), then weights of the same mass on it."""

    scale: Scale
    shown_mg: int
    weights_mg: int
    weights_shown_mg: int
    weight_class: str = M1
    packaging_mg: int = 0
    method = "same_scale"

    @property
    def scale_error_mg(self) -> int:
        """How much the scale showed too much under the weights."""
        return self.weights_shown_mg - self.weights_mg


@dataclass(frozen=True)
class FinerScale:
    """The goods on a scale that errs by a third of the limit at most (``shown_mg``, with packaging)."""

    scale: Scale
    shown_mg: int
    packaging_mg: int = 0
    method = "finer_scale"


@dataclass(frozen=True)
class EqualScale:
    """The goods on another scale that errs by the limit at most (``shown_mg``, with packaging)."""

    scale: Scale
    shown_mg: int
    packaging_mg: int = 0
    method = "equal_scale"


Recheck = SameScale | FinerScale | EqualScale


@dataclass(frozen=True)
class Case:
    """A sale weighed again, with the rows that judge it; ``limit_mg`` is that of the method."""

    sale: Sale
    recheck: Recheck
    fit: Fit
    band: RetailLimit
    method: RetailMethod
    reference: RetailReference

    @property
    def net_mg(self) -> int:
        """The goods without their packaging."""
        return self.recheck.shown_mg - self.recheck.packaging_mg

    @property
    def shortage_mg(self) -> int:
        """What is missing; negative where too much was given."""
        return self.sale.settled_mg - self.net_mg

    @property
    def limit_mg(self) -> int:
        """What the readings of this method may differ at most."""
        return self.band.limit_mg * self.method.multiplier

    @property
    def reference_limit_mg(self) -> Fraction:
        """What the standard of this method may err at most."""
        return Fraction(self.band.limit_mg, self.reference.part)

    @property
    def half_digit_mg(self) -> Fraction:
        """Half a digit of the display at this weight."""
        return Fraction(self.recheck.scale.part(self.recheck.shown_mg).d_mg, 2)

    @property
    def doubt_mg(self) -> Fraction:
        """Half a digit for each weight read off: the goods, and the packaging where there is some."""
        return self.half_digit_mg * (2 if self.recheck.packaging_mg else 1)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What judges the sale, whatever the standard."""
        return (self.band, *self.fit.rows, self.method, self.reference)


def open_case(sale: Sale, recheck: Recheck, rules: Rules) -> Case:
    """Return the sale with its limit; raises what ``chosen_tier`` and ``shortage_limit`` raise, and NoRule."""
    fit = chosen_tier(sale, rules)
    band = shortage_limit(fit.tier, sale.settled_mg, rules)
    methods = [row for row in rules.all_of(RetailMethod) if row.method == recheck.method]
    references = [row for row in rules.all_of(RetailReference) if row.method == recheck.method]
    if not methods or not references:
        raise NoRule(what=recheck.method, day=rules.day.isoformat())
    return Case(sale, recheck, fit, band, methods[-1], references[-1])


def refuse_bad_readings(recheck: Recheck) -> None:
    """Raise NegativeReading, FinerThanDisplay, AboveMax, NothingReweighed or BadPackaging for what nobody can read.

    >>> scale = Scale(max_mg=15_000_000, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
    >>> refuse_bad_readings(EqualScale(scale, shown_mg=995_000))
    >>> refuse_bad_readings(EqualScale(scale, shown_mg=996_000))
    Traceback (most recent call last):
    shared.errors.FinerThanDisplay: ('finer_than_display', {'text': '0.996', 'd': '5', 'unit': 'kg'})
    """
    readings = [recheck.shown_mg, *([recheck.weights_shown_mg] if isinstance(recheck, SameScale) else [])]
    for mg in readings:
        part = recheck.scale.part(mg)
        shown_mg(mass_text(mg), unit="kg", d_mg=part.d_mg, e_mg=part.e_mg, max_mg=recheck.scale.max_mg)
        if mg == 0:
            raise NothingReweighed()
    if recheck.packaging_mg and not 0 < recheck.packaging_mg < recheck.shown_mg:
        raise BadPackaging(packaging=mass_text(recheck.packaging_mg), gross=mass_text(recheck.shown_mg))
