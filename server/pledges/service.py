"""The integrity pledge: signed on the merchant's own phone, numbered, logged, public from then on."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from server.accounts.service import Person
from server.audit import service as audit
from server.clock import new_id
from server.credit import service as credit
from server.database import lock_numbers
from server.pledges.models import Pledge
from server.pledges.wording import Wording, wording, wording_for
from server.problems import AlreadyThere
from server.public import service as public
from server.registry import service as registry
from shared.dates import add_months, civil_day

__all__ = ["Pledge", "Wording", "wording", "wording_for"]

CODE = "pledge_signed"
YEAR_MONTHS = 12


def sign(
    session: Session,
    *,
    party: registry.Party,
    person: Person,
    chosen: Wording,
    signer_name: str,
    strokes: list[list[int]],
    now: datetime,
) -> Pledge:
    """Record a pledge: a number, the text's hash, a leaf of the log, a credit event, and the public pages.

    Raises AlreadyThere when the party's last pledge is still current: a promise is renewed when its year is over.
    """
    lock_numbers()
    last = current_of(session, party.id, civil_day(now))
    if last is not None:
        raise AlreadyThere(what=last.number)
    pledge = Pledge(
        id=new_id(now),
        number=_next_number(session, party.region, civil_day(now)),
        party_id=party.id,
        person_id=person.id,
        text_id=chosen.id,
        text=chosen.text,
        text_sha256=chosen.sha256,
        signer_name=signer_name,
        strokes=json.dumps(strokes, separators=(",", ":")),
        signed_at=now,
    )
    session.add(pledge)
    audit.record_decision(session, ref_id=pledge.id, at=now, stands_for=_decision(pledge))
    credit.open_event(session, party_id=party.id, code=CODE, source_id=pledge.id, happened_on=civil_day(now), now=now)
    public.changed(session, *(item.id for item, _ in registry.instruments_of_party(session, party.id)))
    return pledge


def _next_number(session: Session, region: str, day: date) -> str:
    """Return ``CN<region><year>-<six digits>``, each number once: the caller holds the lock on numbers."""
    stem = f"CN{region}{day.year}-"
    last = session.scalar(select(func.max(Pledge.number)).where(Pledge.number.startswith(stem, autoescape=True)))
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:06d}"


def _decision(pledge: Pledge | Row[Any]) -> bytes:
    names = ("id", "number", "party_id", "person_id", "text_id", "text_sha256", "signer_name", "strokes")
    text = {name: getattr(pledge, name) for name in names}
    return json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decisions(session: Session, ids: list[str]) -> dict[str, bytes]:
    """Return what the leaves of some pledges stand for."""
    found = session.execute(select(Pledge.__table__).where(Pledge.id.in_(ids)))
    return {row.id: _decision(row) for row in found}


def decided(session: Session) -> set[str]:
    """Return the ids of all pledges: each has a leaf."""
    return set(session.scalars(select(Pledge.id)))


def latest_of(session: Session, party_ids: list[str]) -> dict[str, Pledge]:
    """Return the last pledge of each party."""
    found: dict[str, Pledge] = {}
    for start in range(0, len(party_ids), 500):
        query = select(Pledge).where(Pledge.party_id.in_(party_ids[start : start + 500]))
        found |= {pledge.party_id: pledge for pledge in session.scalars(query.order_by(Pledge.signed_at, Pledge.id))}
    return found


def current_of(session: Session, party_id: str, day: date) -> Pledge | None:
    """Return the pledge a party signed within the year before a day, which counts as its current one."""
    last = latest_of(session, [party_id]).get(party_id)
    return last if last is not None and day < renewal_day(last) else None


def renewal_day(pledge: Pledge) -> date:
    """Return the first day on which a pledge may be signed anew: a year later."""
    return add_months(civil_day(pledge.signed_at), YEAR_MONTHS)


def by_number(session: Session, number: str) -> Pledge | None:
    """Return the pledge of a number."""
    return session.scalar(select(Pledge).where(Pledge.number == number))
