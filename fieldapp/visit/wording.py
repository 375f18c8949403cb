"""How a party or an instrument stands within a visit, in a word and a shape."""

from __future__ import annotations

from dataclasses import dataclass

from fieldapp.visit.model import Check, Inspection
from shared.texts import Texts
from shared.verdict import Code
from shared.words import Disposition


@dataclass(frozen=True)
class State:
    """A word and the code of its shape; both empty where nothing was done yet."""

    text: str
    code: str


NOTHING = State("", "")


def state_of(texts: Texts, inspection: Inspection | None) -> State:
    """Return how a party stands: its worst check counts."""
    if inspection is None:
        return NOTHING
    if inspection.disposition is Disposition.NOT_INSPECTED:
        return State(texts("disposition.not_inspected"), "unknown")
    codes = {check.verdict for check in inspection.measured}
    worst = next((code for code in (Code.BEYOND, Code.INDETERMINATE, Code.WITHIN) if code in codes), None)
    return State(texts(f"visit.short_{worst}"), worst.value) if worst else NOTHING


def state_of_check(texts: Texts, check: Check | None) -> State:
    """Return how one instrument stands."""
    if check is None or not check.readings:
        return NOTHING
    return State(texts(f"visit.short_{check.verdict}"), check.verdict.value)
