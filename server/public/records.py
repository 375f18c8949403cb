"""Building the finished records: a few queries for any number of instruments."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from server.bulk import among
from server.certificates import service as certificates
from server.evidence import service as evidence
from server.findings import service as findings
from server.inspections import service as inspections
from server.pledges import service as pledges
from server.public.models import PublicRecord
from server.public.service import NAMED_IDENTITIES, before
from server.registry import service as registry
from server.scans import service as scans
from server.seals import service as seals
from shared import national_codes
from shared.dates import civil_day
from shared.words import FindingState, VerificationResult

CHUNK = 400
_OF_CHECKS = (PublicRecord.serial, PublicRecord.instrument_id, PublicRecord.body)


def rebuild(session: Session, instrument_ids: list[str]) -> None:
    """Finish anew the records of every label that some instruments carry or carried."""
    session.flush()
    for start in range(0, len(instrument_ids), CHUNK):
        some = instrument_ids[start : start + CHUNK]
        labels = list(session.scalars(select(seals.SealStock).where(seals.SealStock.instrument_id.in_(some))))
        known = {row.serial: row for row in _existing(session, [label.serial for label in labels])}
        bodies = dict(_bodies(session, some))
        to_compare = scans.is_flagged(session, [label.serial for label in labels])
        for label in labels:
            body = {"label": _label(label)} | bodies[label.instrument_id or ""]
            body["compare"] = label.serial in to_compare
            _store(session, known.get(label.serial), label, body)


def show_checks(session: Session, days: Mapping[str, set[date]]) -> None:
    """Add to the records of some instruments the days on which they were checked; the rest of them stands as it is.

    What was told before is not read again: a check that was stored never changes, and history only grows.
    """
    session.flush()
    instruments = sorted(days)
    for start in range(0, len(instruments), CHUNK):
        about = among(session, PublicRecord.instrument_id, instruments[start : start + CHUNK])
        changed = []
        for serial, id_, text in session.execute(select(*_OF_CHECKS).where(about)):
            body = json.loads(text)
            told, body["checks"] = body["checks"], sorted({*body["checks"], *_days(days[str(id_)])})
            if body["checks"] != told:
                changed.append({"serial": serial, "body": _text(body), "words": None, "words_by": ""})
        if changed:
            session.execute(update(PublicRecord), changed)


def add_stock(session: Session, labels: list[seals.SealStock]) -> None:
    """Finish the records of labels that belong to no instrument."""
    session.add_all(
        PublicRecord(serial=label.serial, instrument_id=None, photo_sha256=None, body=_text({"label": _label(label)}))
        for label in labels
    )


def rebuild_stock(session: Session, ranges: list[tuple[int, int]]) -> None:
    """Finish anew the records of the labels of some ranges that belong to no instrument: three statements a range."""
    session.flush()
    stock = seals.SealStock
    about = (stock.serial, stock.text, stock.state, stock.kind)
    for first, last in ranges:
        found = select(*about).where(stock.serial.between(first, last), stock.instrument_id.is_(None))
        rows = [
            {
                "serial": label.serial,
                "instrument_id": None,
                "photo_sha256": None,
                "body": _text({"label": _label(label)}),
            }
            for label in session.execute(found)
        ]
        gone = delete(PublicRecord).where(PublicRecord.serial.between(first, last))
        session.execute(gone.where(PublicRecord.instrument_id.is_(None)))
        if rows:
            session.execute(insert(PublicRecord), rows)


def _existing(session: Session, serials: list[int]) -> list[PublicRecord]:
    return list(session.scalars(select(PublicRecord).where(PublicRecord.serial.in_(serials))))


def _store(session: Session, row: PublicRecord | None, label: seals.SealStock, body: dict[str, Any]) -> None:
    row = row or PublicRecord(serial=label.serial)
    row.instrument_id, row.body, row.words, row.words_by = label.instrument_id, _text(body), None, ""
    row.photo_sha256 = body["instrument"]["photo"]
    session.add(row)


def _days(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in days]


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _label(label: Any) -> dict[str, Any]:
    return {"serial": label.serial, "text": label.text, "state": label.state, "kind": label.kind}


def _bodies(session: Session, ids: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    where = registry.whereabouts(session, ids)
    verified = certificates.histories_of(session, ids)
    found = findings.all_of(session, ids)
    statuses = registry.statuses_of(session, ids)
    copies = evidence.public_copies(session, [place.instrument.photo_sha256 for place in where.values()])
    kept_by = registry.custodies_of(session, ids)
    checked = inspections.clean_days(session, ids)
    promised = pledges.latest_of(session, [place.user.id for place in where.values() if place.user])
    for id_, place in where.items():
        yield (
            id_,
            {
                "instrument": _instrument(place.instrument, place.nozzle, copies),
                "place": {"name": place.place_name, "kind": place.place_kind, "stall": place.stall_number},
                "merchant": _merchant(place.user),
                "verified": [
                    _certificate(row) | {"mark_no": row.mark_no} for row in verified.get(id_, []) if row.valid_until
                ],
                "failed": list(_failed(verified.get(id_, []))),
                "suspected": [_suspicion(finding) for finding in found.get(id_, [])],
                "statuses": statuses.get(id_, []),
                "checks": _days(checked.get(id_, [])),
                "custody": [_custody(row) for row in kept_by.get(id_, [])],
                "pledge": _pledge(promised.get(place.user.id)) if place.user else None,
            },
        )


def _instrument(item: registry.Instrument, nozzle: dict[str, str] | None, copies: Mapping[str, str]) -> dict[str, Any]:
    """What everyone may see of an instrument; of its picture the public copy, and none before there is one."""
    plain = ("kind", "serial", "own_no", "maker", "model", "use", "max_mg", "e_mg", "accuracy_class")
    codes = {name: getattr(item, name) for name in national_codes.CODES}
    return (
        {name: getattr(item, name) for name in plain}
        | national_codes.borne(codes)
        | {
            "photo": copies.get(item.photo_sha256 or ""),
            "nozzle": nozzle,
        }
    )


def _custody(row: registry.Held) -> dict[str, str | None]:
    """Who used it from one day to another, named as the merchant of today is: a natural person by the stall alone."""
    ends = row.last_day.isoformat() if row.last_day else None
    return {"from": row.first_day.isoformat(), "to": ends, "stall": row.stall_number, "merchant": _merchant(row.user)}


def _merchant(user: registry.Party | None) -> str | None:
    return user.name if user and user.identity_kind in NAMED_IDENTITIES else None


def _certificate(row: certificates.Dated) -> dict[str, str | None]:
    return {
        "from": row.done_on.isoformat(),
        "to": row.valid_until.isoformat() if row.valid_until else None,
        "document_no": row.document_no,
        "body": row.body_name,
    }


def _failed(history: list[certificates.Dated]) -> Iterator[dict[str, str | None]]:
    """A failed verification holds until the next one that passed; ``history`` is oldest first."""
    for place, row in enumerate(history):
        if row.result != VerificationResult.FAILED:
            continue
        passed = (later.done_on for later in history[place + 1 :] if later.result == VerificationResult.PASSED)
        ends: date | None = next(passed, None)
        yield _certificate(row) | {"to": before(ends) if ends else None}


def _suspicion(finding: findings.Finding) -> dict[str, str | None]:
    """A suspicion stands from the field test until the document that settles it."""
    is_open = finding.state in (FindingState.SUSPECTED, FindingState.SENT_FOR_VERIFICATION)
    ends = None if is_open or finding.settled_on is None else before(finding.settled_on)
    return {"from": finding.suspected_on.isoformat(), "to": ends}


def _pledge(pledge: pledges.Pledge | None) -> dict[str, Any] | None:
    if pledge is None:
        return None
    return {"number": pledge.number, "signed_on": civil_day(pledge.signed_at).isoformat(), "text_id": pledge.text_id}
