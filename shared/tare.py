"""Taking off the tare: each package's own, or the mean of some packages.

Source: OIML R 87 (2004), Annex B, from memory: the mean of ten stands for all while it is at most a tenth of the marked
mass; else that of 25 while their standard deviation is at most a quarter of T; else each package is weighed with its
own. JJF 1070 has an annex of its own on this, which was not read: a mean tare is therefore always unconfirmed. Masses
are whole milligrams. Goods by volume, length, area or count have no tare.

>>> from datetime import date
>>> from shared.prepackages import quantity
>>> from shared.rules import rules_on
>>> salt = Package(quantity("500", "g"))
>>> net_of_each(salt, [512_000, 509_000], [10_000, 11_000])
(502000, 498000)
>>> net_by_mean(salt, [512_000, 509_000], [10_000] * 9 + [11_000], rules_on(date(2026, 11, 21))).contents
(Fraction(501900, 1), Fraction(498900, 1))
>>> net_of_each(salt, [512_000], [])
Traceback (most recent call last):
shared.errors.TaresDiffer: ('tares_differ', {'count': 0, 'wanted': 1})
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.amounts import Amount, Unit, with_symbol
from shared.conclusion import Code, Ground
from shared.errors import TareAboveGross, TaresDiffer, TareVaries, TareWithoutMass, TooFewTares
from shared.lot import Spread, spread_of
from shared.prepackages import PER_THOUSAND, Content, Package, allowed_shortage, refuse_negative
from shared.rules import Rules
from shared.rules.rows import PrepackageTare


class TareGround(StrEnum):
    """How a mean tare was found."""

    MEAN = "tare_mean"


@dataclass(frozen=True)
class Net:
    """Contents after a mean tare was taken off, and the ground that says how."""

    contents: tuple[Fraction, ...]
    ground: Ground


def net_of_each(package: Package, gross_mg: Sequence[int], tares_mg: Sequence[int]) -> tuple[int, ...]:
    """Return each gross less its own tare, in the same order.

    Raises TareWithoutMass, TaresDiffer unless there is one tare for each gross, NegativeContent, TareAboveGross.
    """
    _refuse(package, gross_mg, tares_mg)
    if len(gross_mg) != len(tares_mg):
        raise TaresDiffer(count=len(tares_mg), wanted=len(gross_mg))
    pairs = list(zip(gross_mg, tares_mg, strict=True))
    for gross, tare in pairs:
        _refuse_heavier(package, gross, tare)
    return tuple(gross - tare for gross, tare in pairs)


def net_by_mean(package: Package, gross_mg: Sequence[int], tares_mg: Sequence[int], rules: Rules) -> Net:
    """Return each gross less the mean tare; the tares may be those of other packages of the lot.

    Raises TareWithoutMass, NegativeContent, TareAboveGross, TooFewTares with how many are wanted, TareVaries where
    each package has to be weighed with its own, NoRule, and as ``allowed_shortage``.
    """
    _refuse(package, gross_mg, tares_mg)
    row = rules.one_of(PrepackageTare)
    if len(tares_mg) < row.few:
        raise TooFewTares(count=len(tares_mg), wanted=row.few)
    spread = spread_of(tares_mg)
    if spread.mean * PER_THOUSAND > package.marked.exact * row.share_thousandths:
        _refuse_varied(package, spread, row, rules)
    facts: dict[str, Amount | int | str] = {"count": spread.count, "mean": package.amount(spread.mean)}
    ground = Ground(code=TareGround.MEAN, outcome=Code.WITHIN, rows=(row,), facts=facts)
    for gross in gross_mg:
        _refuse_heavier(package, gross, spread.mean)
    return Net(tuple(gross - spread.mean for gross in gross_mg), ground)


def _refuse(package: Package, gross_mg: Sequence[int], tares_mg: Sequence[int]) -> None:
    if package.sound().kind is not Unit.MASS:
        raise TareWithoutMass()
    refuse_negative(package, (*gross_mg, *tares_mg))


def _refuse_varied(package: Package, spread: Spread, row: PrepackageTare, rules: Rules) -> None:
    if spread.count < row.many:
        raise TooFewTares(count=spread.count, wanted=row.many)
    most = Fraction(allowed_shortage(package, rules).least * row.s_thousandths, PER_THOUSAND)
    if spread.variance > most * most:
        raise TareVaries()


def _refuse_heavier(package: Package, gross_mg: int, tare_mg: Content) -> None:
    if tare_mg > gross_mg:
        raise TareAboveGross(text=with_symbol(package.amount(gross_mg)), tare=with_symbol(package.amount(tare_mg)))
