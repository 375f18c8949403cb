"""What each kind of op means: the schema of its body, the id of its record, and who takes it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marshmallow import Schema
from sqlalchemy.orm import Session

from server.certificates import service as certificates
from server.inspections import service as inspections
from server.inspections.service import Context
from server.physical_seals import service as physical_seals
from server.registry import service as registry
from server.sync import labelling
from shared import ops
from shared.wire import custody, physical_seal, register, verification, visit

Body = dict[str, Any]
TakeIn = Callable[[Session, ops.Op, Body, Context], str]
Sent = Sequence[tuple[ops.Op, Body]]


class Together(Protocol):
    """Ops of one kind that are taken in together: each is told at once whether it is, and stored with the others."""

    def take_in(self, op: ops.Op, body: Body, context: Context) -> None:
        """Take in one; raises what ``take_in`` of a single op raises, and then nothing of it is taken in."""

    def finish(self) -> None:
        """Store all that were taken in, with what they lead to."""


class _Each:
    """Ops that are taken in one after the other, each stored at once."""

    def __init__(self, session: Session, take_in: TakeIn) -> None:
        self._session, self._take_in = session, take_in

    def take_in(self, op: ops.Op, body: Body, context: Context) -> None:
        """Take in one."""
        self._take_in(self._session, op, body, context)

    def finish(self) -> None:
        """Everything is stored already."""


def each(take_in: TakeIn) -> Callable[[Session, Sent], Together]:
    """Return what takes in ops of a kind one after the other."""
    return lambda session, _: _Each(session, take_in)


@dataclass(frozen=True)
class Kind:
    """``record`` names the field of the body that identifies the record; None: the op itself is the record.

    ``together`` is told ops that follow each other, and takes in those that may be. ``region_of`` says where a record
    belongs, and so who may see it; ``doubts`` what no schema can say of a body. ``takes_number``: its number is
    compared with those used before.
    """

    schema: Schema
    record: str | None
    together: Callable[[Session, Sent], Together]
    region_of: Callable[[Session, str], str | None]
    doubts: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {}
    takes_number: bool = False


def _nowhere(session: Session, record_id: str) -> str | None:
    return None


KINDS: dict[str, Kind] = {
    visit.KIND: Kind(
        visit.VisitSchema(), "id", inspections.Visits, inspections.region_of_visit, inspections.doubled_ids
    ),
    register.REGISTER: Kind(
        register.InstrumentSchema(), "id", each(labelling.register), registry.region_of_instrument, register.doubts
    ),
    register.BIND: Kind(register.BindSchema(), None, each(labelling.bind), _nowhere, register.doubts),
    verification.KIND: Kind(
        verification.VerificationSchema(),
        "id",
        each(labelling.verify),
        certificates.region_of_verification,
        verification.doubts,
        takes_number=True,
    ),
    custody.KIND: Kind(custody.SwapSchema(), "id", each(labelling.swap), _nowhere, custody.doubts),
    physical_seal.KIND: Kind(
        physical_seal.PhysicalSealSchema(),
        "id",
        each(physical_seals.take_in),
        physical_seals.region_of_event,
        physical_seal.doubts,
    ),
    register.CORRECTION: Kind(register.CorrectionSchema(), None, each(inspections.take_in_correction), _nowhere),
}
