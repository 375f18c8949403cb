"""What each kind of op means: the schema of its body, the id of its record, and who takes it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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

TakeIn = Callable[[Session, ops.Op, dict[str, Any], Context], str]


@dataclass(frozen=True)
class Kind:
    """``record`` names the field of the body that identifies the record; None: the op itself is the record.

    ``region_of`` says where a record belongs, and so who may see it; ``doubts`` what no schema can say of a body.
    ``takes_number``: its number is compared with those used before.
    """

    schema: Schema
    record: str | None
    take_in: TakeIn
    region_of: Callable[[Session, str], str | None]
    doubts: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {}
    takes_number: bool = False


def _nowhere(session: Session, record_id: str) -> str | None:
    return None


KINDS: dict[str, Kind] = {
    visit.KIND: Kind(
        visit.VisitSchema(), "id", inspections.take_in_visit, inspections.region_of_visit, inspections.doubled_ids
    ),
    register.REGISTER: Kind(
        register.InstrumentSchema(), "id", labelling.register, registry.region_of_instrument, register.doubts
    ),
    register.BIND: Kind(register.BindSchema(), None, labelling.bind, _nowhere, register.doubts),
    verification.KIND: Kind(
        verification.VerificationSchema(),
        "id",
        labelling.verify,
        certificates.region_of_verification,
        verification.doubts,
        takes_number=True,
    ),
    custody.KIND: Kind(custody.SwapSchema(), "id", labelling.swap, _nowhere, custody.doubts),
    physical_seal.KIND: Kind(
        physical_seal.PhysicalSealSchema(),
        "id",
        physical_seals.take_in,
        physical_seals.region_of_event,
        physical_seal.doubts,
    ),
    register.CORRECTION: Kind(register.CorrectionSchema(), None, inspections.take_in_correction, _nowhere),
}
