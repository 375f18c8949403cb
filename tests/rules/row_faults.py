"""What can be wrong with rule data: every row as typed in TOML, and rows that contradict each other."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, get_type_hints

from shared.credit import Grade
from shared.rules import rows_of
from shared.rules.rows import TABLES, Confidence
from tests.rules import dispenser_faults
from tests.rules.duty_faults import duty_faults
from tests.rules.finding_faults import finding_faults
from tests.rules.prepackage_faults import prepackage_faults
from tests.rules.retail_faults import retail_faults

FOLDER = Path(__file__).parents[2] / "shared" / "rules" / "cn"
FOREVER = date.max
Tables = dict[str, list[dict[str, Any]]]

# What one row is about: two rows of one table that say it may not hold on the same day in the same region.
KEYS: dict[str, tuple[str, ...]] = {
    "regulation": ("kind", "price_computing"),
    "scale_mpe": ("accuracy_class", "above_e"),
    "scale_class": ("accuracy_class", "e_from_mg"),
    "scale_test": ("test",),
    "in_service": (),
    "field_test": ("kind",),
    "weight_mpe": ("weight_class", "nominal_mg"),
    "period": ("kind",),
    "catalogue": ("kind", "uses"),
    "transition": ("code", "kind"),
    "checklist": ("id",),
    "cheat": ("id",),
    "prepackage_shortage": ("kind", "above"),
    "prepackage_step": ("kind", "above"),
    "prepackage_rounding": ("kind", "direction"),
    "prepackage_unit": ("kind", "at_least", "unit"),
    "prepackage_height": ("kind", "above"),
    "prepackage_sampling": ("lot_from",),
    "prepackage_tare": (),
    "retail_goods": ("goods",),
    "retail_tier": ("tier",),
    "retail_limit": ("tier", "above_mg"),
    "retail_method": ("method",),
    "retail_reference": ("method",),
    "retail_scale": (),
    "phone_tolerance": ("basis",),
    "violation": ("code", "document"),
    "violation_basis": ("code", "document"),
    "penalty": ("code", "document", "limb"),
    "leniency": ("code", "document"),
    "fine_authority": ("document",),
    "credit_policy": (),
    "credit_grade": ("grade",),
    "credit_term": ("code",),
    **dispenser_faults.KEYS,
}

# What ends by its nature (the next list of slight acts is another document), and what is known to have ended.
MAY_END = {"transition", "checklist", "leniency"}
ENDED = {("penalty", "P01", "治安管理处罚法", 2, "")}  # Its law was revised; the new text was not read.


def read_tables(folder: Path = FOLDER) -> Tables:
    """Return the rows of every file by table, each with the name of its file as ``_file``."""
    tables: Tables = defaultdict(list)
    for path in sorted(folder.glob("*.toml")):
        for table, row in rows_of(tomllib.loads(path.read_text(encoding="utf-8"))):
            tables[table].append(row | {"_file": path.name})
    return dict(tables)


def faults(tables: Tables) -> list[str]:
    """Return a sentence for everything that is wrong."""
    found = [f"{table}: no such table" for table in tables if table not in TABLES]
    for table, rows in tables.items():
        for number, row in enumerate(rows, start=1):
            found += [f"{row['_file']} {table} {number}: {fault}" for fault in row_faults(table, row)]
    return found or [
        *overlap_faults(tables),
        *gap_faults(tables),
        *retail_faults_on_any_day(tables),
        *prepackage_faults_on_any_day(tables),
        *band_faults(tables),
        *credit_faults(tables),
        *duty_faults(tables),
        *finding_faults(tables),
        *dispenser_faults.dispenser_faults(tables),
    ]


def row_faults(table: str, row: dict[str, Any]) -> list[str]:
    return list(form_faults(table, row)) or list(sense_faults(row))


@cache
def types_of(table: str) -> dict[str, Any]:
    """Return what each field of a table must be."""
    return get_type_hints(TABLES[table])


def form_faults(table: str, row: dict[str, Any]) -> Iterator[str]:
    types = types_of(table)
    wanted = {field.name: field.default is MISSING for field in fields(TABLES[table])}
    yield from (f"unknown field {name}" for name in row if name not in {*wanted, "_file"})
    yield from (f"has no {name}" for name, is_required in wanted.items() if is_required and name not in row)
    for name in set(wanted) & set(row):
        if not is_typed(row[name], types[name]):
            yield f"{name} = {row[name]!r} is no {types[name]}"


def sense_faults(row: dict[str, Any]) -> Iterator[str]:
    yield from (f"has no {name}" for name in ("document", "edition") if not row[name].strip())
    if row["confidence"] == Confidence.SOURCED and not row["source"].startswith(("http://", "https://")):
        yield "is sourced, but names no address"
    if row.get("valid_to", FOREVER) < row["valid_from"]:
        yield "ends before it begins"
    edition = row["edition"]
    if edition.isdigit() and len(edition) == 4 and row["valid_from"].year < int(edition):
        yield f"holds before its edition of {edition}"


def is_typed(value: Any, wanted: Any) -> bool:
    if wanted is Confidence:
        return value in list(Confidence)
    if wanted == tuple[bool, ...]:
        return isinstance(value, list) and bool(value) and all(type(one) is bool for one in value)
    if wanted == tuple[str, ...]:
        return isinstance(value, list) and all(type(one) is str for one in value)
    if wanted in (date, date | None):
        return isinstance(value, date) and not isinstance(value, datetime)
    return type(value) is wanted


def about(table: str, row: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the things a row speaks about: one, or one for each value of a list."""
    things: list[tuple[Any, ...]] = [(table,)]
    for name in KEYS[table]:
        values = row[name] if isinstance(row[name], list) else [row[name]]
        things = [(*thing, value) for thing in things for value in values]
    return things


def by_thing(tables: Tables) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Return the rows of every table by what they are about and their region, in the order of their days."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for table, rows in tables.items():
        for row in sorted(rows, key=lambda row: row["valid_from"]):
            for thing in about(table, row):
                found[(*thing, row.get("region", ""))].append(row)
    return found


def overlap_faults(tables: Tables) -> Iterator[str]:
    for thing, rows in by_thing(tables).items():
        for former, latter in pairwise(rows):
            if former.get("valid_to", FOREVER) >= latter["valid_from"]:
                yield f"{thing}: two rows hold on {latter['valid_from']}"


def gap_faults(tables: Tables) -> Iterator[str]:
    """No day between two rows about one thing is without a row, and what ends has a row that follows or a reason."""
    for thing, rows in by_thing(tables).items():
        for former, latter in pairwise(rows):
            end = former.get("valid_to", FOREVER)
            if end < latter["valid_from"] - timedelta(days=1):
                yield f"{thing}: no row between {end} and {latter['valid_from']}"
        if "valid_to" in rows[-1] and thing[0] not in MAY_END and thing not in ENDED:
            yield f"{thing}: ends on {rows[-1]['valid_to']} and nothing follows"


def retail_faults_on_any_day(tables: Tables) -> Iterator[str]:
    names = [name for name in KEYS if name.startswith(("retail_", "phone_"))]
    for day in sorted(change_days(tables)):
        rows = {name: holding(tables, name, day) for name in names}
        yield from (f"on {day}: {fault}" for fault in retail_faults(rows))


def change_days(tables: Tables) -> set[date]:
    """Return every day on which something begins or has just ended: between them nothing changes."""
    rows = [row for table in tables.values() for row in table]
    ends = {row["valid_to"] + timedelta(days=1) for row in rows if row.get("valid_to", FOREVER) < FOREVER}
    return {row["valid_from"] for row in rows} | ends


def holding(tables: Tables, table: str, day: date) -> list[dict[str, Any]]:
    rows = tables.get(table, [])
    return [row for row in rows if row["valid_from"] <= day <= row.get("valid_to", FOREVER) and not row.get("region")]


def prepackage_faults_on_any_day(tables: Tables) -> Iterator[str]:
    for day in sorted(change_days(tables)):
        found = prepackage_faults(partial(holding, tables, day=day))
        yield from (f"{fault} on {day}" for fault in found)


def band_faults(tables: Tables) -> Iterator[str]:
    for day in sorted(change_days(tables)):
        by_class: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in holding(tables, "scale_mpe", day):
            by_class[row["accuracy_class"]].append(row)
        for accuracy_class, bands in by_class.items():
            bands.sort(key=lambda row: row["above_e"])
            starts, ends = [band["above_e"] for band in bands], [band["up_to_e"] for band in bands]
            if starts != [0, *ends[:-1]]:
                yield f"class {accuracy_class} on {day}: bands {starts} and {ends} do not join"
            halves = [band["half_e"] for band in bands]
            if halves != sorted(set(halves)) or min(halves) < 1:
                yield f"class {accuracy_class} on {day}: limits {halves} do not rise"


def credit_faults(tables: Tables) -> Iterator[str]:
    for row in tables.get("credit_term", []):
        code = row["code"]
        if row["fades_days"] <= row["full_days"]:
            yield f"{code}: fades before it has weighed in full"
        if (row["points"] < 0) != row["needs_document"]:
            yield f"{code}: what takes points needs a document, what gives them does not"
        if row["at_most"] and row["at_most"] < row["points"]:
            yield f"{code}: capped below its own points"
    for row in tables.get("credit_policy", []):
        if not row["lowest"] <= row["start"] <= row["highest"] or row["objection_clock"] != "natural_day":
            yield "credit_policy: bounds or clock"
    for day in sorted(change_days(tables)):
        bounds = {row["grade"]: row["at_least"] for row in holding(tables, "credit_grade", day)}
        policies = holding(tables, "credit_policy", day)
        if policies and set(bounds) != set(Grade) - {Grade.UNRATED}:
            yield f"credit_grade on {day}: {sorted(bounds)}"
        elif policies and (min(bounds.values()) > policies[0]["lowest"] or len(set(bounds.values())) < len(bounds)):
            yield f"credit_grade on {day}: bounds {bounds}"
