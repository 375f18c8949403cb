"""The steps of a walk on the running visit: begin it, open a check in it, keep every change.

Who answers for an instrument is frozen when its check is opened: the custody of that day, and its user as the party.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldapp.clock import PhoneClock, rule_days
from fieldapp.parts import Parts
from fieldapp.store.kept import Person
from fieldapp.store.rows import Instrument
from fieldapp.visit.model import Check, Inspection, Participant, Standard, Visit
from shared.dates import instant_text
from shared.quantities import MG_PER
from shared.rules import rules_on, ruleset_name
from shared.scale_loads import wanted_loads
from shared.scales import Scale
from shared.verdict import Code, ScaleCheck, Verdict, judge_between
from shared.words import Capacity, Cause


@dataclass(frozen=True)
class LabelSeen:
    """What the inspector saw of an instrument's label: its link, the offline verdict, whether the photo is alike."""

    link: str = ""
    verdict: str | None = None
    photo_matches: bool | None = None

    @property
    def text(self) -> str | None:
        """The label's 133 characters; None when none was scanned."""
        return self.link[-133:] or None


def new_visit(
    clock: PhoneClock,
    *,
    place: str,
    task: str | None,
    cause: Cause,
    approval_no: str,
    officers: Sequence[Person],
    standards: Sequence[Standard],
    card_shown: bool,
    recusal_told: bool,
) -> Visit:
    """Return a visit that begins now."""
    people = tuple(Participant(person.id, Capacity.OFFICER, person.card_no) for person in officers)
    return Visit(
        id=clock.new_id(),
        task=task,
        place=place,
        cause=cause,
        approval_no=approval_no,
        started_at=instant_text(clock.now()),
        card_shown=card_shown,
        recusal_told=recusal_told,
        participants=people,
        standards=tuple(standards),
    )


def party_of(instrument: Instrument) -> str | None:
    """Return who uses an instrument, by its custody today; None when the register knows nobody."""
    return instrument.custody.user if instrument.custody else None


def inspection_of(parts: Parts, visit: Visit, party: str | None, stall: str | None) -> Inspection:
    """Return the visit's inspection of a party at a stall, a new one when there is none yet."""
    for inspection in visit.inspections:
        if (inspection.party, inspection.stall) == (party, stall):
            return inspection
    known = parts.store.register.party(party)
    return Inspection(id=parts.clock.new_id(), party=party, party_name=known.name if known else "", stall=stall)


def open_check(parts: Parts, visit: Visit, instrument: Instrument, scale: Scale, seen: LabelSeen) -> Visit:
    """Return the visit with this instrument's check open; one that was begun in this visit is gone on with."""
    inspection = inspection_of(parts, visit, party_of(instrument), instrument.stall)
    begun = next((check for check in inspection.checks if check.instrument == instrument.id), None)
    if begun is not None:
        return replace(visit, open_check=begun.id)
    check = Check(
        id=parts.clock.new_id(),
        instrument=instrument.id,
        custody=instrument.custody.id if instrument.custody else None,
        label=seen.text,
        label_verdict=seen.verdict,
        photo_matches=seen.photo_matches,
        tested_by=parts.me.id,
        measured_at=instant_text(parts.clock.now()),
        scale=scale,
        ruleset=ruleset_name(),
    )
    opened = visit.with_inspection(replace(inspection, checks=(*inspection.checks, check)))
    return replace(opened, open_check=check.id)


def judged(parts: Parts, visit: Visit, check: Check) -> Verdict:
    """Judge a check, taken with the weights of its visit, by the rules of every civil day that it may be.

    Raises LoadOutOfRange for a load no rule covers.
    """
    instrument = parts.store.register.instrument(check.instrument)
    first, last = rule_days(parts.clock.now(), parts.store.offset())
    region = instrument.region if instrument else ""
    standards = tuple(standard.for_rules for standard in visit.standards)
    return judge_between(ScaleCheck(check.scale, check.readings, standards), first, last, region)


def telling_loads(parts: Parts, check: Check) -> list[int]:
    """Return the loads that tell most about this scale, in whole grams: nobody carries less."""
    _, day = rule_days(parts.clock.now(), parts.store.offset())
    return [load for load, _ in wanted_loads(check.scale, rules_on(day)) if load % MG_PER["g"] == 0]


def concluded(check: Check, verdict: Verdict) -> Check:
    """Return the check with what the phone concludes; without readings it concludes nothing."""
    code = verdict.code if check.readings else Code.INDETERMINATE
    return replace(check, verdict=code, ruleset=verdict.ruleset)


def keep(parts: Parts, visit: Visit) -> None:
    """Keep the running visit as it is now."""
    parts.store.drafts.keep(visit, parts.clock.now())
