"""Filling stations: dispensers with meters, one product each, and nozzles numbered through the station.

Phones near a dispenser: AQ 3010-2022 lets them be used on conditions, some cities forbid them in the work area.
"""

from __future__ import annotations

from datetime import date

from server.demo.dice import apportion, at, new_id, pick
from server.demo.lists import makes
from server.demo.places import Books, give, open_place, place_name
from server.demo.register import Dispenser, Meter, Nozzle, Party, Place, Region
from shared.words import CustodyKind, PhoneZone, PlaceKind

ZONES = ((PhoneZone.FORBIDDEN, 45), (PhoneZone.CONDITIONAL, 55))
NOZZLES_PER_METER = 2
PRODUCTS = (("92号汽油", 45), ("95号汽油", 30), ("0号柴油", 18), ("98号汽油", 7))


def draw_station(books: Books, region: Region, nozzles: int) -> None:
    """Add a station with so many nozzles."""
    operator = books.parties.operator(region, PlaceKind.FILLING_STATION)
    name = place_name(books, PlaceKind.FILLING_STATION)
    place = open_place(books, PlaceKind.FILLING_STATION, region, operator, name, pick(books.rng, ZONES))
    dispensers = min(max(2, round(nozzles / 4)), 6, nozzles)
    first = 1
    for number, share in enumerate(apportion(nozzles, [1.0] * dispensers), start=1):
        _add_dispenser(books, place, operator, number, first, share)
        first += share


def _add_dispenser(books: Books, place: Place, operator: Party, number: int, first: int, nozzles: int) -> None:
    since = books.instruments.since(fewest_days=120)
    maker, model = books.rng.choice(makes("fuel_nozzle"))
    dispenser = Dispenser(
        id=new_id(books.rng, at(since, 10)),
        place_id=place.id,
        number=str(number),
        serial=books.instruments.serial("J", since),
        maker=maker,
        model=model,
        board_no=f"ZB{books.rng.randrange(10**8):08d}",
        encoder_no=f"BM{books.rng.randrange(10**8):08d}",
        processor_no=f"JK{books.rng.randrange(10**8):08d}",
    )
    books.draft.dispensers.append(dispenser)
    for offset in range(nozzles):
        if offset % NOZZLES_PER_METER == 0:
            meter = _add_meter(books, dispenser, offset // NOZZLES_PER_METER + 1, since)
            product = pick(books.rng, PRODUCTS)
        instrument = books.instruments.nozzle(place, dispenser, since)
        books.draft.nozzles.append(Nozzle(instrument.id, meter.id, str(first + offset), product))
        give(books, instrument, CustodyKind.OWN, operator, operator, since)


def _add_meter(books: Books, dispenser: Dispenser, number: int, since: date) -> Meter:
    meter = Meter(new_id(books.rng, at(since, 10)), dispenser.id, str(number))
    books.draft.meters.append(meter)
    return meter
