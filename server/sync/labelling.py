"""Taking in a labelling day: instruments registered, labels put on them, verifications entered, places swapped.

An instrument, its label and its verification may come in one push, each depending on the op before it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.certificates import service as certificates
from server.evidence import service as evidence
from server.inspections.service import Context, OutOfScope, Taken
from server.problems import AlreadyThere
from server.public import service as public
from server.registry import service as registry
from server.seals import service as seals
from server.sync.problems import Refused
from shared import ids, ops
from shared.dates import civil_day
from shared.words import VerificationKind, VerificationResult

LONGEST_ON_A_PHONE = timedelta(days=60)


def register(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Add an instrument with its custody and the names of its photos. Raises OutOfScope and Taken."""
    if not context.scope.regions:
        raise OutOfScope
    place_id = _place_of(session, body, context.scope)
    _require_parties(session, body.get("custody", {}), context.scope)
    if body["evidence"] and evidence.names_files(session, body["id"]):
        raise Taken
    added = registry.register_instrument(
        session,
        body | ({"place": place_id} if place_id else {}),
        region=context.scope.regions[0].ljust(6, "0"),
        now=context.received_at,
        day=day_of(op, context.received_at),
    )
    if added is None:
        raise Taken
    _name_photos(session, op, body, context, record_id=added.id, instrument=added)
    return added.id


def day_of(op: ops.Op, received_at: datetime) -> date:
    """Return the civil day on which an op was made, by the phone's clock as its id tells it.

    A day that cannot be, after the receipt or from before the time that a phone keeps what it has not sent, is that of
    the receipt.
    """
    made_s = ids.unix_ms(op.op_id) // 1000
    is_possible = (received_at - LONGEST_ON_A_PHONE).timestamp() <= made_s <= received_at.timestamp()
    return civil_day(datetime.fromtimestamp(made_s, UTC) if is_possible else received_at)


def _place_of(session: Session, body: dict[str, Any], scope: Scope) -> str | None:
    """Return where an instrument is: the place named, or that of the stall named, which must be there."""
    place_id: str | None = body.get("place")
    if place_id and registry.place_in(session, scope, place_id) is None:
        raise OutOfScope
    if "stall" not in body:
        return place_id
    stall = registry.stalls_in(session, scope, {body["stall"]}).get(body["stall"])
    if stall is None or place_id not in (None, stall.place_id):
        raise OutOfScope
    return stall.place_id


def _require_parties(session: Session, custody: dict[str, str], scope: Scope) -> None:
    named = {custody[name] for name in ("owner", "user") if name in custody}
    if len(registry.parties_in(session, scope, named)) != len(named):
        raise OutOfScope


def _name_photos(
    session: Session,
    op: ops.Op,
    body: dict[str, Any],
    context: Context,
    *,
    record_id: str,
    instrument: registry.Instrument,
) -> None:
    files = [(instrument.id, file) for file in body["evidence"]]
    about = {"op_id": op.op_id, "person_id": context.person.id, "region": instrument.region}
    evidence.name_files(session, files, record_id=record_id, **about)


def bind(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Put a label on an instrument, and have looked into what is doubtful. Raises OutOfScope and Taken."""
    instrument = registry.instrument_in(session, context.scope, body["instrument"])
    if instrument is None:
        raise OutOfScope
    if body["evidence"] and evidence.names_files(session, op.op_id):
        raise Taken
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
        about: dict[str, Any] = {
            "region": instrument.region,
            "instrument_id": instrument.id,
            "now": context.received_at,
        }
        seals.look_into(session, doubt, body["serial"], **about)
    _name_photos(session, op, body, context, record_id=op.op_id, instrument=instrument)
    public.changed(session, instrument.id)
    return op.op_id


def verify(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Enter a verification as the desk does. Raises Refused, OutOfScope and Taken."""
    if not certificates.may_enter(context.person):
        raise Refused("not-a-verifier")
    instrument = registry.instrument_in(session, context.scope, body["instrument"])
    if instrument is None:
        raise OutOfScope
    _refuse_impossible_day(body, "done_on", context)
    if session.get(certificates.Verification, body["id"]) is not None:
        raise Taken
    try:
        entered = certificates.enter(
            session,
            instrument=instrument,
            verifier=context.person,
            kind=VerificationKind(body["kind"]),
            result=VerificationResult(body["result"]),
            document_no=body["document_no"].strip(),
            done_on=date.fromisoformat(body["done_on"]),
            now=context.received_at,
            verification_id=body["id"],
            mark_no=body["mark_no"].strip(),
            until=date.fromisoformat(body["valid_until"]) if body["valid_until"] else None,
        )
    except AlreadyThere as problem:
        raise Refused("document-number-used", number=body["document_no"]) from problem
    return entered.id


def _refuse_impossible_day(body: dict[str, Any], name: str, context: Context) -> None:
    match certificates.day_fault(date.fromisoformat(body[name]), civil_day(context.received_at)):
        case certificates.DayFault.FUTURE_DAY:
            raise Refused("bad-body", errors={name: ["invalid.future_day"]})
        case certificates.DayFault.TOO_LONG_AGO:
            raise Refused("bad-body", errors={name: [f"invalid.too_long_ago|{certificates.OLDEST_YEARS}"]})


def swap(session: Session, op: ops.Op, body: dict[str, Any], context: Context) -> str:
    """Let two instruments change places. Raises Refused and OutOfScope."""
    pair = (body["first"], body["second"])
    found = registry.instruments_in(session, context.scope, pair)
    if len(found) != len(pair):
        raise OutOfScope
    fixed = [name for name in ("first", "second") if found[body[name]].nozzle is not None]
    if fixed:
        raise Refused("bad-body", errors={name: ["invalid.fixed_instrument"] for name in fixed})
    _refuse_impossible_day(body, "on", context)
    first, second = (found[id_] for id_ in pair)
    try:
        registry.swap(session, first, second, on=date.fromisoformat(body["on"]), now=context.received_at)
    except registry.SwapTooEarly as error:
        raise Refused("swap-too-early", since=error.since.isoformat()) from error
    public.changed(session, *pair)
    return str(body["id"])
