"""What a visit still lacks before it may be saved.

Sources: 行政处罚法 (2021) article 42 (at least two officers), article 55 (the card is shown), article 43 (the right to
ask for an officer's recusal is told). A finding carries the party's signature, or that it was refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from fieldapp.visit.model import Inspection, Visit
from shared.verdict import Code
from shared.words import Capacity, Disposition

OFFICERS = 2


class Missing(StrEnum):
    """What is missing; the sentence is ``missing.<code>`` of the catalogue."""

    SECOND_OFFICER = "second_officer"
    CARD = "card"
    RECUSAL = "recusal"
    INSPECTION = "inspection"
    DISPOSITION = "disposition"
    WHY_NOT_INSPECTED = "why_not_inspected"
    SIGNATURE = "signature"


def missing_to_start(visit: Visit) -> list[Missing]:
    """Return what must be there before the first check."""
    officers = {person.person for person in visit.participants if person.capacity is Capacity.OFFICER}
    wanted = (
        (len(officers) >= OFFICERS, Missing.SECOND_OFFICER),
        (visit.card_shown, Missing.CARD),
        (visit.recusal_told, Missing.RECUSAL),
    )
    return [missing for is_there, missing in wanted if not is_there]


def missing_of(inspection: Inspection) -> list[Missing]:
    """Return what one party's inspection lacks."""
    return list(_missing_of(inspection))


def _missing_of(inspection: Inspection) -> Iterator[Missing]:
    if not must_be_decided(inspection) and inspection.disposition is None:
        return
    if inspection.disposition is None or (inspection.has_finding and inspection.disposition is Disposition.NONE):
        yield Missing.DISPOSITION
    if inspection.disposition is Disposition.NOT_INSPECTED and inspection.not_inspected is None:
        yield Missing.WHY_NOT_INSPECTED
    if inspection.has_finding and inspection.signature is None:
        yield Missing.SIGNATURE


def must_be_decided(inspection: Inspection) -> bool:
    """Say whether a person has to choose the disposition; a clean party needs no choice."""
    return not inspection.measured or any(check.verdict is not Code.WITHIN for check in inspection.measured)


def missing_to_save(visit: Visit) -> list[Missing]:
    """Return what must be there before the record is made; in order, each once."""
    found = missing_to_start(visit)
    parties = saved_inspections(visit)
    if not parties:
        found.append(Missing.INSPECTION)
    for inspection in parties:
        found += missing_of(inspection)
    return list(dict.fromkeys(found))


def saved_inspections(visit: Visit) -> tuple[Inspection, ...]:
    """Return the inspections that go into the record: those with a reading or a decision."""
    return tuple(inspection for inspection in visit.inspections if inspection.measured or inspection.disposition)
