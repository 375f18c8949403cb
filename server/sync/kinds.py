"""What each kind of op means: the schema of its body, the id of its record, and who takes it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from server.campaigns import service as campaigns
from server.inspections import service as inspections
from server.inspections.service import Context, OutOfScope, Taken
from server.physical_seals import service as physical_seals
from server.public import service as public
from server.registry import service as registry
from server.seals import service as seals
from shared import ops
from shared.dates import civil_day
from shared.seal import short_code
from shared.wire import physical_seal, register, visit

TakeIn = Callable[[Session, ops.Op, dict[str, Any], Context], str]


@dataclass(frozen=True)
class Kind:
    """``record`` names the field of the body that identifies the record; None: the op itself is the record.

    ``region_of`` says where a record belongs, and so who may see it; ``doubts`` what no schema can say of a body.
    """

    schema: Schema
    record: str | None
    take_in: TakeIn
    region_of: Callable[[Session, str], str | None]
    doubts: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {}


def _register(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    if not context.scope.regions:
        raise OutOfScope
    if body.get("place") and registry.place_in(session, context.scope, body["place"]) is None:
        raise OutOfScope
    region = context.scope.regions[0].ljust(6, "0")
    added = registry.register_instrument(
        session, body, region=region, now=context.received_at, day=civil_day(context.received_at)
    )
    if added is None:
        raise Taken
    return str(body["id"])


def _bind(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    instrument = registry.instrument_in(session, context.scope, body["instrument"])
    if instrument is None:
        raise OutOfScope
    doubt = seals.bind(
        session,
        op_id=op.op_id,
        serial=body["serial"],
        instrument_id=instrument.id,
        person_id=context.person.id,
        scope=context.scope,
        now=context.received_at,
    )
    if doubt is not None:
        campaigns.assign(
            session,
            kind=doubt,
            region=instrument.region,
            instrument_id=instrument.id,
            subject_id=op.op_id,
            note=short_code(body["serial"]),
            now=context.received_at,
        )
    public.changed(session, instrument.id)
    return op.op_id


def _nowhere(session: Session, record_id: str) -> str | None:
    return None


KINDS: dict[str, Kind] = {
    visit.KIND: Kind(
        visit.VisitSchema(), "id", inspections.take_in_visit, inspections.region_of_visit, inspections.doubled_ids
    ),
    register.REGISTER: Kind(register.InstrumentSchema(), "id", _register, registry.region_of_instrument),
    register.BIND: Kind(register.BindSchema(), None, _bind, _nowhere),
    physical_seal.KIND: Kind(
        physical_seal.PhysicalSealSchema(),
        "id",
        physical_seals.take_in,
        physical_seals.region_of_event,
        physical_seal.doubts,
    ),
    register.CORRECTION: Kind(register.CorrectionSchema(), None, inspections.take_in_correction, _nowhere),
}
