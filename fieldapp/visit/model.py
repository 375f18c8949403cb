"""A visit while it is made: frozen values, replaced as the inspector goes on.

The same form travels (``shared.wire.visit``) and is kept as the running draft; the draft may lack what a saved
record must have, and ``visit.missing`` says what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from shared import verdict
from shared.scales import Scale
from shared.verdict import Code, Reading
from shared.words import Capacity, Cause, Disposition, NotInspected

Wire = Mapping[str, Any]
# What ``visit.record/1`` says of a scale; it has no word for partial ranges.
NAMEPLATE = ("max_mg", "min_mg", "e_mg", "d_mg", "accuracy_class", "price_computing")


@dataclass(frozen=True, kw_only=True)
class Check:
    """The field test of one instrument; ``verdict`` is what the phone concludes from the readings so far."""

    id: str
    instrument: str
    custody: str | None
    label: str | None
    label_verdict: str | None
    photo_matches: bool | None
    tested_by: str
    measured_at: str
    scale: Scale
    readings: tuple[Reading, ...] = ()
    verdict: Code = Code.INDETERMINATE
    ruleset: str = ""

    def to_wire(self) -> dict[str, Any]:
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        scale = plain.pop("scale")
        return plain | {
            "nameplate": {name: getattr(scale, name) for name in NAMEPLATE},
            "readings": [{"load_mg": reading.load_mg, "shown_mg": reading.shown_mg} for reading in self.readings],
            "verdict": self.verdict.value,
        }

    @classmethod
    def from_wire(cls, wire: Wire) -> Check:
        values = dict(wire)
        scale = Scale(**values.pop("nameplate"))
        readings = tuple(Reading(**reading) for reading in values.pop("readings"))
        return cls(**values | {"scale": scale, "readings": readings, "verdict": Code(values["verdict"])})


@dataclass(frozen=True)
class Signature:
    """What a party signed, or that it would not; strokes are whole numbers x, y, x, y."""

    name: str
    refused: bool
    strokes: tuple[tuple[int, ...], ...]

    def to_wire(self) -> dict[str, Any]:
        return {"name": self.name, "refused": self.refused, "strokes": [list(stroke) for stroke in self.strokes]}

    @classmethod
    def from_wire(cls, wire: Wire) -> Signature:
        return cls(wire["name"], wire["refused"], tuple(tuple(stroke) for stroke in wire["strokes"]))


@dataclass(frozen=True)
class Evidence:
    """A photo that the phone keeps. ``check`` None: it shows the stall or shop, and no single instrument."""

    sha256: str
    bytes: int
    kind: str
    check: str | None

    def to_wire(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "bytes": self.bytes, "kind": self.kind, "check": self.check}


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """One party within the visit. ``disposition`` None: not decided yet."""

    id: str
    party: str | None
    party_name: str
    stall: str | None
    disposition: Disposition | None = None
    not_inspected: NotInspected | None = None
    remark: str = ""
    party_remark: str = ""
    signature: Signature | None = None
    checks: tuple[Check, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def has_finding(self) -> bool:
        """Whether any instrument of this party tested beyond its limits."""
        return any(check.verdict is Code.BEYOND for check in self.measured)

    @property
    def measured(self) -> tuple[Check, ...]:
        """The checks that have a reading; one without was opened and left."""
        return tuple(check for check in self.checks if check.readings)

    def to_wire(self) -> dict[str, Any]:
        """Return the body; a server of before photos knows no ``evidence``, so it stands there only with a photo."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        evidence = [photo.to_wire() for photo in plain.pop("evidence")]
        return (
            plain
            | ({"evidence": evidence} if evidence else {})
            | {
                "disposition": self.disposition.value if self.disposition else None,
                "not_inspected": self.not_inspected.value if self.not_inspected else None,
                "signature": self.signature.to_wire() if self.signature else None,
                "checks": [check.to_wire() for check in self.checks],
            }
        )

    @classmethod
    def from_wire(cls, wire: Wire) -> Inspection:
        disposition, not_inspected, signature = (wire[name] for name in ("disposition", "not_inspected", "signature"))
        return cls(
            **{**wire}
            | {
                "disposition": Disposition(disposition) if disposition else None,
                "not_inspected": NotInspected(not_inspected) if not_inspected else None,
                "signature": Signature.from_wire(signature) if signature else None,
                "checks": tuple(Check.from_wire(check) for check in wire["checks"]),
                "evidence": tuple(Evidence(**photo) for photo in wire.get("evidence", ())),
            }
        )


@dataclass(frozen=True)
class Participant:
    """Who took part, and in what capacity."""

    person: str
    capacity: Capacity
    card_no: str

    def to_wire(self) -> dict[str, Any]:
        return {"person": self.person, "capacity": self.capacity.value, "card_no": self.card_no}


@dataclass(frozen=True)
class Standard:
    """A standard carried: weight class, number of its certificate, that certificate's last day."""

    weight_class: str
    certificate_no: str
    valid_until: str

    @property
    def for_rules(self) -> verdict.Standard:
        """What the rules ask of it."""
        return verdict.Standard(self.weight_class, date.fromisoformat(self.valid_until))

    def to_wire(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("weight_class", "certificate_no", "valid_until")}


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One walk. ``open_check`` is the check on the screen, so that a restart comes back to it.

    ``revises`` is the refused operation that this visit says anew, "" for none; it is never sent.
    """

    id: str
    task: str | None
    place: str
    cause: Cause
    approval_no: str
    started_at: str
    card_shown: bool
    recusal_told: bool
    participants: tuple[Participant, ...]
    standards: tuple[Standard, ...]
    inspections: tuple[Inspection, ...] = ()
    open_check: str | None = None
    revises: str = ""

    def inspection(self, id_: str) -> Inspection:
        """Return one inspection; KeyError when there is none."""
        for inspection in self.inspections:
            if inspection.id == id_:
                return inspection
        raise KeyError(id_)

    def check(self, id_: str) -> Check:
        """Return one check of any party; KeyError when there is none."""
        for inspection in self.inspections:
            for check in inspection.checks:
                if check.id == id_:
                    return check
        raise KeyError(id_)

    def holder_of(self, check_id: str) -> Inspection:
        """Return the inspection that a check belongs to; KeyError when there is none."""
        for inspection in self.inspections:
            if any(check.id == check_id for check in inspection.checks):
                return inspection
        raise KeyError(check_id)

    def with_inspection(self, changed: Inspection) -> Visit:
        """Return the visit with an inspection replaced, or added when it is new."""
        known = {inspection.id for inspection in self.inspections}
        others = (changed if old.id == changed.id else old for old in self.inspections)
        added = () if changed.id in known else (changed,)
        return replace(self, inspections=(*others, *added))

    def with_check(self, changed: Check) -> Visit:
        """Return the visit with one of its checks replaced."""
        holder = self.holder_of(changed.id)
        checks = tuple(changed if old.id == changed.id else old for old in holder.checks)
        return self.with_inspection(replace(holder, checks=checks))

    def to_wire(self) -> dict[str, Any]:
        """Return the body without what is known only when it is saved: ``made_at`` and the clock's offset."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        del plain["open_check"], plain["revises"]
        return plain | {
            "cause": self.cause.value,
            "participants": [participant.to_wire() for participant in self.participants],
            "standards": [standard.to_wire() for standard in self.standards],
            "inspections": [inspection.to_wire() for inspection in self.inspections],
        }

    @classmethod
    def from_wire(cls, wire: Wire) -> Visit:
        """Read what ``to_wire`` wrote, with or without what is never sent."""
        people = (Participant(row["person"], Capacity(row["capacity"]), row["card_no"]) for row in wire["participants"])
        return cls(
            **{**wire}
            | {
                "cause": Cause(wire["cause"]),
                "participants": tuple(people),
                "standards": tuple(Standard(**row) for row in wire["standards"]),
                "inspections": tuple(Inspection.from_wire(row) for row in wire["inspections"]),
            }
        )
