"""What can be wrong with the tables of retail weighing on one day: bands, prices, tiers and kinds that do not fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from shared.phone_weight import MAKER
from shared.recheck import EqualScale, FinerScale, SameScale
from shared.retail import Goods

METHODS = {kind.method for kind in (SameScale, FinerScale, EqualScale)}
Rows = dict[str, list[dict[str, Any]]]


def retail_faults(rows: Rows) -> Iterator[str]:
    """Yield a sentence for each fault of the rows that hold on one day; nothing where the rule does not hold yet."""
    if not any(rows[table] for table in rows if table.startswith("retail_")):
        return
    tiers = {row["tier"]: row for row in rows["retail_tier"]}
    yield from _kinds(rows, set(tiers))
    yield from _prices(row for row in tiers.values())
    yield from _bands(rows, set(tiers))
    for table in ("retail_method", "retail_reference"):
        if {row["method"] for row in rows[table]} != METHODS:
            yield f"{table}: not the methods of the program"
    if any(row["multiplier"] < 1 for row in rows["retail_method"]):
        yield "retail_method: allows less than the limit"
    if any(row["part"] < 1 for table in ("retail_reference", "retail_scale") for row in rows[table]):
        yield "a standard may err by more than the limit"
    if [row["basis"] for row in rows["phone_tolerance"]] != [MAKER]:
        yield "phone_tolerance: not for what a maker states"
    if any(row["permille"] < 1 or row["at_least_mg"] < 1 for row in rows["phone_tolerance"]):
        yield "phone_tolerance: a phone without a tolerance"


def _kinds(rows: Rows, tiers: set[str]) -> Iterator[str]:
    if {row["goods"] for row in rows["retail_goods"]} != set(Goods):
        yield "retail_goods: not the goods of the program"
    for row in rows["retail_goods"]:
        if row["tier"] not in tiers | {""}:
            yield f"retail_goods: {row['goods']} is in no tier"


def _prices(tiers: Any) -> Iterator[str]:
    priced = sorted((row for row in tiers if row["by_price"]), key=lambda row: row["above_fen"])
    starts, ends = [row["above_fen"] for row in priced], [row["up_to_fen"] for row in priced]
    if not priced or starts != [0, *ends[:-1]] or ends[-1] != 0:
        yield f"retail_tier: prices {starts} and {ends} do not join"
    if [row["number"] for row in priced] != list(range(1, len(priced) + 1)):
        yield "retail_tier: not numbered by price"


def _bands(rows: Rows, tiers: set[str]) -> Iterator[str]:
    by_tier: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows["retail_limit"]:
        by_tier[row["tier"]].append(row)
    if set(by_tier) != tiers:
        yield f"retail_limit: bands for {sorted(by_tier)}, tiers {sorted(tiers)}"
    for tier, bands in by_tier.items():
        bands.sort(key=lambda row: row["above_mg"])
        starts, ends = [band["above_mg"] for band in bands], [band["up_to_mg"] for band in bands]
        if starts != [0, *ends[:-1]] or any(start >= end for start, end in zip(starts, ends, strict=True)):
            yield f"retail_limit: {tier}: bands {starts} and {ends} do not join"
        limits = [band["limit_mg"] for band in bands]
        if limits[0] < 1 or any(former >= latter for former, latter in pairwise(limits)):
            yield f"retail_limit: {tier}: limits {limits} do not rise"
