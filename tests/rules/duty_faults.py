"""What can be wrong with the rows about mandatory verification, checklists and the cheat library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.catalogue import Mode
from shared.cheats import FIRST_STEP, LAST_STEP, Pattern
from shared.facts import Fact
from shared.words import InstrumentKind, Use

Tables = dict[str, list[dict[str, Any]]]


def duty_faults(tables: Tables) -> Iterator[str]:
    """Return a sentence for everything that is wrong in these tables."""
    known = {row["kind"] for row in tables.get("catalogue", [])}
    for row in tables.get("catalogue", []):
        if row["mode"] not in list(Mode) or not row["uses"] or not set(row["uses"]) <= set(Use):
            yield f"catalogue: {row['kind']} {row['mode']} {row['uses']}"
        if not row["item"] or not row["place"]:
            yield f"catalogue: {row['kind']} has no name or place"
    for row in tables.get("period", []):
        if row["kind"] not in {*known, *InstrumentKind} or row["months"] < 1:
            yield f"period: {row['kind']} {row['months']}"
    for row in tables.get("transition", []):
        if row["kind"] not in known:
            yield f"transition: {row['kind']}"
    for table in ("checklist", "cheat"):
        for row in tables.get(table, []):
            yield from (f"{table} {row['id']}: {fault}" for fault in asked_faults(row, known))
    for row in tables.get("cheat", []):
        if row["pattern"] not in list(Pattern):
            yield f"cheat {row['id']}: no such pattern {row['pattern']}"
        if row.get("model") and not row.get("maker"):
            yield f"cheat {row['id']}: a model without its maker"
        if not FIRST_STEP <= row["step"] <= LAST_STEP:
            yield f"cheat {row['id']}: stands outside the steps of the library"
    shared_ids = {row["id"] for row in tables.get("cheat", [])} & {row["id"] for row in tables.get("checklist", [])}
    yield from (f"{name}: an item and a cheat" for name in sorted(shared_ids))


def asked_faults(row: dict[str, Any], known: set[str]) -> Iterator[str]:
    if not row["kinds"] or not set(row["kinds"]) <= known or len(set(row["kinds"])) < len(row["kinds"]):
        yield f"kinds {row['kinds']}"
    if row["suggests"] and row["suggests"] not in list(Fact):
        yield f"suggests {row['suggests']}"
    if row["step"] < 1:
        yield f"step {row['step']}"
    if not row["zh"].strip() or not row["en"].strip() or "合格" in row["zh"]:
        yield "words"
