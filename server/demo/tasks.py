"""What is to be done today: visits for named inspectors of each branch, verifications for named verifiers."""

from __future__ import annotations

from random import Random

from server.demo.dice import at, new_id
from server.demo.draft import Draft
from server.demo.lists import words
from server.demo.records import Task
from server.demo.register import Instrument, Person, Place
from server.demo.units import body_for
from shared.validity import Validity, is_due, state_on
from shared.words import FindingState, TaskKind, TaskState, UnitKind

VISITS_OF_A_BRANCH = 3
MOST_OVERDUE_TASKS = 6


def draw_tasks(draft: Draft, *, first_place: Place, first_inspector: Person) -> Task:
    """Add the tasks of today; return the first, a visit of ``first_place`` by ``first_inspector``."""
    rng = draft.dice.stream("tasks")
    first = _add_visit(draft, rng, first_place, first_inspector, 0)
    for unit in draft.units:
        if unit.kind is UnitKind.BRANCH:
            places = [place for place in draft.places if place.region in unit.regions and place != first_place]
            inspectors = draft.staff(unit.id, "inspector")
            for number, place in enumerate(rng.sample(places, min(VISITS_OF_A_BRANCH, len(places)))):
                _add_visit(draft, rng, place, inspectors[number % len(inspectors)], number)
    _add_verifications(draft, rng)
    return first


def _add_visit(draft: Draft, rng: Random, place: Place, inspector: Person, number: int) -> Task:
    notes = words("tasks", "visit")
    note = notes[number % len(notes)]
    return _add(draft, rng, TaskKind.VISIT, place.region, place.id, inspector, note)


def _add_verifications(draft: Draft, rng: Random) -> None:
    """Ask for what is suspected and still open, and for some of what is overdue."""
    overdue_note, suspected_note = words("tasks", "verify")
    instruments = {instrument.id: instrument for instrument in draft.instruments}
    for finding in draft.findings:
        if finding.state is FindingState.SENT_FOR_VERIFICATION:
            _add_verification(draft, rng, instruments[finding.instrument_id], suspected_note, finding.id)
    for instrument in _overdue(draft)[:MOST_OVERDUE_TASKS]:
        _add_verification(draft, rng, instrument, overdue_note, None)


def _overdue(draft: Draft) -> list[Instrument]:
    until = {verification.instrument_id: verification.valid_until for verification in draft.verifications}
    return [
        instrument
        for instrument in draft.instruments
        if is_due(use=instrument.use, status=instrument.status)
        and state_on(draft.dice.as_of, until.get(instrument.id)) is Validity.OVERDUE
    ]


def _add_verification(draft: Draft, rng: Random, instrument: Instrument, note: str, subject_id: str | None) -> None:
    verifier = rng.choice(draft.staff(body_for(draft, instrument.region).id, "verifier"))
    place_id, region = instrument.place_id, instrument.region
    _add(draft, rng, TaskKind.VERIFY, region, place_id, verifier, note, instrument.id, subject_id)


def _add(
    draft: Draft,
    rng: Random,
    kind: TaskKind,
    region: str,
    place_id: str,
    person: Person,
    note: str,
    instrument_id: str | None = None,
    subject_id: str | None = None,
) -> Task:
    made_at = at(draft.dice.ago(1), 17, rng.randrange(60), rng.randrange(60))
    task = Task(
        id=new_id(rng, made_at),
        kind=kind,
        state=TaskState.OPEN,
        region=region,
        place_id=place_id,
        instrument_id=instrument_id,
        subject_id=subject_id,
        assigned_to=person.id,
        due_on=draft.dice.as_of,
        note=note,
        made_at=made_at,
    )
    draft.tasks.append(task)
    return task
