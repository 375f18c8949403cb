"""What can be wrong with the log: each fault says between which leaves it lies, so that the first bad one is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# What reading a row that somebody spoiled may raise.
ERRORS = (ValueError, TypeError, AttributeError, KeyError)


class FaultCode(StrEnum):
    """What was found; the value is the sentence that is told."""

    UNREADABLE = "its row cannot be read"
    MISSING = "the leaf is gone"
    LEAF = "the leaf is not what its hash says"
    NODE = "a stored hash over these leaves is not theirs"
    SIZE = "the log says it has another size than it has leaves"
    RECORD_GONE = "the record behind the leaf is gone"
    RECORD = "the record behind the leaf is not what was logged"
    NOT_LOGGED = "a record has no leaf"
    SIGNATURE = "the device's signature under the operation is not good"
    RECEIPT = "the receipt does not agree with the operation"
    ANSWER = "what is kept beside the operation is not what was answered"
    CHAIN = "an operation of the device's chain is gone"
    PHOTO = "a photo is gone, or is not what its name says"
    HEAD = "the leaves are not those of a signed head"
    CUT = "the log is shorter than a signed head"
    LOG_ID = "a signed head is of another log"


@dataclass(frozen=True)
class Fault:
    """At least one of the leaves from ``first`` to ``last`` is bad; both None: it is about no leaf."""

    code: FaultCode
    first: int | None = None
    last: int | None = None
    about: str = ""

    @property
    def is_exact(self) -> bool:
        """Say whether one leaf is meant."""
        return self.first is not None and self.first == self.last

    @property
    def sentence(self) -> str:
        """Say in words what is wrong and where."""
        about = f" ({self.about})" if self.about else ""
        if self.first is None:
            return f"{self.code}{about}"
        where = f"leaf {self.first}" if self.is_exact else f"leaves {self.first} to {self.last}"
        return f"{where}: {self.code}{about}"


def at(code: FaultCode, index: int, about: str = "") -> Fault:
    """Return a fault of exactly one leaf."""
    return Fault(code, index, index, about)


def first_bad(faults: Iterable[Fault]) -> Fault | None:
    """Return the fault that shows the first bad leaf most closely; None when none is about a leaf.

    >>> first_bad([Fault(FaultCode.NODE, 4, 5), at(FaultCode.LEAF, 5), at(FaultCode.LEAF, 9)]).first
    5
    """
    placed = [fault for fault in faults if fault.first is not None and fault.last is not None]
    return min(placed, key=_closeness, default=None)


def _closeness(fault: Fault) -> tuple[int, int]:
    if fault.first is None or fault.last is None:
        raise AssertionError("only faults of leaves are compared")
    return fault.last, -fault.first
