"""Markets: stalls in zones, tenancies that change, the merchants' scales, fair scales, spares and a rotation pool.

The first stall of each market is kept plain: a registered merchant of long standing with one class III price-computing
scale of his own, Max 15 kg and e = d = 5 g.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.demo.dice import apportion, at, new_id, pick
from server.demo.instruments import AT_STALLS, FAIR, PLAIN
from server.demo.places import Books, give, open_place, place_name
from server.demo.register import Instrument, Party, Place, Region, Stall, Tenancy
from shared.words import CustodyKind, IdentityKind, PlaceKind, Use

ZONES = (("A", 0.4), ("B", 0.2), ("C", 0.16), ("D", 0.08), ("E", 0.16))
TERMS = (
    (CustodyKind.OWN, 70),
    (CustodyKind.MARKET_PROVIDED, 20),
    (CustodyKind.SHARED, 5),
    (CustodyKind.BORROWED, 5),
)
TRADE_OR_INTERNAL = ((Use.TRADE, 97), (Use.INTERNAL, 3))
SHARE_OF_CHANGED_STALLS = 0.14
SHARE_OF_SECOND_SCALES = 0.2
PLAIN_STALL = "A-01"
OWN_NUMBERS = {Use.FAIR_SCALE: "GP", Use.SPARE: "BY"}


@dataclass(frozen=True)
class Spot:
    """A stall of a market, with who operates the market and who stands next to it."""

    place: Place
    region: Region
    stall: Stall
    operator: Party
    neighbour: Party

    @property
    def is_plain(self) -> bool:
        return self.stall.number == PLAIN_STALL


def draw_market(books: Books, region: Region, instruments: int) -> None:
    """Add a market with so many instruments in all, and one vacant stall without any."""
    operator = books.parties.operator(region, PlaceKind.MARKET)
    place = open_place(books, PlaceKind.MARKET, region, operator, place_name(books, PlaceKind.MARKET))
    common = _common_scales(books, place, operator, instruments)
    neighbour = operator
    for number, scales in _stalls(books, instruments - common):
        spot = Spot(place, region, _add_stall(books, place, number), operator, neighbour)
        neighbour = _let_stall(books, spot, number[0], scales)
    _add_stall(books, place, "F-01")


def _common_scales(books: Books, place: Place, operator: Party, instruments: int) -> int:
    """Add the operator's own scales: fair scales, a spare, a rotation pool; return how many."""
    uses = [(Use.FAIR_SCALE, CustodyKind.OWN)] if instruments >= 6 else []
    uses += [(Use.SPARE, CustodyKind.SPARE)] if instruments >= 12 else []
    uses += [(Use.FAIR_SCALE, CustodyKind.OWN), (Use.SPARE, CustodyKind.ROTATION_POOL)] if instruments >= 25 else []
    for number, (use, terms) in enumerate(uses, start=1):
        plate, since = pick(books.rng, FAIR), books.instruments.since()
        scale = books.instruments.scale(place, plate, use, since, own_no=f"{OWN_NUMBERS[use]}-{number:02d}")
        give(books, scale, terms, operator, operator, since)
    return len(uses)


def _stalls(books: Books, scales: int) -> list[tuple[str, int]]:
    """Share scales out to stalls, one or two each, numbered by zone; the first stall has one."""
    shares: list[int] = []
    while sum(shares) < scales:
        two = bool(shares) and books.rng.random() < SHARE_OF_SECOND_SCALES
        shares.append(min(2 if two else 1, scales - sum(shares)))
    per_zone = apportion(len(shares), [weight for _, weight in ZONES])
    numbers = [f"{zone}-{n:02d}" for (zone, _), count in zip(ZONES, per_zone, strict=True) for n in range(1, count + 1)]
    return list(zip(numbers, shares, strict=True))


def _let_stall(books: Books, spot: Spot, zone: str, scales: int) -> Party:
    """Add the tenants of a stall and their scales; return who has it now."""
    kind = IdentityKind.USCC if spot.is_plain else None
    merchant = books.parties.stallholder(spot.region, zone, kind)
    since = books.draft.dice.ago(books.rng.randrange(750, 1000))
    if spot.is_plain or books.rng.random() >= SHARE_OF_CHANGED_STALLS:
        _let(books, spot.stall, merchant, since, None)
        for number in range(scales):
            _add_scale(books, spot, merchant, since, number)
        return merchant
    before, changed = books.parties.stallholder(spot.region, zone), books.draft.dice.ago(books.rng.randrange(60, 640))
    earlier = _let(books, spot.stall, before, since, changed - timedelta(days=books.rng.randrange(1, 9)))
    later = _let(books, spot.stall, merchant, changed, None)
    for number in range(scales):
        _add_inherited_scale(books, spot, ((before, earlier), (merchant, later)), number)
    return merchant


def _add_scale(books: Books, spot: Spot, merchant: Party, since: date, number: int) -> None:
    """Add a scale on one of the usual terms; what is shared or borrowed belongs to the neighbour."""
    terms = CustodyKind.OWN if spot.is_plain else pick(books.rng, TERMS)
    first_day = since if spot.is_plain else max(since, books.instruments.since())
    use = pick(books.rng, TRADE_OR_INTERNAL) if number else Use.TRADE
    others = {CustodyKind.MARKET_PROVIDED: spot.operator, CustodyKind.OWN: merchant}
    scale = _stall_scale(books, spot, use, first_day, number)
    give(books, scale, terms, others.get(terms, spot.neighbour), merchant, first_day, stall_id=spot.stall.id)


def _add_inherited_scale(books: Books, spot: Spot, terms_of: Sequence[tuple[Party, Tenancy]], number: int) -> None:
    """Add a scale that stayed when the tenant changed: the market's, or sold to the successor."""
    scale = _stall_scale(books, spot, Use.TRADE, terms_of[0][1].first_day, number)
    kind = CustodyKind.OWN if books.rng.random() < 0.5 else CustodyKind.MARKET_PROVIDED
    for tenant, tenancy in terms_of:
        owner = tenant if kind is CustodyKind.OWN else spot.operator
        first_day, last_day = tenancy.first_day, tenancy.last_day
        give(books, scale, kind, owner, tenant, first_day, stall_id=spot.stall.id, last_day=last_day)


def _stall_scale(books: Books, spot: Spot, use: Use, since: date, number: int) -> Instrument:
    plate = PLAIN if spot.is_plain else pick(books.rng, AT_STALLS)
    return books.instruments.scale(spot.place, plate, use, since, own_no=f"{spot.stall.number}-{number + 1}")


def _add_stall(books: Books, place: Place, number: str) -> Stall:
    stall = Stall(new_id(books.rng, at(books.draft.dice.ago(1040), 9)), place.id, number)
    books.draft.stalls.append(stall)
    return stall


def _let(books: Books, stall: Stall, merchant: Party, first_day: date, last_day: date | None) -> Tenancy:
    tenancy = Tenancy(new_id(books.rng, at(first_day, 9)), stall.id, merchant.id, first_day, last_day)
    books.draft.tenancies.append(tenancy)
    return tenancy
