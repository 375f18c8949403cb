"""One fuel nozzle as anybody types it in, handed to ``shared.dispensers``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from server.calculators.faults import Faults, Where
from server.calculators.fields import UNREAD
from server.calculators.known import is_read, read, rules_of
from shared.conclusion import Conclusion, Step
from shared.dispensers import judge_nozzle, mean_limit, neck_step
from shared.errors import NoRule
from shared.fuel_check import Flow, FlowTest, FuelGround, Measure, NozzleCheck, Payment, Run
from shared.fuel_volume import (
    Fuel,
    Material,
    Neck,
    checked_price_fen,
    checked_volume_ul,
    neck_volume_ul,
    plausible_mk,
)
from shared.rules import Rules

Asked = Mapping[str, Any]


def judge(asked: Asked, rules: Rules) -> Conclusion:
    """Return what the rules say, the readings of the neck first in the arithmetic; raises as ``judge_nozzle``."""
    neck = _neck(asked["measure"].get("neck"))
    steps: list[Step] = []
    held: list[int | Fraction] = []
    for run in asked["runs"]:
        if neck is not None and "height" in run:
            steps.append(neck_step(neck, run["height"]))
            held.append(neck_volume_ul(neck, run["height"]))
        else:
            held.append(run["held"])
    found = _judge(_check(asked, held), rules)
    return replace(found, steps=(*steps, *found.steps))


def _judge(check: NozzleCheck, rules: Rules) -> Conclusion:
    """Return the conclusion; raises NoRule on a day without rules, and as ``judge_nozzle``."""
    found = judge_nozzle(check, rules)
    if any(ground.code == FuelGround.NO_RULE for ground in found.grounds):
        raise NoRule(what="fuel_nozzle", day=rules.day.isoformat())
    return found


def refuse_nozzle(asked: Asked, faults: Faults) -> None:
    """Note every figure that no dispenser, no measure and no thermometer can have shown."""
    rules, step = rules_of(asked), read(asked, "step") or 1
    told = read(asked, "measure", "neck")
    neck = _neck(told) if told and is_read(told) and {"reference", "mark", "factor"} <= set(told) else None
    if rules is not None:
        faults.attempt(lambda: mean_limit(rules), {}, "day")
    for number, run in enumerate(read(asked, "runs") or []):
        _refuse_volume(run, step, faults, "runs", number, "shown")
        _refuse_volume(run, 1, faults, "runs", number, "held")
        for name in ("dispenser", "measure"):
            _refuse_warmth(read(run, name), rules, faults, "runs", number, name)
        if neck is not None and read(run, "height") is not None:
            with faults.at("runs", number, "height"):
                neck_volume_ul(neck, run["height"])
    for number, mk in enumerate(read(asked, "ambient") or []):
        _refuse_warmth(None if mk is UNREAD else mk, rules, faults, "ambient", number)
    for number, payment in enumerate(read(asked, "payments") or []):
        _refuse_volume(payment, step, faults, "payments", number, "volume")
        if read(payment, "price") is not None:
            with faults.at("payments", number, "price"):
                checked_price_fen(payment["price"])


def _refuse_volume(asked: Asked, step_ul: int, faults: Faults, *where: Where) -> None:
    ul = read(asked, str(where[-1]))
    if ul is not None:
        with faults.at(*where):
            checked_volume_ul(ul, step_ul=step_ul)


def _refuse_warmth(mk: int | None, rules: Rules | None, faults: Faults, *where: Where) -> None:
    if mk is not None and rules is not None:
        with faults.at(*where):
            plausible_mk(mk, rules)


def _neck(asked: Asked | None) -> Neck | None:
    if asked is None:
        return None
    return Neck(
        reference_ul=asked["reference"],
        reference_um=asked["mark"],
        ul_per_mm=asked["factor"],
        lowest_um=asked["lowest"],
        highest_um=asked["highest"],
    )


def _check(asked: Asked, held: list[int | Fraction]) -> NozzleCheck:
    runs = [
        (Flow(run["flow"]), Run(run["shown"], ul, run["dispenser"], run["measure"]))
        for run, ul in zip(asked["runs"], held, strict=True)
    ]
    flows = [FlowTest(flow, tuple(run for at, run in runs if at is flow)) for flow in Flow]
    return NozzleCheck(
        fuel=Fuel(asked["fuel"]),
        measure=_measure(asked["measure"]),
        tests=tuple(test for test in flows if test.runs),
        step_ul=asked["step"],
        ambient_mk=tuple(asked["ambient"]),
        least_ul=asked.get("least"),
        payments=tuple(Payment(one["shown"], one["volume"], one["price"]) for one in asked["payments"]),
        pay_step_fen=asked.get("pay_step", 1),
    )


def _measure(asked: Asked) -> Measure:
    until = asked.get("valid_until")
    return Measure(
        material=Material(asked["material"]),
        doubt_ul=asked.get("doubt"),
        thermometer_mk=asked.get("thermometer"),
        valid_until=date.fromisoformat(until) if until else None,
    )
