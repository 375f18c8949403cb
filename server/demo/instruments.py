"""Instruments with believable nameplates, each serial given once.

Number of intervals: OIML R 76-1 (2006), table 3: for e of 5 g and more, class III has n = Max/e from 500 to 10 000 and
Min = 20 e, class IIII n from 100 to 1 000 and Min = 10 e; class III with e from 0.1 g to 2 g has n from 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from server.demo.dice import at, new_id, pick
from server.demo.draft import Draft
from server.demo.lists import makes, words
from server.demo.register import Dispenser, Instrument, Place, StatusEntry
from shared.words import InstrumentKind, InstrumentStatus, Use

MIN_IN_E = {"III": 20, "IIII": 10}
# From this day price-computing scales are of the type that bears national codes (JJF 2184-2025).
NEW_TYPE_SINCE = date(2026, 1, 8)


@dataclass(frozen=True)
class Nameplate:
    """A model of scale: capacity, interval e = d, class, and whether it computes prices."""

    prefix: str
    max_kg: int
    e_g: int
    accuracy_class: str
    price_computing: bool


SMALL = Nameplate("ACS", 6, 2, "III", True)
PLAIN = Nameplate("ACS", 15, 5, "III", True)
COUNTER = Nameplate("ACS", 30, 10, "III", True)
COUNTING = Nameplate("ALH", 15, 5, "III", False)
BENCH = Nameplate("TCS", 60, 20, "III", True)
PLATFORM = Nameplate("TCS", 150, 50, "III", False)
COARSE = Nameplate("ACS", 30, 50, "IIII", True)
COARSE_PLATFORM = Nameplate("TCS", 100, 100, "IIII", False)

AT_STALLS = ((PLAIN, 36), (COUNTER, 34), (SMALL, 6), (BENCH, 9), (PLATFORM, 5), (COARSE, 6), (COARSE_PLATFORM, 4))
AT_COUNTERS = ((PLAIN, 60), (COUNTER, 20), (SMALL, 16), (COUNTING, 4))
IN_KITCHENS = ((COUNTER, 55), (PLAIN, 30), (BENCH, 15))
FAIR = ((COUNTER, 60), (PLAIN, 40))


class InstrumentBook:
    """Adds instruments to a draft, each with the first entry of its status."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._rng: Random = draft.dice.stream("instruments")
        self._count = 0

    def scale(self, place: Place, plate: Nameplate, use: Use, since: date, *, own_no: str | None = None) -> Instrument:
        """Add a scale."""
        e_mg = plate.e_g * 1000
        id_, made = new_id(self._rng, at(since, 10)), self.serial("C", since)
        is_new = plate.price_computing and since >= NEW_TYPE_SINCE
        return self._add(
            Instrument(
                id=id_,
                kind=InstrumentKind.SCALE,
                serial=made,
                own_no=own_no,
                maker=self._rng.choice(words("makers", "scale")),
                model=f"{plate.prefix}-{plate.max_kg}{self._rng.choice('ABDT')}",
                use=use,
                status=InstrumentStatus.IN_USE,
                region=place.region,
                place_id=place.id,
                price_computing=plate.price_computing,
                max_mg=plate.max_kg * 1_000_000,
                min_mg=MIN_IN_E[plate.accuracy_class] * e_mg,
                e_mg=e_mg,
                d_mg=e_mg,
                accuracy_class=plate.accuracy_class,
                # Invented, like the serials: nobody here has read what the real ones look like.
                production_code=f"SC{since:%Y%m%d}{made[-6:]}" if is_new else None,
                verification_code=f"JD{since:%Y%m%d}{made[-6:]}" if is_new else None,
            ),
            since,
        )

    def of_counter(self, place: Place, kind: InstrumentKind, since: date) -> Instrument:
        """Add an optometer or focimeter."""
        maker, model = self._rng.choice(makes(kind))
        return self._add(
            Instrument(
                id=new_id(self._rng, at(since, 10)),
                kind=kind,
                serial=self.serial("G", since),
                own_no=None,
                maker=maker,
                model=model,
                use=Use.TRADE,
                status=InstrumentStatus.IN_USE,
                region=place.region,
                place_id=place.id,
            ),
            since,
        )

    def nozzle(self, place: Place, dispenser: Dispenser, since: date) -> Instrument:
        """Add a nozzle of a dispenser, whose serial, maker and model it bears."""
        return self._add(
            Instrument(
                id=new_id(self._rng, at(since, 10)),
                kind=InstrumentKind.FUEL_NOZZLE,
                serial=dispenser.serial,
                own_no=None,
                maker=dispenser.maker,
                model=dispenser.model,
                use=Use.TRADE,
                status=InstrumentStatus.IN_USE,
                region=place.region,
                place_id=place.id,
            ),
            since,
        )

    def serial(self, letter: str, since: date) -> str:
        """Return a maker's serial: a letter of the trade, the year, and a number that runs on."""
        self._count += self._rng.randrange(1, 40)
        return f"{letter}{since.year % 100:02d}{self._rng.choice('HKMNPT')}{self._count:06d}"

    def since(self, *, fewest_days: int = 45, most_days: int = 1000) -> date:
        """Return a day on which an instrument came into use; one in eight within the last year."""
        most = pick(self._rng, ((most_days, 7), (365, 1)))
        return self._draft.dice.ago(self._rng.randrange(fewest_days, most))

    def _add(self, instrument: Instrument, since: date) -> Instrument:
        self._draft.instruments.append(instrument)
        entry_id = new_id(self._rng, at(since, 10, 1))
        self._draft.statuses.append(StatusEntry(entry_id, instrument.id, InstrumentStatus.IN_USE, since))
        return instrument
