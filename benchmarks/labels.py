"""Labels: how long a thousand of them take from their links to one PDF of sticker sheets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.table import Line, measure
from server.seals.printing.face import Label
from server.seals.printing.layouts import LAYOUTS
from server.seals.printing.lettering import lettering
from server.seals.printing.paper import sheets
from shared import texts
from tests.builders import a_label

COUNT = 1000
ASSETS = Path(__file__).parents[1] / "node_modules"


def lines() -> Iterator[Line]:
    """Measure each line."""
    serials = range(1_000_000, 1_000_000 + COUNT)
    labels = [Label(a_label(serial=serial), serial, kind=1) for serial in serials]
    lettering(ASSETS)  # reading the font once is not what is measured
    yield measure(f"{COUNT} labels to PDF", lambda: _pdf_s(labels), unit="s", limit=18, runs=3)


def _pdf_s(labels: list[Label]) -> float:
    began = time.perf_counter()
    sheets(labels, LAYOUTS["avery-l7161"], lettering(ASSETS), texts.load(texts.DEFAULT, "server"))
    return time.perf_counter() - began
