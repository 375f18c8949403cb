"""The divisions of the demo: two cities of Henan with their counties, from the installed GB/T 2260 package.

The package also lists development zones of the statistics bureau (fifth figure 7, such as 411671); GB/T 2260 does not
know them, so here they are local codes. The second zone of Zhoukou is ours to number.
"""

from __future__ import annotations

import json
from pathlib import Path

from server.demo.register import Region

PROVINCE = "41"
FIRST_CITY, SECOND_CITY = "4116", "4114"
OWN_ZONE = Region("411691", "周口经济开发区", "411600", is_local=True)


def draw_regions(divisions: Path) -> list[Region]:
    """Return province, cities and counties, parents first; ``divisions`` holds provinces, cities and areas.json."""
    regions = [Region(f"{PROVINCE}0000", _name(divisions, "provinces", PROVINCE), None, is_local=False)]
    for city in (FIRST_CITY, SECOND_CITY):
        regions.append(Region(f"{city}00", _name(divisions, "cities", city), f"{PROVINCE}0000", is_local=False))
        regions += [
            Region(row["code"], row["name"], f"{city}00", is_local=row["code"][4] == "7")
            for row in _rows(divisions, "areas")
            if row["code"].startswith(city)
        ]
    return [*regions, OWN_ZONE]


def counties(regions: list[Region], city: str) -> list[Region]:
    """Return the counties, districts and zones of a city, by code."""
    inner = [region for region in regions if region.parent == f"{city}00"]
    return sorted(inner, key=lambda region: region.code)


def registration_code(region: Region) -> str:
    """Return the code under which a business of the region is registered: the city's for a development zone."""
    return region.parent if region.is_local and region.parent else region.code


def _rows(divisions: Path, name: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads((divisions / f"{name}.json").read_text("utf-8"))
    return rows


def _name(divisions: Path, file: str, code: str) -> str:
    return next(row["name"] for row in _rows(divisions, file) if row["code"] == code)
