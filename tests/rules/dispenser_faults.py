"""What can be wrong with the rows about dispensers and chargers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from shared.amounts import Unit
from shared.energy_dispensers import EnergyKind
from shared.fuel_volume import Fuel, Material

KEYS: dict[str, tuple[str, ...]] = {
    "fuel_mpe": (),
    "fuel_in_service": (),
    "fuel_repeatability": (),
    "fuel_divisor": ("runs",),
    "fuel_test": (),
    "fuel_expansion": ("fuel",),
    "measure_expansion": ("material",),
    "fuel_condition": ("condition",),
    "fuel_plausible": (),
    "fuel_least": (),
    "fuel_measure_doubt": (),
    "fuel_thermometer": (),
    "standard_share": ("kind",),
    "fuel_payment": (),
    "energy_mpe": ("kind", "accuracy_class"),
    "clock_mpe": ("kind",),
    "dispenser_item": ("kind", "group", "code"),
}
# From the first day of the fuel rules on, each of these stands on every day.
NEEDED = ("fuel_mpe", "fuel_in_service", "fuel_repeatability", "fuel_test", "fuel_payment")
WORDS: dict[str, tuple[str, set[str]]] = {
    "fuel_expansion": ("fuel", set(Fuel)),
    "measure_expansion": ("material", set(Material)),
    "fuel_condition": ("condition", {"oil", "ambient"}),
    "energy_mpe": ("kind", set(EnergyKind)),
    "clock_mpe": ("kind", {EnergyKind.AC_CHARGER, EnergyKind.DC_CHARGER}),
    "standard_share": ("kind", {"fuel_nozzle", *EnergyKind}),
    "dispenser_item": ("kind", {"fuel_nozzle", *EnergyKind}),
}


def dispenser_faults(tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Return a sentence for every word nobody knows, limit without sense, and day on which a figure is missing."""
    for table, (name, words) in WORDS.items():
        for row in tables.get(table, []):
            if row[name] not in words:
                yield f"{table}: {name} {row[name]} is not known"
        missing = words - {row[name] for row in tables.get(table, [])}
        if missing:
            yield f"{table}: nothing for {sorted(map(str, missing))}"
    yield from senseless(tables)
    yield from gaps(tables)


def senseless(tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    for table in KEYS:
        for row in tables.get(table, []):
            small = [name for name, value in row.items() if type(value) is int and value < 1 and name != "from_mk"]
            if small:
                yield f"{table}: {small} below one"
    for row in tables.get("fuel_divisor", []):
        if row["hundredths"] <= 100:
            yield f"fuel_divisor: the plain range of {row['runs']} runs would be judged"
    for row in tables.get("fuel_repeatability", []):
        if row["limit_ppm"] > 1000:
            yield "fuel_repeatability: that is the edition of 2006"
    for row in tables.get("fuel_test", []):
        if row["runs"] not in {divisor["runs"] for divisor in tables.get("fuel_divisor", [])}:
            yield f"fuel_test: no divisor for {row['runs']} runs"
    for row in tables.get("energy_mpe", []):
        if row["quantity"] not in (Unit.MASS, Unit.VOLUME, Unit.ENERGY):
            yield f"energy_mpe: {row['quantity']} is not counted"
    for row in tables.get("clock_mpe", []):
        if row["initial_s"] > row["later_s"]:
            yield f"clock_mpe: {row['kind']} is stricter later"
    for row in tables.get("dispenser_item", []):
        if row["group"] not in ("mark", "seal", "board"):
            yield f"dispenser_item: group {row['group']}"


def gaps(tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    first = min((row["valid_from"] for row in tables.get("fuel_mpe", [])), default=date.max)
    for table in NEEDED:
        rows = sorted(tables.get(table, []), key=lambda row: row["valid_from"])
        days = [(row["valid_from"], row.get("valid_to", date.max)) for row in rows]
        reached = first.toordinal()
        for begins, ends in days:
            if begins.toordinal() > reached:
                yield f"{table}: nothing holds on {date.fromordinal(reached)}"
            reached = min(ends.toordinal() + 1, date.max.toordinal())
        if not days or days[-1][1] != date.max:
            yield f"{table}: ends with no successor"
