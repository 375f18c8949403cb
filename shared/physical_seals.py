"""Physical seals (铅封, 一次性封签): which positions an instrument has, and what stands at each after what happened.

Sources: fuel dispensers JJG 443-2023 (adjusting device; encoder to transducer; control board to housing, as read at
second hand); scales JJG 539-2016 7.4: one lead seal that keeps the adjustment shut, paper does not count. Where the
wire runs differs by model, so the scale's positions (adjuster, sensor cable, main board, housing) are ours. A broken
seal is a fact to look into and accuses nobody: national law has no fine for it of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.words import InstrumentKind, SealAct, SealOwner, SealPosition

_SCALE = (SealPosition.ADJUSTER, SealPosition.SENSOR_CABLE, SealPosition.MAIN_BOARD, SealPosition.HOUSING)
_NOZZLE = (SealPosition.ADJUSTER, SealPosition.ENCODER_TRANSDUCER, SealPosition.BOARD_HOUSING)
_KNOWN = {InstrumentKind.SCALE: _SCALE, InstrumentKind.FUEL_NOZZLE: _NOZZLE}
# The acts after which a seal stands, so that its number must be told.
NEW_NUMBER = frozenset({SealAct.APPLIED, SealAct.REPLACED})
MOST_WITNESSES, LONGEST_NAME = 6, 60
_BETWEEN_NAMES = re.compile(r"[,;\n\u3001\uff0c\uff1b]")


@dataclass(frozen=True)
class SealFact:
    """One thing that happened to the seal at a position. A number "" is one that nobody could read or wrote down."""

    position: SealPosition
    owner: SealOwner
    act: SealAct
    at: datetime
    old_number: str = ""
    new_number: str = ""


@dataclass(frozen=True)
class SealedPosition:
    """What stands at a position now. ``number`` None: no seal, it was opened or found broken."""

    fact: SealFact
    number: str | None


def positions_of(kind: str) -> tuple[SealPosition, ...]:
    """Return the positions of a kind of instrument, the others' last.

    >>> [position.value for position in positions_of("fuel_nozzle")]
    ['adjuster', 'encoder_transducer', 'board_housing', 'other']
    """
    known = _KNOWN.get(InstrumentKind(kind), (SealPosition.ADJUSTER, SealPosition.HOUSING))
    return (*known, SealPosition.OTHER)


def standing(facts: Iterable[SealFact]) -> dict[SealPosition, SealedPosition]:
    """Return what stands at each position, from the facts in the order in which they happened."""
    found: dict[SealPosition, SealedPosition] = {}
    for fact in facts:
        found[fact.position] = SealedPosition(fact, fact.new_number if fact.act in NEW_NUMBER else None)
    return found


def is_other_seal(before: SealedPosition | None, fact: SealFact) -> bool:
    """Say whether the seal that was met is not the one on file: another number, or one where none should be.

    Nothing is said of a number that was not told, or of a position of which nothing is on file.
    """
    if before is None or not fact.old_number:
        return False
    return before.number != fact.old_number


def is_over_another(before: SealedPosition | None, act: SealAct) -> bool:
    """Say whether a new seal is put where one stands: then it replaces that one, and the old number is asked for."""
    return act is SealAct.APPLIED and before is not None and before.number is not None


def wanting(act: SealAct, *, new_number: str, authority: str) -> tuple[str, ...]:
    """Return the names of what an act needs and what was not told.

    >>> wanting(SealAct.REPLACED, new_number="", authority="")
    ('new_number',)
    """
    needed = {"new_number": act in NEW_NUMBER and not new_number, "authority": act is SealAct.OPENED and not authority}
    return tuple(name for name, is_wanting in needed.items() if is_wanting)


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that stand in a field, whatever comma is between them.

    >>> names_in("李四、王五, ,赵六；")
    ('李四', '王五', '赵六')
    """
    return tuple(name.strip() for name in _BETWEEN_NAMES.split(text) if name.strip())
