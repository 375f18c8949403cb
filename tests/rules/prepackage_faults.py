"""What can be wrong with the rows about prepackages that hold on one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

Rows = list[dict[str, Any]]
Holding = Callable[[str], Rows]
WAYS = {"up", "half_even"}
SMALL_LOTS = 10


def prepackage_faults(holding: Holding) -> Iterator[str]:
    """Yield a sentence for everything wrong on a day; ``holding`` gives the rows of a table that hold then."""
    bands = by_kind(holding("prepackage_shortage"))
    for table in ("prepackage_shortage", "prepackage_step", "prepackage_height"):
        for kind, rows in by_kind(holding(table)).items():
            yield from (f"{table} {kind}: {fault}" for fault in join_faults(rows, "above", "up_to"))
    for kind, rows in bands.items():
        yield from (f"prepackage_shortage {kind}: {fault}" for fault in shortage_faults(rows))
    yield from rounding_faults(holding)
    yield from height_faults(holding)
    yield from unit_faults(holding("prepackage_unit"))
    yield from (f"prepackage_sampling: {fault}" for fault in sampling_faults(holding("prepackage_sampling")))
    for row in holding("prepackage_tare"):
        if not 0 < row["few"] < row["many"] or min(row["share_thousandths"], row["s_thousandths"]) < 1:
            yield "prepackage_tare: figures"


def by_kind(rows: Rows) -> dict[str, Rows]:
    found: dict[str, Rows] = defaultdict(list)
    for row in rows:
        found[row["kind"]].append(row)
    return found


def join_faults(rows: Rows, first: str, last: str, start: int = 0) -> Iterator[str]:
    """Bands begin at the start, each where the one before ends, and only the last may be open."""
    ordered = sorted(rows, key=lambda row: row[first])
    starts, ends = [row[first] for row in ordered], [row[last] for row in ordered]
    if starts != [start, *ends[:-1]] or any(row[last] and row[last] <= row[first] for row in ordered):
        yield f"bands {starts} and {ends} do not join"


def shortage_faults(rows: Rows) -> Iterator[str]:
    ordered = sorted(rows, key=lambda row: row["above"])
    for row in ordered:
        if (row["thousandths"] and row["fixed"]) or min(row["thousandths"], row["fixed"]) < 0:
            yield f"above {row['above']} both a share and a fixed part, or less than nothing"
    for former, latter in pairwise(ordered):
        if at(former, former["up_to"]) > at(latter, former["up_to"]):
            yield f"T falls at {former['up_to']}"


def at(row: dict[str, Any], marked: int) -> int:
    """Return T in thousandths of the smallest unit."""
    return int(row["thousandths"] * marked + 1_000 * row["fixed"])


def rounding_faults(holding: Holding) -> Iterator[str]:
    steps, ways = by_kind(holding("prepackage_step")), by_kind(holding("prepackage_rounding"))
    if set(steps) != set(ways):
        yield f"prepackage_rounding: {sorted(ways)} are rounded, {sorted(steps)} have a step"
    for kind, rows in ways.items():
        if not {row["direction"] for row in rows} <= WAYS:
            yield f"prepackage_rounding {kind}: no such direction"
    if any(row["step"] < 1 for rows in steps.values() for row in rows):
        yield "prepackage_step: no step"


def height_faults(holding: Holding) -> Iterator[str]:
    heights, bands = by_kind(holding("prepackage_height")), by_kind(holding("prepackage_shortage"))
    if set(heights) != set(bands):
        yield f"prepackage_height: {sorted(heights)}, shortage: {sorted(bands)}"
    for kind, rows in heights.items():
        least = [row["least_um"] for row in sorted(rows, key=lambda row: row["above"])]
        if least != sorted(set(least)) or least[0] < 1:
            yield f"prepackage_height {kind}: heights {least} do not rise"


def unit_faults(rows: Rows) -> Iterator[str]:
    for kind, found in by_kind(rows).items():
        ranges = [{"at_least": low, "below": end} for low, end in {(row["at_least"], row["below"]) for row in found}]
        yield from (f"prepackage_unit {kind}: {fault}" for fault in join_faults(ranges, "at_least", "below"))


def sampling_faults(rows: Rows) -> Iterator[str]:
    """Lots follow without a gap; more are taken from a larger lot, with a smaller lambda and more that may be short."""
    ordered = sorted(rows, key=lambda row: row["lot_from"])
    for former, latter in pairwise(ordered):
        if latter["lot_from"] != former["lot_to"] + 1:
            yield f"lots do not join at {latter['lot_from']}"
        if former["sample"] >= latter["sample"] or former["over_t"] > latter["over_t"]:
            yield f"samples do not rise at {latter['lot_from']}"
        if former["lambda_thousandths"] and former["lambda_thousandths"] <= latter["lambda_thousandths"]:
            yield f"lambda does not fall at {latter['lot_from']}"
    for row in ordered:
        if row["over_2t"]:
            yield "one short by more than 2 T is allowed: the doubt of a lot is worked out for none"
        if bool(row["sample"]) != bool(row["lambda_thousandths"]) or row["sample"] > row["lot_from"]:
            yield f"sample of {row['sample']} from {row['lot_from']}"
    if ordered and (ordered[0]["lot_from"] != 1 or ordered[-1]["lot_to"] or ordered[0]["lot_to"] != SMALL_LOTS):
        yield "lots do not begin at 1 or end"
