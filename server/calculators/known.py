"""What is wrong with figures of which some may be missing or unreadable: all that can be known, told at once.

Each function notes the faults of one calculator. It looks only at what was read (``fields.UNREAD`` stands for the
rest), so that a mistake in one field never hides another, nor makes one up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from server.calculators.faults import Faults, Where
from server.calculators.fields import UNREAD
from server.calculators.plates import ANY_SCALE, refuse_reading, scale_of, with_least
from server.clock import now
from shared.dates import civil_day
from shared.errors import AboveMax, BadPackaging, NoPhoneMass, NothingReweighed, NothingSettled
from shared.quantities import load_mg, mass_text
from shared.recheck import SameScale
from shared.retail import Goods, Sale, chosen_tier, goods_row, shortage_limit
from shared.rules import Rules, rules_on
from shared.scales import Scale, permissible_error

Asked = Mapping[str, Any]
CLASS_OF_E = "invalid.class_of_e"
TIER_FIELDS = {
    "no_price": ("price",),
    "price_needed": ("price",),
    "tier_not_chosen": ("tier",),
    "tier_does_not_fit": ("tier",),
}


def read(asked: Any, *where: Where) -> Any:
    """Return what was read at a place; None where it is missing or could not be read."""
    for step in where:
        if not isinstance(asked, Mapping):
            return None
        asked = asked.get(step)
    return None if asked is UNREAD else asked


def is_read(asked: Any) -> bool:
    """Say whether everything that stands below was read."""
    if asked is UNREAD:
        return False
    if isinstance(asked, Mapping):
        return all(is_read(one) for one in asked.values())
    return all(is_read(one) for one in asked) if isinstance(asked, list) else True


def rules_of(asked: Asked) -> Rules | None:
    """Return the rules of the day and region asked; None where one of them could not be read."""
    day, region = asked.get("day"), asked.get("region", UNREAD)
    if UNREAD in (day, region):
        return None
    return rules_on(date.fromisoformat(day) if day else civil_day(now()), region)


def plate(asked: Asked) -> Scale | None:
    """Return the scale as far as its readings depend on it; None while a figure of the plate is missing or unread."""
    told = read(asked, "scale")
    if told is None or not is_read(told) or "lower" not in told:
        return None
    has_all = all(name in one for one in (told, *told["lower"]) for name in ("max", "e"))
    return scale_of(told) if has_all else None


def refuse_scale(asked: Asked, faults: Faults) -> None:
    """Note what is wrong with a scale tried with weights."""
    scale, rules = plate(asked), rules_of(asked)
    _refuse_parts(asked, faults)
    for number, one in enumerate(read(asked, "readings") or []):
        _refuse_load(one, scale, faults, "readings", number, "load")
        _refuse_shown(one, scale, faults, "readings", number, "shown")
    for name in ("corners", "repeats"):
        _refuse_load(read(asked, name), scale, faults, name, "load")
        for number, mg in enumerate(read(asked, name, "shown") or []):
            _refuse_shown({number: mg}, scale, faults, name, "shown", number)
    _refuse_day(scale, rules, faults)


def _refuse_load(asked: Asked | None, scale: Scale | None, faults: Faults, *where: Where) -> None:
    mg = read(asked, "load")
    if mg:  # nothing on the pan is a load too: the zero
        with faults.at(*where):
            load_mg(mass_text(mg), unit="kg", max_mg=(scale or ANY_SCALE).max_mg)


def _refuse_shown(asked: Mapping[Any, Any], scale: Scale | None, faults: Faults, *where: Where) -> None:
    mg = read(asked, where[-1])
    if mg is not None:
        with faults.at(*where):
            refuse_reading(scale or ANY_SCALE, mg)


def _refuse_parts(asked: Asked, faults: Faults) -> None:
    most = read(asked, "scale", "max")
    for number, part in enumerate(read(asked, "scale", "lower") or []):
        mg = read(part, "max")
        if mg is not None and most is not None:
            with faults.at("scale", "lower", number, "max"):
                _refuse_above(mg, most - 1, told=most)


def _refuse_above(mg: int, most: int, *, told: int) -> None:
    if mg > most:
        raise AboveMax(text=mass_text(mg), max=mass_text(told), unit="kg")


def _refuse_day(scale: Scale | None, rules: Rules | None, faults: Faults) -> None:
    """Note a day without rules for this scale, or for one of class III while its plate is not read."""
    if rules is not None:
        with faults.at("scale", "e"):
            permissible_error(_classed(scale), 0, rules, in_service=True)


def _classed(scale: Scale | None) -> Scale:
    usual = Scale(max_mg=15_000_000, min_mg=0, e_mg=5_000, d_mg=5_000, accuracy_class="III")
    return scale if scale is not None and scale.accuracy_class else usual


def _refuse_class(scale: Scale | None, rules: Rules | None, faults: Faults) -> None:
    """Note an interval that its class does not have, where Min is to be taken from the class."""
    if scale is not None and scale.accuracy_class and rules is not None:
        with faults.at("day"):
            if with_least(scale, rules) is None:
                faults.tell(CLASS_OF_E, "scale", "e")


def refuse_phone(asked: Asked, faults: Faults) -> None:
    """Note what is wrong with a phone on a scale."""
    scale, rules, mg = plate(asked), rules_of(asked), read(asked, "phone", "mass")
    _refuse_parts(asked, faults)
    _refuse_shown(asked, scale, faults, "shown")
    if mg is not None:
        with faults.at("phone", "mass"):
            if mg <= 0:
                raise NoPhoneMass(text=mass_text(mg, unit="g"))
            _refuse_above(mg, (scale or ANY_SCALE).max_mg, told=(scale or ANY_SCALE).max_mg)
    _refuse_day(scale, rules, faults)
    _refuse_class(scale, rules, faults)


def refuse_sale(asked: Asked, faults: Faults) -> None:
    """Note what is wrong with goods weighed again."""
    scale, rules = plate(asked), rules_of(asked)
    _refuse_parts(asked, faults)
    for name in ("shown", "weights_shown"):
        _refuse_shown(asked, scale, faults, name)
        if read(asked, name) == 0:
            with faults.at(name):
                raise NothingReweighed
    _refuse_packaging(asked, faults)
    weights, most = read(asked, "weights"), (scale or ANY_SCALE).max_mg
    if weights is not None and read(asked, "method") == SameScale.method:
        with faults.at("weights"):
            _refuse_above(weights, most, told=most)
    if rules is not None:
        _refuse_goods(asked, rules, faults)
    _refuse_class(scale, rules, faults)


def _refuse_packaging(asked: Asked, faults: Faults) -> None:
    packaging, gross = read(asked, "packaging"), read(asked, "shown")
    if packaging and gross and packaging >= gross:
        with faults.at("packaging"):
            raise BadPackaging(packaging=mass_text(packaging), gross=mass_text(gross))


def _refuse_goods(asked: Asked, rules: Rules, faults: Faults) -> None:
    """Note what is wrong with the sale: its weight, its price, and the tier that they lead to."""
    settled, goods = read(asked, "settled"), read(asked, "goods")
    fits = None
    if goods is not None and is_read([asked.get("price"), asked.get("tier")]):
        sale = Sale(
            goods=Goods(goods), settled_mg=settled or 0, price_fen=asked.get("price"), tier=asked.get("tier", "")
        )
        is_ruled = faults.attempt(lambda: not goods_row(sale.goods, rules).is_excluded, {}, "day")
        fits = faults.attempt(lambda: chosen_tier(sale, rules), TIER_FIELDS, "tier") if is_ruled else None
    if settled is not None:
        with faults.at("settled"):
            if settled <= 0:
                raise NothingSettled(text=mass_text(settled))
            if fits is not None:
                shortage_limit(fits.tier, settled, rules)
