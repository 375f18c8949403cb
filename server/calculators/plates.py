"""A scale by its nameplate, and what it can have shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shared.errors import NoRule
from shared.quantities import mass_text, shown_mg
from shared.rules import Rules
from shared.rules.rows import ScaleClass
from shared.scales import Part, Scale

Asked = Mapping[str, Any]

# Shows every milligram of whatever is laid on it: refuses only what no scale at all can have shown.
ANY_SCALE = Scale(max_mg=10**30, min_mg=0, e_mg=1, d_mg=1, accuracy_class="")


def scale_of(asked: Asked) -> Scale:
    """Return the scale of a nameplate; 0 stands for a Min that was not told."""
    lower = sorted((_part(part) for part in asked["lower"]), key=lambda part: part.max_mg)
    return Scale(
        max_mg=asked["max"],
        min_mg=asked.get("min", 0),
        e_mg=asked["e"],
        d_mg=asked.get("d", asked["e"]),
        accuracy_class=asked.get("accuracy_class", ""),
        price_computing=asked.get("price_computing", False),
        lower=tuple(lower),
    )


def _part(asked: Asked) -> Part:
    return Part(asked["max"], asked["e"], asked.get("d", asked["e"]))


def refuse_reading(scale: Scale, mg: int) -> None:
    """Raise NegativeReading, FinerThanDisplay or AboveMax for what this scale cannot have shown."""
    part = scale.part(mg)
    shown_mg(mass_text(mg), unit="kg", d_mg=part.d_mg, e_mg=part.e_mg, max_mg=scale.max_mg)


def with_least(scale: Scale, rules: Rules) -> Scale | None:
    """Return the scale with the Min of its class where the plate's was not told; None where the class has no such e.

    Raises NoRule on a day that knows no classes.
    """
    e_mg, classes = scale.parts[0].e_mg, rules.all_of(ScaleClass)
    if scale.min_mg:
        return scale
    if not classes:
        raise NoRule(what=ScaleClass.__name__, day=rules.day.isoformat())
    for row in reversed(classes):
        if row.accuracy_class == scale.accuracy_class and row.e_from_mg <= e_mg <= (row.e_to_mg or e_mg):
            return replace(scale, min_mg=row.min_e * e_mg)
    return None
