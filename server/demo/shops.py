"""Supermarkets, restaurants and opticians: one party each, who owns what is used there."""

from __future__ import annotations

from collections.abc import Sequence

from server.demo.dice import pick
from server.demo.instruments import AT_COUNTERS, IN_KITCHENS, Nameplate
from server.demo.places import Books, give, open_place, place_name
from server.demo.register import Party, Place, Region
from shared.words import CustodyKind, InstrumentKind, PlaceKind, Use


def draw_supermarket(books: Books, region: Region, scales: int) -> None:
    """Add a supermarket with so many scales; of many, one is for internal use."""
    operator = books.parties.operator(region, PlaceKind.SUPERMARKET)
    place = open_place(books, PlaceKind.SUPERMARKET, region, operator, place_name(books, PlaceKind.SUPERMARKET))
    uses = [Use.INTERNAL] * (scales >= 6) + [Use.TRADE] * scales
    _add_scales(books, place, operator, AT_COUNTERS, uses[:scales])


def draw_restaurant(books: Books, region: Region, scales: int) -> None:
    """Add a restaurant with so many scales."""
    place, keeper = _keep_shop(books, PlaceKind.RESTAURANT, region)
    _add_scales(books, place, keeper, IN_KITCHENS, [Use.TRADE] * scales)


def draw_optician(books: Books, region: Region, instruments: int) -> None:
    """Add an optician with optometers and focimeters in turn."""
    place, keeper = _keep_shop(books, PlaceKind.OPTICIAN, region)
    for number in range(instruments):
        kind = InstrumentKind.FOCIMETER if number % 2 else InstrumentKind.OPTOMETER
        since = books.instruments.since()
        give(books, books.instruments.of_counter(place, kind, since), CustodyKind.OWN, keeper, keeper, since)


def _keep_shop(books: Books, kind: PlaceKind, region: Region) -> tuple[Place, Party]:
    name = place_name(books, kind)
    keeper = books.parties.shopkeeper(region, name)
    return open_place(books, kind, region, keeper, name), keeper


def _add_scales(
    books: Books, place: Place, keeper: Party, plates: Sequence[tuple[Nameplate, float]], uses: list[Use]
) -> None:
    for number, use in enumerate(uses, start=1):
        since = books.instruments.since()
        own_no = f"{number:02d}" if len(uses) > 1 else None
        scale = books.instruments.scale(place, pick(books.rng, plates), use, since, own_no=own_no)
        give(books, scale, CustodyKind.OWN, keeper, keeper, since)
