"""Two years of verifications: each instrument's chain by its period, ending where it stands today.

Periods: ``shared/rules/cn/validity.toml``. All nozzles of a dispenser are verified together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from server.demo.dice import at, new_id, workday
from server.demo.draft import Draft
from server.demo.records import Verification
from server.demo.register import Instrument, StatusEntry, Unit
from server.demo.units import body_for
from shared.dates import add_months
from shared.rules import rules_on
from shared.validity import Validity, valid_until
from shared.words import VerificationKind, VerificationResult

WINDOW_DAYS = 730
SHARE_DUE_SOON, SHARE_OVERDUE, SHARE_NEVER = 0.06, 0.05, 0.02
REMAINING_DAYS = {Validity.DUE_SOON: (3, 26), Validity.OVERDUE: (-90, -5)}
INITIAL_WITHIN_DAYS = 40


@dataclass(frozen=True)
class Group:
    """Instruments that are verified together, in use since a day, with their period."""

    members: tuple[Instrument, ...]
    since: date
    months: int


class VerificationBook:
    """Makes verifications by the body nearest to the instrument."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._bodies: dict[str, Unit] = {}

    def record(
        self, rng: Random, instrument: Instrument, kind: VerificationKind, done_on: date, *, passed: bool = True
    ) -> Verification:
        """Return a verification without its document number, which follows when all are known."""
        body = self._bodies.setdefault(instrument.region, body_for(self._draft, instrument.region))
        entered_at = at(done_on, 16, rng.randrange(60), rng.randrange(60))
        return Verification(
            id=new_id(rng, entered_at),
            instrument_id=instrument.id,
            body_id=body.id,
            kind=kind,
            result=VerificationResult.PASSED if passed else VerificationResult.FAILED,
            document_no="",
            done_on=done_on,
            valid_until=valid_until(done_on, period_months(instrument, done_on)) if passed else None,
            entered_by=rng.choice(self._draft.staff(body.id, "verifier")).id,
            entered_at=entered_at,
        )


def period_months(instrument: Instrument, day: date) -> int:
    """Return the instrument's period by the rules of a day."""
    period = rules_on(day, instrument.region).period(instrument.kind)
    if period is None:
        raise ValueError(f"no rule gives a period for {instrument.kind} on {day}")
    return period.months


def draw_chains(draft: Draft, ended: dict[str, StatusEntry], spared: str) -> None:
    """Add the periodic verifications; none on or after the day an instrument left use, ``spared`` is well in date."""
    rng, book = draft.dice.stream("verifications"), VerificationBook(draft)
    for group, standing in _standings(rng, _groups(draft), draft.dice.as_of, spared):
        days = _days(rng, draft, group, standing)
        for instrument in group.members:
            end = ended[instrument.id].first_day if instrument.id in ended else draft.dice.as_of
            for kind, day in days:
                if day < end:
                    draft.verifications.append(book.record(rng, instrument, kind, day))


def number_documents(draft: Draft) -> None:
    """Put the verifications in order of days and number their documents by body and year."""
    draft.verifications.sort(key=lambda verification: (verification.done_on, verification.id))
    codes = {unit.id: unit.regions[0] for unit in draft.units}
    counts: Counter[tuple[str, int]] = Counter()
    for place, verification in enumerate(draft.verifications):
        year = verification.done_on.year
        counts[verification.body_id, year] += 1
        letter = "Z" if verification.result is VerificationResult.PASSED else "T"
        number = f"HZ{codes[verification.body_id]}-{year}-{letter}{counts[verification.body_id, year]:05d}"
        draft.verifications[place] = replace(verification, document_no=number)


def _groups(draft: Draft) -> list[Group]:
    since = {entry.instrument_id: entry.first_day for entry in reversed(draft.statuses)}
    dispensers = {meter.id: meter.dispenser_id for meter in draft.meters}
    together = {nozzle.instrument_id: dispensers[nozzle.meter_id] for nozzle in draft.nozzles}
    members: dict[str, list[Instrument]] = {}
    for instrument in draft.instruments:
        members.setdefault(together.get(instrument.id, instrument.id), []).append(instrument)
    return [
        Group(tuple(group), since[group[0].id], period_months(group[0], draft.dice.as_of)) for group in members.values()
    ]


def _standings(rng: Random, groups: list[Group], as_of: date, spared: str) -> list[tuple[Group, Validity]]:
    """Say how each group stands today. Only what is older than its period can be due; the new may be unverified."""
    shuffled = [group for group in groups if group.members[0].id != spared]
    rng.shuffle(shuffled)
    old = [group for group in shuffled if group.since < add_months(as_of, -group.months - 4)]
    young = [group for group in shuffled if group.since >= add_months(as_of, -group.months - 4)]
    due, overdue, never = (round(share * len(groups)) for share in (SHARE_DUE_SOON, SHARE_OVERDUE, SHARE_NEVER))
    named = {id(group): Validity.DUE_SOON for group in old[:due]}
    named |= {id(group): Validity.OVERDUE for group in old[due : due + overdue]}
    named |= {id(group): Validity.NEVER_VERIFIED for group in young[:never]}
    return [(group, named.get(id(group), Validity.IN_DATE)) for group in groups]


def _days(rng: Random, draft: Draft, group: Group, standing: Validity) -> list[tuple[VerificationKind, date]]:
    """Return the days of a group's chain, oldest first, back to the window's beginning or its first use."""
    if standing is Validity.NEVER_VERIFIED:
        return []
    first, longest = draft.dice.ago(WINDOW_DAYS - 1), group.months * 30
    least, most = REMAINING_DAYS.get(standing, (35, longest - 5))
    until = draft.dice.as_of + timedelta(days=rng.randint(least, most))
    day = workday(add_months(until + timedelta(days=1), -group.months))
    days = [max(day, group.since)]
    while (day := workday(days[0] - timedelta(days=longest - rng.randint(2, 25)))) >= max(first, group.since):
        days.insert(0, day)
    if group.since < first:
        return [(VerificationKind.PERIODIC, day) for day in days]
    if (days[0] - group.since).days > INITIAL_WITHIN_DAYS:
        days.insert(0, group.since + timedelta(days=rng.randint(1, 9)))
    return [(VerificationKind.PERIODIC if n else VerificationKind.INITIAL, day) for n, day in enumerate(days)]
