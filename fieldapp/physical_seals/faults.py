"""What is wrong with a move before it is recorded, by the field; and what may be right but must be said twice.

The phone knows only what was recorded on it, so what contradicts that is a doubt and no fault: somebody else may have
opened the seal since, and a pair of sealing pliers presses the same number on every lead seal.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from fieldapp.physical_seals.model import Move
from shared.physical_seals import (
    LONGEST_NAME,
    MOST_WITNESSES,
    SealedPosition,
    SealFact,
    is_other_seal,
    is_over_another,
    wanting,
)
from shared.seal import normal_serial
from shared.words import SealAct


class Fault(StrEnum):
    """What must be put right first; the sentence is ``physical_seals.fault_<code>`` of the catalogue."""

    NEEDS_NUMBER = "needs_number"
    NEEDS_AUTHORITY = "needs_authority"
    TOO_MANY_NAMES = "too_many_names"


class Doubt(StrEnum):
    """What is asked once; the sentence is ``physical_seals.doubt_<code>`` of the catalogue."""

    STANDS_ALREADY = "stands_already"
    OTHER_NUMBER = "other_number"
    NONE_STANDS = "none_stands"
    SAME_NUMBER = "same_number"
    NUMBER_IN_USE = "number_in_use"


_WANTING = {"new_number": Fault.NEEDS_NUMBER, "authority": Fault.NEEDS_AUTHORITY}


def faults(move: Move) -> dict[str, Fault]:
    """Return what is wrong, by the name of the field; empty when the move may be recorded."""
    missing = wanting(move.act, new_number=move.told("new_number"), authority=move.told_authority)
    found = {name: _WANTING[name] for name in missing}
    if len(move.names) > MOST_WITNESSES or any(len(name) > LONGEST_NAME for name in move.names):
        found["witnesses"] = Fault.TOO_MANY_NAMES
    return found


def doubts(move: Move, before: SealedPosition | None, *, is_in_use: bool, now: datetime) -> dict[str, Doubt]:
    """Return what is asked once, by the name of the field; ``is_in_use``: the new number stands elsewhere."""
    fact, known = fact_of(move, now), (before.number or "") if before else ""
    found: dict[str, Doubt] = {}
    if is_over_another(before, move.act):
        found["act"] = Doubt.STANDS_ALREADY
    if is_other_seal(before, fact) and not is_same(known, fact.old_number):
        found["old_number"] = Doubt.OTHER_NUMBER if known else Doubt.NONE_STANDS
    if is_in_use:
        found["new_number"] = Doubt.NUMBER_IN_USE
    if move.act is SealAct.REPLACED and is_same(fact.new_number, fact.old_number or known):
        found["new_number"] = Doubt.SAME_NUMBER
    return found


def fact_of(move: Move, now: datetime) -> SealFact:
    """Return what a move says once it is recorded."""
    numbers = {"old_number": move.told("old_number"), "new_number": move.told("new_number")}
    return SealFact(position=move.position, owner=move.owner, act=move.act, at=now, **numbers)


def is_same(one: str, other: str) -> bool:
    """Say whether two numbers are one, however they are spaced and capitalized."""
    return normal_serial(one) == normal_serial(other)
