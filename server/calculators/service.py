"""From what was asked to what the rules say: each calculator hands values to the pure rules and adds nothing.

Whatever is wrong with the figures is raised as ValidationError, at the field it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from marshmallow import Schema

from server.calculators import nozzle, schemas
from server.calculators.faults import Faults
from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground
from shared.errors import AboveMax, NoRule, TareAboveGross
from shared.lot import Lot, judge_lot
from shared.phone_weight import Phone, try_phone
from shared.prepackages import Package
from shared.quantities import load_mg, mass_text, shown_mg
from shared.recheck import EqualScale, FinerScale, Recheck, SameScale
from shared.retail import Goods, Sale
from shared.reweigh import reweigh
from shared.rules import Rules, rules_on
from shared.rules.rows import Row, ScaleClass
from shared.scale_tests import ScaleGround, nameplate
from shared.scales import M1, Part, Scale, fewest_weights, permissible_error
from shared.tare import net_by_mean, net_of_each
from shared.verdict import Reading, Reason, ReasonCode, ScaleCheck, Standard, Verdict, judge

Asked = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the rules say, and by which; ``reasons`` are the points and hindrances of a scale, first of the grounds."""

    conclusion: Conclusion
    rules: Rules
    reasons: tuple[Reason, ...] = ()
    d_mg: int = 1


def rules_for(asked: Asked, today: date) -> Rules:
    """Return the rules of the day and region asked."""
    day = date.fromisoformat(asked["day"]) if "day" in asked else today
    return rules_on(day, asked["region"])


def scale_of(asked: Asked) -> Scale:
    """Return the scale of a nameplate; 0 stands for a Min that was not told."""
    lower = sorted((_part(part) for part in asked["lower"]), key=lambda part: part.max_mg)
    return Scale(
        max_mg=asked["max"],
        min_mg=asked.get("min", 0),
        e_mg=asked["e"],
        d_mg=asked.get("d", asked["e"]),
        accuracy_class=asked["accuracy_class"],
        price_computing=asked["price_computing"],
        lower=tuple(lower),
    )


def _part(asked: Asked) -> Part:
    return Part(asked["max"], asked["e"], asked.get("d", asked["e"]))


def _refuse_high_parts(faults: Faults, asked: Asked) -> None:
    for number, part in enumerate(asked["lower"]):
        if part["max"] >= asked["max"]:
            with faults.at("scale", "lower", number, "max"):
                raise AboveMax(text=mass_text(part["max"]), max=mass_text(asked["max"]), unit="kg")


def check_scale(asked: Asked, today: date) -> Answer:
    """Judge a scale by its readings; a nameplate that cannot be right leaves it in doubt."""
    rules, scale, faults = rules_for(asked, today), scale_of(asked["scale"]), Faults()
    _refuse_high_parts(faults, asked["scale"])
    for number, one in enumerate(asked["readings"]):
        with faults.at("readings", number, "load"):
            if one["load"]:  # nothing on the pan is a load too: the zero
                load_mg(mass_text(one["load"]), unit="kg", max_mg=scale.max_mg)
        with faults.at("readings", number, "shown"):
            _shown(scale, one["shown"])
    with faults.at("day"):
        permissible_error(scale, 0, rules, in_service=True)
    faults.stop()
    readings = tuple(Reading(one["load"], one["shown"], one.get("added", -1)) for one in asked["readings"])
    standards = tuple(
        Standard(one["weight_class"], date.fromisoformat(one["valid_until"])) for one in asked["standards"]
    )
    verdict = faults.ask(lambda: _judge(ScaleCheck(scale, readings, standards), rules), {}, "scale", "e")
    weight_class = _coarsest(standards, rules)
    grounds = tuple(_ground(reason, scale, rules, weight_class) for reason in verdict.reasons)
    doubts = _doubts_of_plate(scale, rules)
    code = Code.INDETERMINATE if doubts else verdict.code
    return Answer(Conclusion(code, (*grounds, *doubts), rules.ruleset), rules, verdict.reasons, scale.d_mg)


def _judge(check: ScaleCheck, rules: Rules) -> Verdict:
    """Return the verdict; raises NoRule on a day without rules, and as ``judge``."""
    verdict = judge(check, rules)
    if any(reason.code is ReasonCode.NO_RULE for reason in verdict.reasons):
        raise NoRule(what="scale", day=rules.day.isoformat())
    return verdict


def _shown(scale: Scale, mg: int) -> int:
    part = scale.part(mg)
    return shown_mg(mass_text(mg), unit="kg", d_mg=part.d_mg, e_mg=part.e_mg, max_mg=scale.max_mg)


def _coarsest(standards: tuple[Standard, ...], rules: Rules) -> str:
    classes = [standard.weight_class for standard in standards] or [M1]
    return max(classes, key=lambda name: sum(row.mpe_ug for row, _ in fewest_weights(1_000_000, rules, name)))


_OUTCOMES = {ReasonCode.POINT_WITHIN: Code.WITHIN, ReasonCode.POINT_BEYOND: Code.BEYOND}


def _ground(reason: Reason, scale: Scale, rules: Rules, weight_class: str) -> Ground:
    """Return a reason of a scale in the shape of every other rule; its sentence stays that of the reason."""
    outcome = _OUTCOMES.get(reason.code, Code.INDETERMINATE)
    if not reason.is_point:
        return Ground(code=reason.code.value, outcome=outcome)
    limit = permissible_error(scale, reason.load_mg, rules, in_service=True)
    rows: tuple[Row, ...] = (limit.regulation, limit.band, *([limit.service] if limit.service else []))
    return Ground(
        code=reason.code.value,
        outcome=outcome,
        value=Amount(reason.error_mg, Unit.MASS),
        limit=Amount(reason.limit_mg, Unit.MASS),
        harmed=reason.harmed,
        rows=(*rows, *(row for row, _ in fewest_weights(reason.load_mg, rules, weight_class))),
        facts={"doubt": Amount(reason.doubt_mg, Unit.MASS)},
    )


def _doubts_of_plate(scale: Scale, rules: Rules) -> tuple[Ground, ...]:
    found = (ground for ground in nameplate(scale, rules).grounds if ground.outcome is not Code.WITHIN)
    return tuple(ground for ground in found if scale.min_mg or ground.code != ScaleGround.LEAST_LOAD)


def _with_least(scale: Scale, rules: Rules) -> Scale:
    """Return the scale with the Min of its class where the plate's was not told."""
    e_mg = scale.parts[0].e_mg
    if scale.min_mg:
        return scale
    for row in rules.all_of(ScaleClass):
        if row.accuracy_class == scale.accuracy_class and row.e_from_mg <= e_mg <= (row.e_to_mg or e_mg):
            return replace(scale, min_mg=row.min_e * e_mg)
    raise NoRule(what=scale.accuracy_class, day=rules.day.isoformat())


def weigh_phone(asked: Asked, today: date) -> Answer:
    """Say what a phone on the scale tells."""
    rules, scale, faults = rules_for(asked, today), scale_of(asked["scale"]), Faults()
    phone = Phone(asked["phone"]["mass"], asked["phone"].get("tolerance"))
    _refuse_high_parts(faults, asked["scale"])
    with faults.at("phone", "mass"):
        if phone.mass_mg > scale.max_mg:
            raise AboveMax(text=mass_text(phone.mass_mg), max=mass_text(scale.max_mg), unit="kg")
    with faults.at("shown"):
        _shown(scale, asked["shown"])
    faults.stop()
    told = faults.ask(lambda: try_phone(phone, scale, asked["shown"], rules), {}, "phone", "mass")
    return Answer(told, rules)


SALE_FIELDS = {
    "no_price": ("price",),
    "price_needed": ("price",),
    "tier_not_chosen": ("tier",),
    "tier_does_not_fit": ("tier",),
    "bad_packaging": ("packaging",),
    "nothing_reweighed": ("shown",),
    "load_out_of_range": ("scale", "max"),
}


def weigh_again(asked: Asked, today: date) -> Answer:
    """Judge goods that were weighed again."""
    rules, faults = rules_for(asked, today), Faults()
    sale = Sale(
        goods=Goods(asked["goods"]), settled_mg=asked["settled"], price_fen=asked.get("price"), tier=asked["tier"]
    )
    scale = scale_of(asked["scale"])
    _refuse_high_parts(faults, asked["scale"])
    for name in ("shown", "weights_shown"):
        if name in asked:
            with faults.at(name):
                _shown(scale, asked[name])
    if asked.get("weights", 0) > scale.max_mg:
        with faults.at("weights"):
            raise AboveMax(text=mass_text(asked["weights"]), max=mass_text(scale.max_mg), unit="kg")
    faults.stop()
    least = faults.ask(lambda: _with_least(scale, rules), {})
    return Answer(faults.ask(lambda: reweigh(sale, _recheck(asked, least), rules), SALE_FIELDS, "settled"), rules)


def _recheck(asked: Asked, scale: Scale) -> Recheck:
    shown, packaging = asked["shown"], asked["packaging"]
    if asked["method"] == EqualScale.method:
        return EqualScale(scale, shown, packaging)
    if asked["method"] == FinerScale.method:
        return FinerScale(scale, shown, packaging)
    weight_class = asked.get("weight_class", M1)
    return SameScale(scale, shown, asked["weights"], asked["weights_shown"], weight_class, packaging)


LOT_FIELDS = {
    "bad_lot_size": ("size",),
    "no_marked_quantity": ("marked",),
    "marked_above_table": ("marked",),
    "drained_weight": ("is_drained",),
    "negative_content": ("doubt",),
}
TARE_FIELDS = {"tare_without_mass": ("marked",), "no_marked_quantity": ("marked",), "drained_weight": ("is_drained",)}


def check_lot(asked: Asked, today: date) -> Answer:
    """Judge a lot of prepackages."""
    rules, faults = rules_for(asked, today), Faults()
    package = Package(asked["marked"], is_drained=asked["is_drained"])
    for number, content in enumerate(asked["contents"]):
        if content.unit is not package.kind:
            faults.tell("invalid.another_kind", "contents", number, "unit")
    if asked["doubt"].unit is not package.kind:
        faults.tell("invalid.another_kind", "doubt", "unit")
    faults.stop()
    values = tuple(int(content.value) for content in asked["contents"])
    lot = Lot(package=package, size=asked["size"], contents=values, doubt=int(asked["doubt"].value))
    if "tare" in asked:
        lot = _without_tare(lot, asked["tare"], rules, faults)
    return Answer(faults.ask(lambda: judge_lot(lot, rules), LOT_FIELDS, "contents"), rules)


def _without_tare(lot: Lot, asked: Asked, rules: Rules, faults: Faults) -> Lot:
    gross, tares = [int(content) for content in lot.contents], asked["tares"]
    if asked["method"] == "each":
        for number, (one, tare) in enumerate(zip(gross, tares, strict=False)):
            if tare > one:
                with faults.at("tare", "tares", number):
                    told = (lot.package.amount(mg).decimal for mg in (one, tare))
                    raise TareAboveGross(**dict(zip(("text", "tare"), told, strict=True)))
        faults.stop()
    if asked["method"] == "each":
        each = faults.ask(lambda: net_of_each(lot.package, gross, tares), TARE_FIELDS, "tare", "tares")
        return replace(lot, contents=each)
    net = faults.ask(lambda: net_by_mean(lot.package, gross, tares, rules), TARE_FIELDS, "tare", "tares")
    return replace(lot, contents=net.contents, tare=net.ground)


def check_nozzle(asked: Asked, today: date) -> Answer:
    """Judge one fuel nozzle; what its measure held is read off its neck where no volume was told."""
    rules = rules_for(asked, today)
    return Answer(nozzle.judge(asked, rules), rules)


@dataclass(frozen=True)
class Calculator:
    """One calculator: what it is asked, and who answers. Its name is that of its route and page."""

    name: str
    schema: type[Schema]
    answer: Callable[[Asked, date], Answer]


CALCULATORS = {
    one.name: one
    for one in (
        Calculator("scale-check", schemas.ScaleCheckSchema, check_scale),
        Calculator("reweigh", schemas.ReweighSchema, weigh_again),
        Calculator("phone-weight", schemas.PhoneWeightSchema, weigh_phone),
        Calculator("prepackage-lot", schemas.PrepackageLotSchema, check_lot),
        Calculator("dispenser-check", schemas.DispenserCheckSchema, check_nozzle),
    )
}
