"""A labelling day while it is made: frozen values, replaced as the person goes on, kept whole after every step.

A ``Filing`` is one instrument on its way into the register: a fresh label, what its nameplate says, where it stands,
the verification. It may lack what comes with later steps; ``Day`` remembers what was used last, so that the two hundred
identical scales of a market are asked for once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from fieldapp.visit.model import Evidence
from shared.words import CustodyKind, InstrumentKind, Use, VerificationKind, VerificationResult

Wire = Mapping[str, Any]
MOST_REMEMBERED = 12
# What the photos of a filing are, as ``shared.wire.evidence`` names them.
NAMEPLATE_PHOTO, PLACE_PHOTO = "nameplate", "label_in_place"


class Step(StrEnum):
    """Where a filing stands, in the order in which a person goes: what is asked for next."""

    LABEL = "label"
    NAMEPLATE = "nameplate"
    PLATE = "plate"
    NUMBER = "number"
    RESULT = "result"
    IN_PLACE = "in_place"
    REVIEW = "review"


@dataclass(frozen=True, kw_only=True)
class Plate:
    """What a nameplate says beside its serial. Masses in milligrams; None: it has none, or nobody can read it."""

    kind: str = InstrumentKind.SCALE.value
    maker: str = ""
    model: str = ""
    accuracy_class: str | None = None
    max_mg: int | None = None
    e_mg: int | None = None
    price_computing: bool = True


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The verification of a filing. ``mark_no`` "": the instrument bears no numbered mark."""

    kind: str = VerificationKind.PERIODIC.value
    result: str = VerificationResult.PASSED.value
    document_no: str
    mark_no: str = ""


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One instrument. ``existing``: the register has it already, so only the label is put on it.

    ``label`` is the link as scanned. ``stall`` None: at no stall. ``verified`` None: not verified today.
    ``production_code`` "": it bears none, or nobody wrote it down. ``revises`` are the refused operations of the
    filing that this one says anew.
    """

    id: str
    step: Step = Step.LABEL
    label: str = ""
    label_serial: int = 0
    plate: Plate | None = None
    plate_photo: Evidence | None = None
    serial: str = ""
    production_code: str = ""
    existing: str | None = None
    stall: str | None = None
    user: str | None = None
    custody: str = CustodyKind.OWN.value
    use: str = Use.TRADE.value
    verified: Verified | None = None
    place_photo: Evidence | None = None
    revises: tuple[str, ...] = ()

    @property
    def instrument(self) -> str:
        """The id of the instrument that the label is put on."""
        return self.existing or self.id

    @property
    def photos(self) -> set[str]:
        """The photos taken so far, by their sha256."""
        return {photo.sha256 for photo in (self.plate_photo, self.place_photo) if photo}

    def to_wire(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Wire) -> Filing:
        parts = {"plate": Plate, "verified": Verified, "plate_photo": Evidence, "place_photo": Evidence}
        read = {name: make(**wire[name]) for name, make in parts.items() if wire[name] is not None}
        return cls(**{**wire} | read | {"step": Step(wire["step"]), "revises": tuple(wire.get("revises", ()))})


@dataclass(frozen=True, kw_only=True)
class Day:
    """One person's labelling, and what it remembers beyond its end. ``place`` "": no day is running.

    ``plates`` are the nameplates used, the last one first; of each series of numbers the last that was used.
    ``is_for_one``: it was begun to say one refused filing anew, and ends with it.
    """

    person: str
    place: str = ""
    plates: tuple[Plate, ...] = ()
    serial: str = ""
    stall: str | None = None
    custody: str = CustodyKind.OWN.value
    use: str = Use.TRADE.value
    verification_kind: str = VerificationKind.PERIODIC.value
    passed_no: str = ""
    failed_no: str = ""
    mark_no: str = ""
    last_label: int = 0
    filing: Filing | None = None
    is_for_one: bool = False

    def with_plate(self, plate: Plate) -> Day:
        """Return the day with a nameplate remembered as the last one used."""
        others = tuple(one for one in self.plates if one != plate)
        return replace(self, plates=(plate, *others)[:MOST_REMEMBERED])

    def after(self, filing: Filing) -> Day:
        """Return the day once a filing is saved: what it used is what the next one is offered first."""
        day = self.with_plate(filing.plate) if filing.plate and not filing.existing else self
        place = {"stall": filing.stall, "custody": filing.custody, "use": filing.use}
        kept: dict[str, Any] = {"serial": filing.serial, "last_label": filing.label_serial}
        kept |= {} if filing.existing else place
        if filing.verified is not None:
            passed = filing.verified.result == VerificationResult.PASSED
            kept["verification_kind"] = filing.verified.kind
            kept["passed_no" if passed else "failed_no"] = filing.verified.document_no
            kept |= {"mark_no": filing.verified.mark_no} if filing.verified.mark_no else {}
        return replace(day.put_down(), **kept)

    def put_down(self) -> Day:
        """Return the day with nothing in hand."""
        return replace(self, filing=None, place="" if self.is_for_one else self.place, is_for_one=False)

    def to_wire(self) -> dict[str, Any]:
        """Return the day as JSON values; this phone's own form, never sent."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Wire) -> Day:
        """Read what ``to_wire`` wrote; a name that this version does not know is dropped."""
        known = {field.name: wire[field.name] for field in fields(cls) if field.name in wire}
        filing = known.get("filing")
        plates = tuple(Plate(**plate) for plate in known.get("plates", ()))
        return cls(**known | {"plates": plates, "filing": Filing.from_wire(filing) if filing else None})
