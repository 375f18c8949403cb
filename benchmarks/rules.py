"""The rules: reading all of them, and judging one scale."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date

from benchmarks.table import Line, measure
from shared.rules import rules_on
from shared.scales import Scale
from shared.verdict import Reading, ScaleCheck, judge

DAY = date(2026, 11, 21)
KILOGRAM_MG = 1_000_000
CHECKS = 500
LOADING = """
import time
from datetime import date
from shared.rules import rules_on
began = time.perf_counter()
rules_on(date(2026, 11, 21))
print(time.perf_counter() - began)
"""


def lines() -> Iterator[Line]:
    """Measure; the rules are read in a program of their own each time, because a program reads them once."""
    yield measure("all rules loaded", _load_ms, unit="ms", limit=40)
    yield measure("scale check of ten readings, without sentences", _check_ms, unit="ms", limit=0.2)


def _load_ms() -> float:
    told = subprocess.run([sys.executable, "-c", LOADING], check=True, capture_output=True, text=True)
    return float(told.stdout) * 1000


def _check_ms() -> float:
    scale = Scale(max_mg=15 * KILOGRAM_MG, min_mg=100_000, e_mg=5_000, d_mg=5_000, accuracy_class="III")
    loads = [number * KILOGRAM_MG + KILOGRAM_MG // 2 for number in range(10)]
    check = ScaleCheck(scale, tuple(Reading(load, load + 5_000) for load in loads))
    rules = rules_on(DAY)
    took = []
    for _ in range(CHECKS):
        began = time.perf_counter()
        judge(check, rules)
        took.append(time.perf_counter() - began)
    return sorted(took)[CHECKS // 2] * 1000
