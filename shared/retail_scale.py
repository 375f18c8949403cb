"""Whether a scale is good enough: to sell these goods, or to weigh them again for somebody else.

Source: 零售商品称重计量监督管理办法 (order 66 of 2004, amended by order 31 on 2020-10-23), article 3: a scale that
sells must have a maximum permissible error no worse than what the goods may be short; article 6 asks a third of that,
or as much, of a scale that weighs again. Whether the error at verification or that in service is meant is unknown, so
both are shown, and where they differ nothing is concluded. Masses are whole milligrams.

>>> from datetime import date
>>> from shared.rules import rules_on
>>> rules = rules_on(date(2026, 11, 21))
>>> market = Scale(max_mg=30_000_000, min_mg=200_000, e_mg=10_000, d_mg=10_000, accuracy_class="III")
>>> [scale_suits(market, tier, 1_000_000, rules).code.value for tier in ("food_1", "food_2", "food_3")]
['within', 'indeterminate', 'beyond']
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, conclude
from shared.retail import limit_bands, shortage_limit
from shared.rules import Rules
from shared.rules.rows import RetailLimit, RetailScale, Row
from shared.scales import Limit, Scale, permissible_error


class ScaleFit(StrEnum):
    """What can be said of a scale that sells."""

    SUITS = "retail_scale_suits"
    UNCLEAR = "retail_scale_unclear"
    UNSUITED = "retail_scale_unsuited"


_CODES = {
    Code.WITHIN: ScaleFit.SUITS,
    Code.INDETERMINATE: ScaleFit.UNCLEAR,
    Code.BEYOND: ScaleFit.UNSUITED,
}


@dataclass(frozen=True)
class Mpe:
    """The largest error allowed at one load, at verification and in service."""

    at_verification: Limit
    in_service: Limit

    @property
    def rows(self) -> tuple[Row, ...]:
        """What both figures rest on."""
        limit = self.in_service
        return tuple(row for row in (limit.band, limit.regulation, limit.service) if row)

    def against(self, limit: Fraction) -> Code:
        """Compare with what is asked: within or beyond by both figures, indeterminate where they differ."""
        if self.in_service.limit_mg <= limit:
            return Code.WITHIN
        return Code.BEYOND if self.at_verification.limit_mg > limit else Code.INDETERMINATE


def mpe_at(scale: Scale, load_mg: int, rules: Rules) -> Mpe:
    """Return both errors allowed at a load; raises NoRule and LoadOutOfRange as ``permissible_error`` does."""
    verified = permissible_error(scale, load_mg, rules, in_service=False)
    return Mpe(verified, permissible_error(scale, load_mg, rules, in_service=True))


def scale_suits(scale: Scale, tier: str, load_mg: int, rules: Rules) -> Conclusion:
    """Say whether a scale may sell goods of a tier in portions of one weight (article 3).

    Raises what ``shortage_limit`` and ``mpe_at`` raise.

    >>> from datetime import date
    >>> from shared.rules import rules_on
    >>> fine = Scale(max_mg=6_000_000, min_mg=20_000, e_mg=1_000, d_mg=1_000, accuracy_class="III")
    >>> scale_suits(fine, "food_2", 2_500_000, rules_on(date(2026, 11, 21))).code.value
    'within'
    """
    band = shortage_limit(tier, load_mg, rules)
    return conclude([_ground(scale, band, load_mg, rules)], rules.ruleset)


def scale_suits_bands(scale: Scale, tier: str, rules: Rules) -> tuple[Ground, ...]:
    """Return one ground for each band of a tier that the scale can weigh, at the heaviest load of both.

    The error allowed rises with the load and the limit stays in a band, so that the heaviest load decides. Nothing is
    concluded over all bands: a stall may sell small portions alone.
    """
    bands = [band for band in limit_bands(tier, rules) if band.above_mg < scale.max_mg]
    return tuple(_ground(scale, band, min(band.up_to_mg, scale.max_mg), rules) for band in bands)


def _ground(scale: Scale, band: RetailLimit, load_mg: int, rules: Rules) -> Ground:
    duty = rules.one_of(RetailScale)
    mpe = mpe_at(scale, load_mg, rules)
    allowed = Fraction(band.limit_mg, duty.part)
    outcome = mpe.against(allowed)
    return Ground(
        code=_CODES[outcome],
        outcome=outcome,
        value=Amount(mpe.at_verification.limit_mg, Unit.MASS),
        limit=Amount(allowed, Unit.MASS),
        rows=(duty, band, *mpe.rows),
        facts={"load": Amount(load_mg, Unit.MASS), "in_service": Amount(mpe.in_service.limit_mg, Unit.MASS)},
    )
