"""Register rows as phones receive them, built in bulk: a few queries for any number of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import feed
from server.certificates import service as certificates
from server.findings import service as findings
from server.registry import service as registry
from server.registry.models import Custody, Instrument, Party, Place, Region, Stall, Tenancy
from server.seals import service as seals
from shared.national_codes import CODES
from shared.seal import short_code

CHUNK = 500
T = TypeVar("T")


def chunks(ids: list[T]) -> Iterator[list[T]]:
    """Cut a list of ids into pieces that every database takes as parameters."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


@feed.builds("region")
def region_rows(session: Session, ids: list[str]) -> Iterable[feed.Row]:
    for region in session.scalars(select(Region).where(Region.code.in_(ids))):
        body = {"code": region.code, "name": region.name, "parent": region.parent}
        yield feed.Row("region", region.code, feed.EVERYWHERE, 1, body)


@feed.builds("place")
def place_rows(session: Session, ids: list[str]) -> Iterable[feed.Row]:
    for some in chunks(ids):
        for place in session.scalars(select(Place).where(Place.id.in_(some))):
            body = {
                "id": place.id,
                "kind": place.kind,
                "name": place.name,
                "address": place.address,
                "region": place.region,
                "phone_zone": place.phone_zone,
                "operator": place.operator_id,
            }
            yield feed.Row("place", place.id, place.region, place.rev, body)


@feed.builds("stall")
def stall_rows(session: Session, ids: list[str]) -> Iterable[feed.Row]:
    for some in chunks(ids):
        query = select(Stall, Place.region).join(Place, Place.id == Stall.place_id).where(Stall.id.in_(some))
        tenants = _tenants(session, some)
        for stall, region in session.execute(query):
            body = {"id": stall.id, "place": stall.place_id, "number": stall.number, "tenant": tenants.get(stall.id)}
            body |= {"region": region}
            yield feed.Row("stall", stall.id, region, stall.rev, body)


def _tenants(session: Session, stalls: list[str]) -> dict[str, str]:
    """Return who has each stall today; the last to come, where two are on record."""
    open_ones = select(Tenancy.stall_id, Tenancy.party_id).where(Tenancy.stall_id.in_(stalls))
    query = open_ones.where(Tenancy.last_day.is_(None)).order_by(Tenancy.first_day, Tenancy.id)
    return {row.stall_id: row.party_id for row in session.execute(query)}


@feed.builds("party")
def party_rows(session: Session, ids: list[str]) -> Iterable[feed.Row]:
    for some in chunks(ids):
        for party in session.scalars(select(Party).where(Party.id.in_(some))):
            body = {
                "id": party.id,
                "name": party.name,
                "identity_kind": party.identity_kind,
                "code": party.public_code,
                "region": party.region,
            }
            yield feed.Row("party", party.id, party.region, party.rev, body)


@feed.builds("instrument")
def instrument_rows(session: Session, ids: list[str]) -> Iterable[feed.Row]:
    for some in chunks(ids):
        custody = registry.current_custody(session, some)
        nozzles = registry.nozzles_of(session, some)
        labels = seals.labels_of(session, some)
        verified = certificates.latest_of(session, some)
        suspected = findings.open_of(session, some)
        for item in session.scalars(select(Instrument).where(Instrument.id.in_(some))):
            body = _instrument_body(item) | {
                "stall": custody[item.id].stall_id if item.id in custody else None,
                "custody": _custody_body(custody.get(item.id)),
                "nozzle": nozzles.get(item.id),
                "label": _label_body(labels.get(item.id)),
                "verification": _verification_body(verified.get(item.id)),
                "finding": _finding_body(suspected.get(item.id)),
            }
            yield feed.Row("instrument", item.id, item.region, item.rev, body)


PLAIN = (
    *("id", "kind", "serial", "own_no", "maker", "model", "use", "status", "region", "price_computing"),
    *("max_mg", "min_mg", "e_mg", "d_mg", "accuracy_class", "note"),
    *CODES,
)


def _instrument_body(item: Instrument) -> dict[str, Any]:
    return {name: getattr(item, name) for name in PLAIN} | {"place": item.place_id, "photo": item.photo_sha256}


def _custody_body(custody: Custody | None) -> dict[str, Any] | None:
    if custody is None:
        return None
    return {"id": custody.id, "kind": custody.kind, "owner": custody.owner_id, "user": custody.user_id}


def _label_body(label: seals.SealStock | None) -> dict[str, Any] | None:
    return {"serial": label.serial, "short": short_code(label.serial), "text": label.text} if label else None


def _verification_body(found: certificates.Dated | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "result": found.result,
        "document_no": found.document_no,
        "mark_no": found.mark_no,
        "done_on": found.done_on.isoformat(),
        "valid_until": found.valid_until.isoformat() if found.valid_until else None,
        "body": found.body_name,
    }


def _finding_body(found: findings.Finding | None) -> dict[str, Any] | None:
    return {"state": found.state, "suspected_on": found.suspected_on.isoformat()} if found else None
