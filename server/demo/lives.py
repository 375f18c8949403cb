"""What became of some instruments: stopped, in servicing, awaiting verification, scrapped, lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from server.demo.dice import at, deck, new_id
from server.demo.draft import Draft
from server.demo.register import StatusEntry
from shared.words import InstrumentStatus

# Share of the instruments, and how many days ago it began: at least, at most.
ENDS: tuple[tuple[InstrumentStatus, float, int, int], ...] = (
    (InstrumentStatus.STOPPED, 0.02, 5, 150),
    (InstrumentStatus.AWAITING_VERIFICATION, 0.012, 1, 15),
    (InstrumentStatus.SERVICING, 0.01, 1, 12),
    (InstrumentStatus.SCRAPPED, 0.01, 20, 300),
    (InstrumentStatus.LOST, 0.006, 10, 200),
)
GONE = (InstrumentStatus.SCRAPPED, InstrumentStatus.LOST)
DAYS_AT_LEAST_IN_USE = 30


def draw_ends(draft: Draft, spared: str) -> dict[str, StatusEntry]:
    """Add the status entries of instruments that are no longer in use, by instrument; ``spared`` stays in use."""
    rng = draft.dice.stream("ends")
    candidates = [instrument for instrument in draft.instruments if instrument.id != spared]
    shares = [*((end, end[1]) for end in ENDS), (None, 1 - sum(end[1] for end in ENDS))]
    since = {custody.instrument_id: custody.first_day for custody in draft.custodies if custody.last_day is None}
    ended: dict[str, StatusEntry] = {}
    for instrument, end in zip(candidates, deck(rng, shares, len(candidates)), strict=True):
        if end is not None:
            status, _, least, most = end
            earliest = since[instrument.id] + timedelta(days=DAYS_AT_LEAST_IN_USE)
            day = max(earliest, draft.dice.ago(rng.randint(least, most)))
            ended[instrument.id] = StatusEntry(new_id(rng, at(day, 16)), instrument.id, status, day)
    draft.statuses.extend(ended.values())
    _close_custodies(draft, {entry.instrument_id: entry.first_day for entry in ended.values() if entry.status in GONE})
    return ended


def settle_statuses(draft: Draft) -> None:
    """Give each instrument the status of its newest entry, and put the entries in order."""
    draft.statuses.sort(key=lambda entry: (entry.first_day, entry.id))
    newest = {entry.instrument_id: entry.status for entry in draft.statuses}
    draft.instruments[:] = [replace(instrument, status=newest[instrument.id]) for instrument in draft.instruments]


def _close_custodies(draft: Draft, gone: dict[str, date]) -> None:
    draft.custodies[:] = [
        replace(custody, last_day=gone[custody.instrument_id])
        if custody.instrument_id in gone and custody.last_day is None
        else custody
        for custody in draft.custodies
    ]
