"""What happened in the demo city: verifications, visits, findings, pledges, labels, and what is to be done today.

Instants are aware and in UTC; days are civil days of the city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from shared.scales import Scale
from shared.verdict import Code, Reading
from shared.words import (
    Capacity,
    Cause,
    Disposition,
    FindingState,
    NotInspected,
    SealState,
    TaskKind,
    TaskState,
    VerificationKind,
    VerificationResult,
)

BEYOND_LIMITS = "beyond_limits"

Strokes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Verification:
    """One verification. ``valid_until`` is the last day, inclusive; None when it failed."""

    id: str
    instrument_id: str
    body_id: str
    kind: VerificationKind
    result: VerificationResult
    document_no: str
    done_on: date
    valid_until: date | None
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True)
class Participant:
    """Who took part in a visit."""

    person_id: str
    capacity: Capacity
    card_no: str


@dataclass(frozen=True)
class Standard:
    """A standard carried."""

    weight_class: str
    certificate_no: str
    valid_until: date


@dataclass(frozen=True)
class Signature:
    """What the party signed with, or that it refused (then without strokes)."""

    name: str
    refused: bool
    strokes: Strokes


@dataclass(frozen=True)
class Check:
    """The field test of one scale. ``seal_serial`` None: no label was scanned; else it was found genuine."""

    id: str
    instrument_id: str
    custody_id: str
    seal_serial: int | None
    tested_by: str
    measured_at: datetime
    scale: Scale
    readings: tuple[Reading, ...]
    verdict: Code
    ruleset: str


@dataclass(frozen=True)
class Inspection:
    """One party within a visit."""

    id: str
    party_id: str
    party_name: str
    stall_id: str | None
    disposition: Disposition
    not_inspected: NotInspected | None
    remark: str
    party_remark: str
    signature: Signature | None
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Visit:
    """One walk through a place by two officers of a unit; the first of them records it."""

    id: str
    place_id: str
    unit_id: str
    cause: Cause
    approval_no: str
    day: date
    started_at: datetime
    made_at: datetime
    clock_offset_s: int
    clock_doubt_s: int
    participants: tuple[Participant, ...]
    standards: tuple[Standard, ...]
    inspections: tuple[Inspection, ...]


@dataclass(frozen=True)
class Finding:
    """What must have become of a check beyond limits when everything is loaded."""

    id: str
    code: str
    check_id: str
    instrument_id: str
    party_id: str
    state: FindingState
    suspected_on: date
    settled_on: date | None
    verification_id: str | None


@dataclass(frozen=True)
class Pledge:
    """A pledge of a party; its text and number come from the service that takes it."""

    id: str
    party_id: str
    signer_name: str
    signed_at: datetime
    strokes: Strokes


@dataclass(frozen=True)
class Task:
    """Something to be done today."""

    id: str
    kind: TaskKind
    state: TaskState
    region: str
    place_id: str
    instrument_id: str | None
    subject_id: str | None
    assigned_to: str
    due_on: date
    note: str
    made_at: datetime


@dataclass(frozen=True)
class Seal:
    """A label, to be signed by the server's key of the region.

    ``maker_serial`` and ``nozzle`` are what it is bound to by signature; both None on stock labels, which stay unbound.
    ``holder_id`` is the officer to whom a stock label was issued.
    """

    serial: int
    region: str
    kind: int
    issued_on: date
    last_day: date | None
    state: SealState
    instrument_id: str | None
    maker_serial: str | None
    nozzle: str | None
    holder_id: str | None = None


@dataclass(frozen=True)
class SealBinding:
    """The fact that somebody put a label on an instrument."""

    id: str
    serial: int
    instrument_id: str
    person_id: str
    bound_at: datetime


@dataclass(frozen=True)
class Journey:
    """A merchant whose story can be told: a scale in date at a market stall, no finding, no pledge yet.

    One confirmed ``beyond_limits`` lowers the party's grade. Inspector, colleague and supervisor belong to a unit whose
    scope covers the place; the verifier to a body whose scope covers it. ``task_id`` is the inspector's task for today.
    """

    party_id: str
    place_id: str
    stall_id: str
    instrument_id: str
    custody_id: str
    seal_serial: int
    unit_id: str
    inspector_id: str
    colleague_id: str
    supervisor_id: str
    verifier_id: str
    task_id: str
