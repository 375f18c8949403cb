"""One fuel nozzle as anybody types it in, handed to ``shared.dispensers``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from server.calculators.faults import Faults
from shared.conclusion import Conclusion, Step
from shared.dispensers import judge_nozzle, neck_step
from shared.errors import NoRule
from shared.fuel_check import Flow, FlowTest, FuelGround, Measure, NozzleCheck, Payment, Run
from shared.fuel_volume import Fuel, Material, Neck, checked_volume_ul, neck_volume_ul, plausible_mk
from shared.rules import Rules

Asked = Mapping[str, Any]
FIELDS = {"too_many_runs": ("runs",), "plate_not_positive": ("pay_step",)}


def judge(asked: Asked, rules: Rules) -> Conclusion:
    """Return what the rules say, the readings of the neck first in the arithmetic; raises ValidationError."""
    faults = Faults()
    _refuse(asked, rules, faults)
    neck = _neck(asked["measure"].get("neck"))
    steps: list[Step] = []
    held: list[int | Fraction] = []
    for number, run in enumerate(asked["runs"]):
        with faults.at("runs", number, "height" if "height" in run else "held"):
            if neck is not None and "height" in run:
                steps.append(neck_step(neck, run["height"]))
                held.append(neck_volume_ul(neck, run["height"]))
            else:
                held.append(checked_volume_ul(run["held"], step_ul=1))
    faults.stop()
    found = faults.ask(lambda: _judge(_check(asked, held), rules), FIELDS, "runs")
    return replace(found, steps=(*steps, *found.steps))


def _judge(check: NozzleCheck, rules: Rules) -> Conclusion:
    """Return the conclusion; raises NoRule on a day without rules, and as ``judge_nozzle``."""
    found = judge_nozzle(check, rules)
    if any(ground.code == FuelGround.NO_RULE for ground in found.grounds):
        raise NoRule(what="fuel_nozzle", day=rules.day.isoformat())
    return found


def _refuse(asked: Asked, rules: Rules, faults: Faults) -> None:
    """Note every figure that no dispenser and no thermometer can have shown."""
    for number, run in enumerate(asked["runs"]):
        with faults.at("runs", number, "shown"):
            checked_volume_ul(run["shown"], step_ul=asked["step"])
        for name in ("dispenser", "measure"):
            with faults.at("runs", number, name):
                plausible_mk(run[name], rules)
    for number, mk in enumerate(asked["ambient"]):
        with faults.at("ambient", number):
            plausible_mk(mk, rules)
    for number, payment in enumerate(asked["payments"]):
        with faults.at("payments", number, "volume"):
            checked_volume_ul(payment["volume"], step_ul=asked["step"])


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
