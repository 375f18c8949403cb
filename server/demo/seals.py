"""Labels: most instruments bear one, some lie printed in stock, some are void."""

from __future__ import annotations

from datetime import timedelta

from server.demo.dice import at, deck, new_id, workday
from server.demo.draft import Draft
from server.demo.lives import GONE
from server.demo.records import Seal, SealBinding
from server.demo.register import Instrument, StatusEntry
from server.demo.units import MAIN_DISTRICT, body_for
from shared.dates import add_months
from shared.seal import Kind
from shared.words import InstrumentKind, SealState

FIRST_SERIAL = 1_000_001
SHARE_LABELLED, SHARE_FROM_STOCK, SHARE_DATED = 0.92, 0.08, 0.03
SHARE_IN_STOCK, SHARE_VOID = 0.06, 0.01
LABELLING_BEGAN_DAYS_AGO, ROLL_OUT_DAYS = 725, 80
MONTHS_OF_DATED_LABEL = 60
ROLL, ROLL_DAYS_AGO, ISSUED_EACH = 240, 20, 30
KINDS = {InstrumentKind.SCALE: Kind.SCALE, InstrumentKind.FUEL_NOZZLE: Kind.FUEL_NOZZLE}


def draw_seals(draft: Draft, ended: dict[str, StatusEntry], spared: str) -> None:
    """Add the labels of the instruments, then the stock; ``spared`` surely bears a label of its own."""
    press = _Press(draft, ended)
    shares = ((True, SHARE_LABELLED), (False, 1 - SHARE_LABELLED))
    cards = deck(press.rng, shares, len(draft.instruments))
    for instrument, is_labelled in zip(draft.instruments, cards, strict=True):
        if is_labelled or instrument.id == spared:
            press.label(instrument, from_stock=instrument.id != spared and press.rng.random() < SHARE_FROM_STOCK)
    press.roll()
    for state, share in ((SealState.PRINTED, SHARE_IN_STOCK), (SealState.VOID, SHARE_VOID)):
        for _ in range(max(2, round(share * len(draft.instruments)))):
            press.stock(state)


class _Press:
    """Makes labels, their serials running on."""

    def __init__(self, draft: Draft, ended: dict[str, StatusEntry]) -> None:
        self.rng = draft.dice.stream("seals")
        self._draft, self._ended = draft, ended
        self._since = {entry.instrument_id: entry.first_day for entry in reversed(draft.statuses)}
        self._nozzles = {nozzle.instrument_id: nozzle.number for nozzle in draft.nozzles}
        self._regions = list(dict.fromkeys(place.region for place in draft.places))

    def label(self, instrument: Instrument, *, from_stock: bool) -> None:
        """Add the label of an instrument and its binding; a label taken from stock is bound by the register alone."""
        began = self._draft.dice.ago(LABELLING_BEGAN_DAYS_AGO - self.rng.randrange(ROLL_OUT_DAYS))
        bound_on = max(began, self._since[instrument.id] + timedelta(days=self.rng.randrange(9)))
        issued_on = bound_on - timedelta(days=self.rng.randrange(1, 20))
        end = self._ended.get(instrument.id)
        seal = Seal(
            serial=self._next_serial(),
            region=instrument.region,
            kind=Kind.STOCK if from_stock else KINDS.get(instrument.kind, Kind.OTHER),
            issued_on=issued_on,
            last_day=add_months(issued_on, MONTHS_OF_DATED_LABEL) if self.rng.random() < SHARE_DATED else None,
            state=SealState.VOID if end and end.status in GONE else SealState.APPLIED,
            instrument_id=instrument.id,
            maker_serial=None if from_stock else instrument.serial,
            nozzle=None if from_stock else self._nozzles.get(instrument.id),
        )
        self._draft.seals.append(seal)
        bound_at = at(bound_on, 10, self.rng.randrange(60), self.rng.randrange(60))
        verifier = self.rng.choice(self._draft.staff(body_for(self._draft, instrument.region).id, "verifier"))
        binding_id = new_id(self.rng, bound_at)
        self._draft.bindings.append(SealBinding(binding_id, seal.serial, instrument.id, verifier.id, bound_at))

    def stock(self, state: SealState) -> None:
        """Add a stock label that is on no instrument."""
        region, issued_on = self.rng.choice(self._regions), self._draft.dice.ago(self.rng.randrange(5, 120))
        self._draft.seals.append(
            Seal(self._next_serial(), region, Kind.STOCK, issued_on, None, state, None, None, None)
        )

    def roll(self) -> None:
        """Add what was ordered last for the main district: some with each inspector, some lost, most in the store."""
        unit = next(unit for unit in self._draft.units if unit.regions == (MAIN_DISTRICT,))
        officers = [person.id for person in self._draft.staff(unit.id, "inspector")]
        issued_on = workday(self._draft.dice.ago(ROLL_DAYS_AGO))
        for place in range(ROLL):
            officer = officers[place // ISSUED_EACH] if place < ISSUED_EACH * len(officers) else None
            state = SealState.ISSUED if officer else SealState.PRINTED
            state = {0: SealState.LOST, 1: SealState.LOST, ROLL - 1: SealState.VOID}.get(place, state)
            row = Seal(
                self._next_serial(), MAIN_DISTRICT, Kind.STOCK, issued_on, None, state, None, None, None, officer
            )
            self._draft.seals.append(row)

    def _next_serial(self) -> int:
        return FIRST_SERIAL + len(self._draft.seals)
