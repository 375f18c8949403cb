"""The visits that follow from the plans, written as an inspector's phone would write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from random import Random

from server.demo.chances import Planned
from server.demo.dice import at, new_id
from server.demo.draft import Draft
from server.demo.inspecting import InspectionBook, Suspicion, Walk
from server.demo.lists import words
from server.demo.records import Inspection, Participant, Standard, Visit
from server.demo.register import Person
from server.demo.rounds import Round
from shared.rules import rules_on
from shared.words import Capacity, NotInspected, PlaceKind

STARTS = ((8, 40), (9, 10), (9, 30), (14, 20))
SHARE_CLOSED = 0.5
BOOKS_LOOKED_THROUGH = {PlaceKind.FILLING_STATION: "station", PlaceKind.OPTICIAN: "optician"}


def draw_visits(draft: Draft, rounds: Sequence[Round], plans: Iterable[Planned]) -> list[Suspicion]:
    """Add the visits, oldest first; return the checks that were beyond limits."""
    rng = draft.dice.stream("visits")
    book, approvals = InspectionBook(draft, rng), Counter[tuple[str, int]]()
    by_walk: dict[int, list[Planned]] = {}
    for planned in plans:
        by_walk.setdefault(planned.walk, []).append(planned)
    for number, planned_round in enumerate(rounds):
        walk = _set_out(draft, rng, planned_round)
        visit_id, started_at = new_id(rng, walk.now), walk.now
        inspections = _inspections(draft, rng, book, walk, by_walk.get(number, []))
        if inspections:
            approvals[planned_round.unit.id, planned_round.day.year] += 1
            running = approvals[planned_round.unit.id, planned_round.day.year]
            draft.visits.append(
                Visit(
                    id=visit_id,
                    place_id=planned_round.place.id,
                    unit_id=planned_round.unit.id,
                    cause=planned_round.cause,
                    approval_no=f"JC{planned_round.unit.regions[0]}-{planned_round.day.year}-{running:03d}",
                    day=planned_round.day,
                    started_at=started_at,
                    made_at=walk.pass_time(rng, 60, 400),
                    clock_offset_s=rng.randint(-3, 3),
                    clock_doubt_s=rng.randint(1, 2),
                    participants=tuple(_participant(officer) for officer in walk.officers),
                    standards=(_weights(planned_round),),
                    inspections=tuple(inspections),
                )
            )
    return book.suspicions


def _set_out(draft: Draft, rng: Random, planned: Round) -> Walk:
    officers = rng.sample(draft.staff(planned.unit.id, "inspector"), 2)
    start = at(planned.day, *rng.choice(STARTS), rng.randrange(60))
    return Walk(planned, tuple(officers), rules_on(planned.day, planned.place.region), start)


def _inspections(
    draft: Draft, rng: Random, book: InspectionBook, walk: Walk, plans: Sequence[Planned]
) -> list[Inspection]:
    """Return one inspection for each party, stall by stall; a shop that was shut, or papers alone, are told too."""
    stalls = {stall.id: stall.number for stall in draft.stalls}
    by_party: dict[str, list[Planned]] = {}
    for planned in sorted(plans, key=lambda planned: stalls.get(planned.custody.stall_id or "", "")):
        by_party.setdefault(planned.custody.user_id, []).append(planned)
    if by_party:
        return [book.inspect(walk, checks) for checks in by_party.values()]
    kind, operator_id = walk.planned.place.kind, walk.planned.place.operator_id
    if kind in BOOKS_LOOKED_THROUGH:
        remark = rng.choice(words("remarks", BOOKS_LOOKED_THROUGH[kind]))
        return [book.note(walk, operator_id, None, remark, None)]
    if rng.random() < SHARE_CLOSED:
        return [book.note(walk, operator_id, None, words("remarks", "closed")[0], NotInspected.CLOSED)]
    return []


def _participant(officer: Person) -> Participant:
    return Participant(officer.id, Capacity.OFFICER, officer.card_no)


def _weights(planned: Round) -> Standard:
    """Return the set of weights of the unit's region, its certificate renewed each year."""
    certificate_no = f"FM{planned.place.region}-{planned.day.year}"
    return Standard("M1", certificate_no, date(planned.day.year, 12, 31) + timedelta(days=90))
