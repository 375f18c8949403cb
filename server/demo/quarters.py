"""Where the instruments go: so many to each city and kind of place, over all counties."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice

from server.demo.dice import apportion, split
from server.demo.draft import Draft
from server.demo.instruments import InstrumentBook
from server.demo.markets import draw_market
from server.demo.parties import PartyBook
from server.demo.places import Books
from server.demo.regions import FIRST_CITY, SECOND_CITY
from server.demo.register import Region
from server.demo.shops import draw_optician, draw_restaurant, draw_supermarket
from server.demo.stations import draw_station
from server.demo.units import MAIN_DISTRICT, staffed_counties

CITY_SHARES = {FIRST_CITY: 0.9, SECOND_CITY: 0.1}

# Share of a city's instruments, how many a typical place has, who draws one.
KINDS: tuple[tuple[float, int, Callable[[Books, Region, int], None]], ...] = (
    (0.62, 38, draw_market),
    (0.09, 9, draw_supermarket),
    (0.05, 2, draw_restaurant),
    (0.03, 3, draw_optician),
    (0.21, 12, draw_station),
)


def draw_places(draft: Draft, instruments: int) -> None:
    """Add exactly so many instruments with their places, parties and custody; the first market lies downtown."""
    books = Books(draft, PartyBook(draft), InstrumentBook(draft), draft.dice.stream("places"))
    for city, count in zip(CITY_SHARES, apportion(instruments, list(CITY_SHARES.values())), strict=True):
        regions = cycle(_by_weight(staffed_counties(draft, city)))
        for (_, typical, draw), share in zip(KINDS, apportion(count, [kind[0] for kind in KINDS]), strict=True):
            sizes = split(books.rng, share, typical)
            for region, size in zip(islice(regions, len(sizes)), sizes, strict=True):
                draw(books, region, size)


def _by_weight(regions: list[Region]) -> list[Region]:
    """Return the regions, the main district once more in the middle."""
    main = [region for region in regions if region.code == MAIN_DISTRICT]
    middle = len(regions) // 2
    return [*regions[:middle], *main, *regions[middle:]]
