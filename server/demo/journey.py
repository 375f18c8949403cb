"""The merchant whose story can be told: the plain first stall of the first market of the main district."""

from __future__ import annotations

from dataclasses import dataclass

from server.demo.draft import Draft
from server.demo.markets import PLAIN_STALL
from server.demo.records import Journey
from server.demo.register import Custody, Place, Stall
from server.demo.tasks import draw_tasks
from server.demo.units import MAIN_DISTRICT, body_for
from shared.words import PlaceKind, UnitKind


@dataclass(frozen=True)
class Spot:
    """Where the story plays, and the custody of the scale it is about."""

    place: Place
    stall: Stall
    custody: Custody


def find_spot(draft: Draft) -> Spot:
    """Return the spot."""
    markets = [place for place in draft.places if place.kind is PlaceKind.MARKET and place.region == MAIN_DISTRICT]
    stall = next(stall for stall in draft.stalls if stall.place_id == markets[0].id and stall.number == PLAIN_STALL)
    custody = next(custody for custody in draft.custodies if custody.stall_id == stall.id)
    return Spot(markets[0], stall, custody)


def draw_journey(draft: Draft, spot: Spot) -> Journey:
    """Add the tasks of today and return the story's people and things."""
    branch = next(unit for unit in draft.units if unit.kind is UnitKind.BRANCH and MAIN_DISTRICT in unit.regions)
    inspector, colleague = draft.staff(branch.id, "inspector")[:2]
    task = draw_tasks(draft, first_place=spot.place, first_inspector=inspector)
    label = next(seal for seal in draft.seals if seal.instrument_id == spot.custody.instrument_id)
    return Journey(
        party_id=spot.custody.user_id,
        place_id=spot.place.id,
        stall_id=spot.stall.id,
        instrument_id=spot.custody.instrument_id,
        custody_id=spot.custody.id,
        seal_serial=label.serial,
        unit_id=branch.id,
        inspector_id=inspector.id,
        colleague_id=colleague.id,
        supervisor_id=draft.staff(branch.id, "supervisor")[0].id,
        verifier_id=draft.staff(body_for(draft, MAIN_DISTRICT).id, "verifier")[0].id,
        task_id=task.id,
    )
