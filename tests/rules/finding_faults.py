"""What can be wrong with the rows of the violation catalogue: words of no list, texts that do not say the amounts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from shared.facts import Caution, Fact, Need, Party
from shared.findings import PUNITIVE, Kind
from shared.words import PlaceKind

Row = dict[str, Any]

MEASURES = PUNITIVE | {
    "order_to_correct", "stop_use", "stop_making", "seal_off", "compensate", "prosecute", "discipline", "detain",
}  # fmt: skip
SEVERITIES = {"minor", "moderate", "serious", "critical"}
LISTS: dict[str, dict[str, type[StrEnum]]] = {
    "violation": {
        "when": Fact, "also": Fact, "parties": Party, "places": PlaceKind, "needs": Need, "cautions": Caution,
    },
    "violation_basis": {"places": PlaceKind},
    "penalty": {"when": Fact},
    "leniency": {"unless": Fact},
}  # fmt: skip
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def finding_faults(tables: dict[str, list[Row]]) -> Iterator[str]:
    """Yield a sentence for everything that is wrong with the catalogue."""
    for table, lists in LISTS.items():
        for row in tables.get(table, []):
            for name, words in lists.items():
                yield from (
                    f"{row['code']}: {word} is no {name}" for word in row.get(name, []) if word not in set(words)
                )
    for row in tables.get("violation", []):
        if row.get("kind", Kind.ADMINISTRATIVE) not in set(Kind) or row["severity"] not in SEVERITIES:
            yield f"{row['code']}: kind {row.get('kind')} or severity {row['severity']}"
    yield from text_faults(tables)
    yield from amount_faults(tables.get("penalty", []))
    yield from lonely_faults(tables)


def text_faults(tables: dict[str, list[Row]]) -> Iterator[str]:
    """Both languages must be there, each in its own letters; one code has one name."""
    names: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in tables.get("violation", []):
        names[row["code"]].add((row["name_zh"], row["name_en"]))
    yield from (f"{code}: {len(found)} names" for code, found in names.items() if len(found) > 1)
    for table, stem in (("violation", "name"), ("penalty", "text"), ("leniency", "text")):
        for row in tables.get(table, []):
            zh, en = row[f"{stem}_zh"], row[f"{stem}_en"]
            if not _CHINESE.search(zh) or _CHINESE.search(en) or not en.strip():
                yield f"{row['code']}: not said in both languages"


def amount_faults(limbs: list[Row]) -> Iterator[str]:
    """A limb must say its own amounts in both languages, and name known measures."""
    for row in limbs:
        code, low, high = row["code"], row.get("fine_from_yuan", 0), row.get("fine_to_yuan", 0)
        yield from (f"{code}: {word} is no measure" for word in row.get("measures", []) if word not in MEASURES)
        if low > high or min(low, high, row.get("gains_to_percent", 0)) < 0:
            yield f"{code}: fine from {low} to {high}"
        for yuan in filter(None, (low, high)):
            if not re.search(rf"(?<!\d)({yuan}元|{yuan // 10_000}万元)", row["text_zh"]):
                yield f"{code}: {yuan} is not in the Chinese text"
            if f"{yuan:,}" not in row["text_en"]:
                yield f"{code}: {yuan} is not in the English text"


def lonely_faults(tables: dict[str, list[Row]]) -> Iterator[str]:
    """Every penalty and further basis belongs to an entry of its own region, whose days it does not exceed."""
    entries = {(row["code"], row.get("region", "")) for row in tables.get("violation", [])}
    for table in ("penalty", "violation_basis"):
        for row in tables.get(table, []):
            if (row["code"], row.get("region", "")) not in entries:
                yield f"{table} {row['code']}: belongs to no entry"
