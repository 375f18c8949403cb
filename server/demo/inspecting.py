"""One party within a visit: its checks, what was done about them, and its signature when something was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from server.demo.chances import BEYOND, Outcome, Planned
from server.demo.dice import new_id, pick
from server.demo.draft import Draft
from server.demo.lists import words
from server.demo.measuring import readings
from server.demo.records import Check, Inspection, Signature
from server.demo.register import Party, Person
from server.demo.rounds import Round
from server.demo.strokes import draw_strokes
from shared.quantities import mass_text
from shared.rules import Rules
from shared.verdict import ScaleCheck, judge
from shared.words import Disposition, NotInspected

SHARE_NOT_SCANNED, SHARE_REFUSED = 0.06, 0.05
OPEN_DISPOSITIONS = ((Disposition.SENT_FOR_VERIFICATION, 70), (Disposition.EVIDENCE_HOLD, 30))


@dataclass
class Walk:
    """A walk under way: who is on it, the rules of its day, and the time on the watch."""

    planned: Round
    officers: tuple[Person, ...]
    rules: Rules
    now: datetime

    def pass_time(self, rng: Random, least_s: int, most_s: int) -> datetime:
        """Let some time pass and return the watch."""
        self.now += timedelta(seconds=rng.randint(least_s, most_s))
        return self.now


@dataclass(frozen=True)
class Suspicion:
    """A check beyond limits, and what came of it."""

    check: Check
    party_id: str
    day: date
    disposition: Disposition
    outcome: Outcome


class InspectionBook:
    """Writes inspections and keeps what they made suspect."""

    def __init__(self, draft: Draft, rng: Random) -> None:
        self._rng = rng
        self._parties = {party.id: party for party in draft.parties}
        self._scales = {instrument.id: instrument.scale for instrument in draft.instruments}
        self._labels = {binding.instrument_id: binding for binding in draft.bindings}
        self.suspicions: list[Suspicion] = []

    def inspect(self, walk: Walk, plans: Sequence[Planned]) -> Inspection:
        """Return the inspection of the one party that answers for the planned checks."""
        party = self._parties[plans[0].custody.user_id]
        inspection_id = new_id(self._rng, walk.pass_time(self._rng, 40, 90))
        checks = [self._check(walk, planned) for planned in plans]
        outcomes = {planned.outcome for planned in plans}
        disposition = self._disposition(outcomes)
        for check, planned in zip(checks, plans, strict=True):
            if planned.outcome in BEYOND:
                self.suspicions.append(Suspicion(check, party.id, planned.day, disposition, planned.outcome))
        is_suspect = disposition is not Disposition.NONE
        return Inspection(
            id=inspection_id,
            party_id=party.id,
            party_name=party.name,
            stall_id=plans[0].custody.stall_id,
            disposition=disposition,
            not_inspected=None,
            remark=self._remark(checks, outcomes),
            party_remark=self._rng.choice(words("remarks", "party")) if is_suspect else "",
            signature=self._signature(party) if is_suspect else None,
            checks=tuple(checks),
        )

    def note(
        self, walk: Walk, party_id: str, stall_id: str | None, remark: str, absent: NotInspected | None
    ) -> Inspection:
        """Return an inspection without checks: papers looked through, or nobody there."""
        party = self._parties[party_id]
        disposition = Disposition.NOT_INSPECTED if absent else Disposition.NONE
        inspection_id = new_id(self._rng, walk.pass_time(self._rng, 60, 600))
        return Inspection(inspection_id, party.id, party.name, stall_id, disposition, absent, remark, "", None, ())

    def _check(self, walk: Walk, planned: Planned) -> Check:
        instrument_id, scale = planned.custody.instrument_id, self._scales[planned.custody.instrument_id]
        if scale is None:
            raise ValueError("only scales have readings")
        measured_at = walk.pass_time(self._rng, 100, 260)
        taken = ScaleCheck(scale, readings(self._rng, scale, planned.outcome, walk.rules))
        verdict = judge(taken, walk.rules)
        return Check(
            id=new_id(self._rng, measured_at),
            instrument_id=instrument_id,
            custody_id=planned.custody.id,
            seal_serial=self._scanned(instrument_id, measured_at),
            tested_by=walk.officers[-1].id,
            measured_at=measured_at,
            scale=scale,
            readings=taken.readings,
            verdict=verdict.code,
            ruleset=verdict.ruleset,
        )

    def _scanned(self, instrument_id: str, now: datetime) -> int | None:
        label = self._labels.get(instrument_id)
        if label is None or now < label.bound_at or self._rng.random() < SHARE_NOT_SCANNED:
            return None
        return label.serial

    def _disposition(self, outcomes: set[Outcome]) -> Disposition:
        if Outcome.OPEN in outcomes:
            return pick(self._rng, OPEN_DISPOSITIONS)
        return Disposition.SENT_FOR_VERIFICATION if outcomes & set(BEYOND) else Disposition.NONE

    def _remark(self, checks: Sequence[Check], outcomes: set[Outcome]) -> str:
        if outcomes & set(BEYOND):
            heaviest = max(reading.load_mg for check in checks for reading in check.readings)
            return self._rng.choice(words("remarks", "beyond")).format(load=f"{mass_text(heaviest)} kg ")
        return self._rng.choice(words("remarks", "unsure")) if Outcome.UNSURE in outcomes else ""

    def _signature(self, party: Party) -> Signature:
        refused = self._rng.random() < SHARE_REFUSED
        return Signature(party.contact, refused, () if refused else draw_strokes(self._rng))
