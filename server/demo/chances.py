"""In which walks a party could be inspected, what may come of a check, and the grade that follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from server.demo.draft import Draft
from server.demo.records import BEYOND_LIMITS
from server.demo.register import Custody, StatusEntry
from server.demo.rounds import Round
from shared.credit import Entry, Grade, State, score
from shared.rules import Rules
from shared.words import InstrumentKind, Use

STEADY_AFTER_DAYS = 60


class Outcome(StrEnum):
    """What came of a check, seen from today; all but CLEAN and UNSURE were beyond limits in the field."""

    CLEAN = "clean"
    UNSURE = "unsure"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    OPEN = "open"


BEYOND = (Outcome.CONFIRMED, Outcome.WITHDRAWN, Outcome.OPEN)


@dataclass(frozen=True)
class Chance:
    """A walk in which a party could be inspected, with the scales it answered for on that day.

    ``steady`` are those of them that may have been beyond limits: well in use, and still in use today.
    """

    walk: int
    day: date
    custodies: tuple[Custody, ...]
    steady: frozenset[str]


@dataclass(frozen=True)
class Planned:
    """One check that is to have happened."""

    walk: int
    day: date
    custody: Custody
    outcome: Outcome


def chances(draft: Draft, rounds: Sequence[Round], ended: dict[str, StatusEntry]) -> dict[str, list[Chance]]:
    """Return for each party the walks in which it answered for a scale in trade use, oldest first."""
    scales = {
        instrument.id: instrument
        for instrument in draft.instruments
        if instrument.kind is InstrumentKind.SCALE and instrument.use in (Use.TRADE, Use.FAIR_SCALE)
    }
    by_place: dict[str, list[Custody]] = {}
    for custody in draft.custodies:
        if custody.instrument_id in scales:
            by_place.setdefault(scales[custody.instrument_id].place_id, []).append(custody)
    found: dict[str, list[Chance]] = {}
    for number, walk in enumerate(rounds):
        held = [custody for custody in by_place.get(walk.place.id, ()) if _is_there(custody, walk.day, ended)]
        for user_id in dict.fromkeys(custody.user_id for custody in held):
            own = tuple(custody for custody in held if custody.user_id == user_id)
            steady = frozenset(custody.id for custody in own if _is_steady(custody, walk.day, ended))
            found.setdefault(user_id, []).append(Chance(number, walk.day, own, steady))
    return found


def grade_of(plan: Iterable[Planned], pledged_on: date | None, rules: Rules) -> Grade:
    """Return the grade that a plan leads to on the rules' day."""
    checks = list(plan)
    entries = [_entry(str(place), planned) for place, planned in enumerate(checks) if planned.outcome in _STATES]
    if pledged_on:
        entries.append(Entry("pledge", "pledge_signed", State.CONFIRMED, pledged_on))
    return score(entries, [planned.day for planned in checks], rules).grade


_STATES = {
    Outcome.CLEAN: State.CONFIRMED,
    Outcome.CONFIRMED: State.CONFIRMED,
    Outcome.WITHDRAWN: State.VOID,
    Outcome.OPEN: State.PROVISIONAL,
}


def _entry(entry_id: str, planned: Planned) -> Entry:
    code = "clean_check" if planned.outcome is Outcome.CLEAN else BEYOND_LIMITS
    return Entry(entry_id, code, _STATES[planned.outcome], planned.day)


def _is_there(custody: Custody, day: date, ended: dict[str, StatusEntry]) -> bool:
    end = ended.get(custody.instrument_id)
    return custody.first_day < day and custody.holds(day) and (end is None or day < end.first_day)


def _is_steady(custody: Custody, day: date, ended: dict[str, StatusEntry]) -> bool:
    return custody.instrument_id not in ended and custody.first_day + timedelta(days=STEADY_AFTER_DAYS) <= day
