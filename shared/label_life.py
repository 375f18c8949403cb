"""The life of a label, counted like a banknote: which moves there are, and where it is after each.

A move is a state that a label comes into; what is in no row of ``NEXT`` does not happen. Labels that left their life
(broken, void, replaced, lost) never come back: one that was found again is destroyed. The table is ours, no norm's.

>>> is_legal(SealState.PRINTED, SealState.ISSUED), is_legal(SealState.VOID, SealState.APPLIED)
(True, False)
"""

from __future__ import annotations

from enum import StrEnum

from shared.words import SealState, TaskKind


class Place(StrEnum):
    """Where a label is: with the printer, in a unit's store, with a person, on an instrument, or out of life."""

    PRINTER = "printer"
    STORE = "store"
    PERSON = "person"
    INSTRUMENT = "instrument"
    GONE = "gone"


_S = SealState
_WRITTEN_OFF = frozenset({_S.BROKEN, _S.VOID, _S.LOST})
# What may follow each state; None: the label is not in the ledger yet.
NEXT: dict[SealState | None, frozenset[SealState]] = {
    None: frozenset({_S.ORDERED}),
    _S.ORDERED: frozenset({_S.PRINTED, _S.VOID, _S.LOST}),
    _S.PRINTED: frozenset({_S.ISSUED, _S.APPLIED}) | _WRITTEN_OFF,
    _S.ISSUED: frozenset({_S.ISSUED, _S.APPLIED, _S.RETURNED}) | _WRITTEN_OFF,
    _S.RETURNED: frozenset({_S.ISSUED}) | _WRITTEN_OFF,
    _S.APPLIED: frozenset({_S.APPLIED, _S.REPLACED}) | _WRITTEN_OFF,
    _S.LOST: frozenset({_S.VOID}),
    _S.BROKEN: frozenset(),
    _S.VOID: frozenset(),
    _S.REPLACED: frozenset(),
}
PLACE_IN: dict[SealState, Place] = {
    _S.ORDERED: Place.PRINTER,
    _S.PRINTED: Place.STORE,
    _S.ISSUED: Place.PERSON,
    _S.RETURNED: Place.STORE,
    _S.APPLIED: Place.INSTRUMENT,
    _S.BROKEN: Place.GONE,
    _S.VOID: Place.GONE,
    _S.REPLACED: Place.GONE,
    _S.LOST: Place.GONE,
}
OUT_OF_LIFE = frozenset(state for state, place in PLACE_IN.items() if place is Place.GONE)
# The states whose labels go to the revocation list at its next publication.
REVOKED = frozenset({_S.VOID, _S.LOST})


def is_legal(before: SealState | None, after: SealState) -> bool:
    """Say whether a label may come from one state into another."""
    return after in NEXT[before]


def holder(state: SealState, id_: str = "") -> str:
    """Return how a holder is written: the place, for a store and a person with the id of the unit or person.

    >>> holder(SealState.ISSUED, "019aa56d-6000-7000-8000-000000000000")
    'person/019aa56d-6000-7000-8000-000000000000'
    >>> holder(SealState.APPLIED)
    'instrument'
    """
    return f"{PLACE_IN[state]}/{id_}" if id_ else PLACE_IN[state].value


def read_holder(text: str) -> tuple[Place, str | None]:
    """Return the place and the id of a written holder; None: of whom is not known, or the place has no id.

    >>> read_holder("printer")
    (<Place.PRINTER: 'printer'>, None)
    """
    place, _, id_ = text.partition("/")
    return Place(place), id_ or None


def task_about(state: SealState | None) -> TaskKind | None:
    """Return what a supervisor is asked to look into when a label in this state turns up where things are for sale.

    ``state`` None: the office never heard of the label. None as the answer: it is where it belongs, on an instrument.
    """
    if state is None:
        return TaskKind.UNKNOWN_LABEL
    if state is SealState.LOST:
        return TaskKind.LOST_LABEL
    if state in OUT_OF_LIFE:
        return TaskKind.VOID_LABEL
    return None if state is SealState.APPLIED else TaskKind.STOCK_LABEL
