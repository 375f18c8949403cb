"""The tables of the norms beside this file: CSV with the document and clause of every row, ``#`` starts a comment."""

from __future__ import annotations

import csv
from pathlib import Path


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as texts; a row with a missing or an extra cell is an error."""
    lines = Path(__file__).with_name(f"{name}.csv").read_text(encoding="utf-8").splitlines()
    table = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    torn = [row for row in table if None in row or None in row.values()]
    if torn:
        raise ValueError(f"{name}.csv: {torn}")
    return table
