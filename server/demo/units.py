"""Units of the two cities with their jurisdictions.

Bureaux and branches carry the plain names of the public bodies of their divisions; offices, bodies and everybody in
them are invented.
"""

from __future__ import annotations

from random import Random

from server.demo.dice import at, new_id
from server.demo.draft import Draft
from server.demo.regions import FIRST_CITY, SECOND_CITY, counties
from server.demo.register import Region, Unit
from shared.words import UnitKind

FOUNDED_DAYS_AGO = 1100
BRANCHES_OF_SECOND_CITY = 3
COUNTY_BODY, COUNTY_BODY_REGIONS = "项城市衡准计量检定站", ("411681", "411624")
MAIN_DISTRICT = "411602"


def draw_units(draft: Draft) -> None:
    """Add the units of both cities, parents first."""
    rng = draft.dice.stream("units")
    for city in (FIRST_CITY, SECOND_CITY):
        bureau = _city_units(draft, rng, city)
        for place_in_list, region in enumerate(staffed_counties(draft, city)):
            _county_units(draft, rng, bureau, region, offices=_offices(region, place_in_list))
    bureau = draft.units[0]
    _add(draft, rng, UnitKind.VERIFICATION_BODY, COUNTY_BODY, bureau.id, COUNTY_BODY_REGIONS)


def staffed_counties(draft: Draft, city: str) -> list[Region]:
    """Return the counties of a city that have a branch, and so places: all of the first city, some of the second."""
    inner = counties(draft.regions, city)
    return inner if city == FIRST_CITY else inner[:BRANCHES_OF_SECOND_CITY]


def body_for(draft: Draft, region: str) -> Unit:
    """Return the verification body nearest to a region: its own, else the city's."""
    bodies = [unit for unit in draft.units if unit.kind is UnitKind.VERIFICATION_BODY]
    covering = [(len(code), body) for body in bodies for code in body.regions if region.startswith(code)]
    return max(covering, key=lambda pair: pair[0])[1]


def _city_units(draft: Draft, rng: Random, city: str) -> Unit:
    name = draft.region_name(f"{city}00")
    bureau = _add(draft, rng, UnitKind.BUREAU, f"{name}市场监督管理局", None, (city,))
    _add(draft, rng, UnitKind.TEAM, f"{name}市场监管综合行政执法支队", bureau.id, (city,))
    _add(draft, rng, UnitKind.VERIFICATION_BODY, f"{name}衡准计量检定所", bureau.id, (city,))
    return bureau


def _county_units(draft: Draft, rng: Random, bureau: Unit, region: Region, *, offices: int) -> None:
    branch = _add(draft, rng, UnitKind.BRANCH, f"{region.name}市场监督管理局", bureau.id, (region.code,))
    for ordinal in "一二"[:offices]:
        _add(draft, rng, UnitKind.OFFICE, f"{region.name}第{ordinal}市场监管所", branch.id, (region.code,))


def _offices(region: Region, place_in_list: int) -> int:
    return 2 if region.code == MAIN_DISTRICT else int(place_in_list % 3 == 1)


def _add(draft: Draft, rng: Random, kind: UnitKind, name: str, parent_id: str | None, regions: tuple[str, ...]) -> Unit:
    founded = at(draft.dice.ago(FOUNDED_DAYS_AGO), 9)
    unit = Unit(new_id(rng, founded), kind, name, parent_id, regions)
    draft.units.append(unit)
    return unit
