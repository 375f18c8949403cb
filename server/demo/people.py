"""The staff: invented names, sign-in names in pinyin, and card numbers.

A card number is the region of the unit and a running number; real cards are numbered otherwise.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from server.demo.dice import at, new_id
from server.demo.draft import Draft
from server.demo.register import Person, RoleName, Unit
from server.demo.units import FOUNDED_DAYS_AGO, MAIN_DISTRICT
from shared.words import UnitKind

CARD_DAYS = 120, 900  # a card ends so many days from today at least, and at most so many later

STAFF: dict[UnitKind, tuple[RoleName, ...]] = {
    UnitKind.BUREAU: (
        "supervisor",
        "supervisor",
        "system_administrator",
        "security_administrator",
        "audit_administrator",
        "auditor",
    ),
    UnitKind.TEAM: ("inspector", "inspector", "inspector", "inspector", "supervisor"),
    UnitKind.BRANCH: ("inspector", "inspector", "supervisor"),
    UnitKind.OFFICE: ("inspector", "inspector"),
    UnitKind.VERIFICATION_BODY: ("verifier", "verifier", "verifier"),
}


def draw_people(draft: Draft) -> None:
    """Add the staff of every unit; the branch of the main district has one inspector more."""
    rng = draft.dice.stream("people")
    for unit in draft.units:
        more: tuple[RoleName, ...] = ("inspector",) if unit.regions == (MAIN_DISTRICT,) else ()
        for role in (*more, *STAFF[unit.kind]):
            draft.people.append(_person(draft, rng, unit, role))


def draw_newcomer(draft: Draft) -> Person:
    """Return an inspector of the main district who was let in and has not joined yet; drawn after everything else."""
    unit = next(unit for unit in draft.units if unit.regions == (MAIN_DISTRICT,))
    return _person(draft, draft.dice.stream("newcomer"), unit, "inspector")


def _person(draft: Draft, rng: Random, unit: Unit, role: RoleName) -> Person:
    name, pinyin = draft.names.person()
    card_no = f"{unit.regions[0]:0<6}{len(draft.people) + 1:05d}"
    joined = at(draft.dice.ago(FOUNDED_DAYS_AGO - rng.randrange(1, 200)), 10)
    until = draft.dice.as_of + timedelta(days=CARD_DAYS[0] + 53 * len(draft.people) % CARD_DAYS[1])
    return Person(new_id(rng, joined), role, name, unit.id, _sign_in_name(draft, pinyin), card_no, until)


def _sign_in_name(draft: Draft, pinyin: str) -> str:
    same = sum(person.sign_in_name.rstrip("0123456789") == pinyin for person in draft.people)
    return f"{pinyin}{same + 1}" if same else pinyin
