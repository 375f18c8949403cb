"""What happened to the seal at one position, while it is filled in: frozen, kept whole after every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.physical_seals import names_in
from shared.words import SealAct, SealOwner, SealPosition

Wire = Mapping[str, Any]
# The fields of each act; what was typed into others stays in the draft and is not sent.
ASKED: dict[SealAct, frozenset[str]] = {
    SealAct.APPLIED: frozenset({"new_number"}),
    SealAct.OPENED: frozenset({"old_number", "authority", "document_no"}),
    SealAct.FOUND_BROKEN: frozenset({"old_number"}),
    SealAct.REPLACED: frozenset({"old_number", "new_number"}),
}
# The wire has one text of 120 characters for who allowed an opening and by which document.
LONGEST_AUTHORITY, LONGEST_DOCUMENT = 70, 49
LONGEST_NUMBER, LONGEST_NOTE = 40, 500
_TYPED = ("old_number", "new_number", "authority", "document_no", "witnesses", "note")


@dataclass(frozen=True, kw_only=True)
class Move:
    """One act at one position of an instrument. Texts are as typed; ``witnesses`` are names with commas between.

    ``revises`` is the refused operation that this one says anew, "" for none.
    """

    instrument: str
    position: SealPosition
    act: SealAct
    owner: SealOwner
    old_number: str = ""
    new_number: str = ""
    authority: str = ""
    document_no: str = ""
    witnesses: str = ""
    note: str = ""
    revises: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed yet."""
        return not any(getattr(self, name).strip() for name in _TYPED)

    def told(self, name: str) -> str:
        """Return what was typed into a field, without white space around it; "" where the act does not ask for it."""
        asked = name in ASKED[self.act] or name == "note"
        return str(getattr(self, name)).strip() if asked else ""

    @property
    def told_authority(self) -> str:
        """Who allowed the opening and by which document, as one text."""
        return " ".join(part for part in (self.told("authority"), self.told("document_no")) if part)

    @property
    def names(self) -> tuple[str, ...]:
        """The witnesses."""
        return names_in(self.witnesses)

    def to_wire(self) -> dict[str, Any]:
        """Return the move as JSON values; this phone's own form, never sent."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: Wire) -> Move:
        """Read what ``to_wire`` wrote."""
        words = {"position": SealPosition(wire["position"]), "act": SealAct(wire["act"])}
        return cls(**{**wire} | words | {"owner": SealOwner(wire["owner"])})
