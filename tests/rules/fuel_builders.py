"""Builders of a sound test of a fuel nozzle; a test names what it wants otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from shared.conclusion import Conclusion, Ground
from shared.fuel_check import Flow, FlowTest, Measure, NozzleCheck, Run
from shared.fuel_volume import Fuel, Material

LITRE = 1_000_000
KELVIN = 1_000
AT_20 = 20 * KELVIN


def a_run(
    shown_ul: int = 20 * LITRE,
    held_ul: int | Fraction = 20 * LITRE,
    *,
    dispenser_mk: int = AT_20,
    measure_mk: int = AT_20,
) -> Run:
    """Return a run of 20 L without error, at 20 °C."""
    return Run(shown_ul, held_ul, dispenser_mk, measure_mk)


def a_measure(**fields: Any) -> Measure:
    """Return a measure of stainless steel whose certificates leave no doubt."""
    sound: dict[str, Any] = {"material": Material.STAINLESS_STEEL, "doubt_ul": 0, "thermometer_mk": 0}
    return Measure(**sound | fields)


def some_tests(runs: Iterable[Run]) -> tuple[FlowTest, ...]:
    """Return the same runs at both flows."""
    every = tuple(runs)
    return tuple(FlowTest(flow, every) for flow in Flow)


def a_nozzle_check(*runs: Run, **fields: Any) -> NozzleCheck:
    """Return a complete test; ``runs`` are made at both flows, three sound ones unless given."""
    sound: dict[str, Any] = {
        "fuel": Fuel.GASOLINE,
        "measure": a_measure(),
        "tests": some_tests(runs or [a_run()] * 3),
        "step_ul": 10_000,
        "ambient_mk": (AT_20, AT_20),
        "least_ul": 5 * LITRE,
    }
    return NozzleCheck(**sound | fields)


def codes_of(conclusion: Conclusion) -> list[str]:
    """Return the codes of the grounds."""
    return [ground.code for ground in conclusion.grounds]


def ground_of(conclusion: Conclusion, beginning: str) -> Ground:
    """Return the first ground whose code begins so."""
    return next(ground for ground in conclusion.grounds if ground.code.startswith(beginning))
