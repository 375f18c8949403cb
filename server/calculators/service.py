"""From what was asked to what the rules say: each calculator hands values to the pure rules and adds nothing.

The schemas have refused every figure that cannot be (``known``); what is left to the rules alone is raised here as
ValidationError, at the field it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from marshmallow import Schema

from server.calculators import nozzle, schemas
from server.calculators.faults import ask
from server.calculators.plates import scale_of, with_least
from shared.amounts import Amount, Unit
from shared.conclusion import Code, Conclusion, Ground, conclude
from shared.errors import NoRule
from shared.lot import Lot, judge_lot
from shared.phone_weight import Phone, try_phone
from shared.prepackages import Package
from shared.recheck import EqualScale, FinerScale, Recheck, SameScale
from shared.retail import Goods, Sale
from shared.reweigh import reweigh
from shared.rules import Rules, rules_on
from shared.rules.rows import Row
from shared.scale_tests import ScaleGround, corners, nameplate, spread
from shared.scales import M1, Scale, fewest_weights, permissible_error
from shared.tare import net_by_mean, net_of_each
from shared.verdict import Reading, Reason, ReasonCode, ScaleCheck, Standard, Verdict, judge, rests_on

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


def check_scale(asked: Asked, today: date) -> Answer:
    """Judge a scale by its readings; a nameplate that cannot be right leaves it in doubt."""
    rules, scale = rules_for(asked, today), scale_of(asked["scale"])
    readings = tuple(Reading(one["load"], one["shown"], one.get("added", -1)) for one in asked["readings"])
    standards = tuple(
        Standard(one["weight_class"], date.fromisoformat(one["valid_until"])) for one in asked["standards"]
    )
    verdict = ask(lambda: _judge(ScaleCheck(scale, readings, standards), rules), {}, "scale", "e")
    weight_class = _coarsest(standards, rules)
    grounds = tuple(_ground(reason, scale, rules, weight_class) for reason in verdict.reasons)
    doubts, others = _doubts_of_plate(scale, rules), tuple(_other_tests(asked, scale, rules))
    found = conclude((*grounds, *(ground for one in others for ground in one.grounds), *doubts), rules.ruleset)
    code = Code.INDETERMINATE if doubts or verdict.code is Code.INDETERMINATE else found.code
    rows = (*rests_on(rules), *(row for one in others for row in one.rests_on))
    return Answer(replace(found, code=code, rests_on=rows), rules, verdict.reasons, scale.d_mg)


def _other_tests(asked: Asked, scale: Scale, rules: Rules) -> Iterator[Conclusion]:
    """Judge the corners and the repeated weighings, where they were told."""
    for name, test in (("corners", corners), ("repeats", spread)):
        if name in asked:
            told = asked[name]
            yield ask(partial(test, scale, told["load"], told["shown"], rules), {}, name, "load")


def _judge(check: ScaleCheck, rules: Rules) -> Verdict:
    """Return the verdict; raises NoRule on a day without rules, and as ``judge``."""
    verdict = judge(check, rules)
    if any(reason.code is ReasonCode.NO_RULE for reason in verdict.reasons):
        raise NoRule(what="scale", day=rules.day.isoformat())
    return verdict


def _coarsest(standards: tuple[Standard, ...], rules: Rules) -> str:
    classes = [standard.weight_class for standard in standards] or [M1]
    return max(classes, key=lambda name: sum(row.mpe_ug for row, _ in fewest_weights(1_000_000, rules, name)))


_OUTCOMES = {ReasonCode.POINT_WITHIN: Code.WITHIN, ReasonCode.POINT_BEYOND: Code.BEYOND}


def _ground(reason: Reason, scale: Scale, rules: Rules, weight_class: str) -> Ground:
    """Return a reason of a scale in the shape of every other rule; its sentence stays that of the reason."""
    outcome = _OUTCOMES.get(reason.code, Code.INDETERMINATE)
    if not reason.is_point:
        return Ground(code=reason.code.value, outcome=outcome, rows=_rows_of(reason, rules))
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


def _rows_of(reason: Reason, rules: Rules) -> tuple[Row, ...]:
    share, loads = rests_on(rules)
    rows: dict[ReasonCode, Row] = {ReasonCode.WEIGHTS_TOO_COARSE: share, ReasonCode.TOO_FEW_POINTS: loads}
    return (rows[reason.code],) if reason.code in rows else ()


def _doubts_of_plate(scale: Scale, rules: Rules) -> tuple[Ground, ...]:
    found = (ground for ground in nameplate(scale, rules).grounds if ground.outcome is not Code.WITHIN)
    return tuple(ground for ground in found if scale.min_mg or ground.code != ScaleGround.LEAST_LOAD)


def weigh_phone(asked: Asked, today: date) -> Answer:
    """Say what a phone on the scale tells."""
    rules, scale = rules_for(asked, today), scale_of(asked["scale"])
    phone = Phone(asked["phone"]["mass"], asked["phone"].get("tolerance"))
    return Answer(ask(lambda: try_phone(phone, scale, asked["shown"], rules), {}, "phone", "mass"), rules)


def weigh_again(asked: Asked, today: date) -> Answer:
    """Judge goods that were weighed again."""
    rules, scale = rules_for(asked, today), scale_of(asked["scale"])
    sale = Sale(
        goods=Goods(asked["goods"]), settled_mg=asked["settled"], price_fen=asked.get("price"), tier=asked["tier"]
    )
    recheck = _recheck(asked, with_least(scale, rules) or scale)
    return Answer(ask(lambda: reweigh(sale, recheck, rules), SALE_FIELDS, "settled"), rules)


SALE_FIELDS = {"load_out_of_range": ("scale", "max")}


def _recheck(asked: Asked, scale: Scale) -> Recheck:
    shown, packaging = asked["shown"], asked["packaging"]
    if asked["method"] == EqualScale.method:
        return EqualScale(scale, shown, packaging)
    if asked["method"] == FinerScale.method:
        return FinerScale(scale, shown, packaging)
    weight_class = asked.get("weight_class", M1)
    return SameScale(scale, shown, asked["weights"], asked["weights_shown"], weight_class, packaging)


def check_lot(asked: Asked, today: date) -> Answer:
    """Judge a lot of prepackages."""
    rules = rules_for(asked, today)
    package = Package(asked["marked"], is_drained=asked["is_drained"])
    values = tuple(int(content.value) for content in asked["contents"])
    lot = Lot(package=package, size=asked["size"], contents=values, doubt=int(asked["doubt"].value))
    if "tare" in asked:
        lot = _without_tare(lot, values, asked["tare"], rules)
    return Answer(ask(lambda: judge_lot(lot, rules), {}, "contents"), rules)


def _without_tare(lot: Lot, gross: tuple[int, ...], asked: Asked, rules: Rules) -> Lot:
    if asked["method"] == "each":
        return replace(lot, contents=net_of_each(lot.package, gross, asked["tares"]))
    net = net_by_mean(lot.package, gross, asked["tares"], rules)
    return replace(lot, contents=net.contents, tare=net.ground)


def check_nozzle(asked: Asked, today: date) -> Answer:
    """Judge one fuel nozzle; what its measure held is read off its neck where no volume was told."""
    rules = rules_for(asked, today)
    return Answer(ask(lambda: nozzle.judge(asked, rules), NOZZLE_FIELDS, "runs"), rules)


NOZZLE_FIELDS = {"plate_not_positive": ("pay_step",)}


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
