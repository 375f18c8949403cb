"""A merchant with two stalls and a registered number, so that signing in by phone can be tried.

The number is invented: no operator gives it out. The demo's SMS is a line on the terminal.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import transaction
from server.accounts import service as accounts
from server.contacts import service as contacts
from server.database import begin_write, db
from server.demo.records import Journey
from server.memberships import service as memberships
from server.registry.models import Custody, Party, Stall

NUMBER = "13800000000"
STALLS = 2


def settle(journey: Journey, now: datetime) -> list[dict[str, Any]]:
    """Let one person accept the invitations of two neighbours of the story, and register a number."""
    begin_write()
    session = db.session()
    parties, sign_in = _neighbours(session, journey), None
    for party in parties:
        secret = memberships.issue_invitation(session, party.id, now)
        session.flush()
        name = party.name[:60]
        cookie = memberships.accept_invitation(session, secret, name=name, now=now, sign_in=sign_in)
        session.flush()
        sign_in = sign_in or accounts.sign_in_of_cookie(session, cookie or "", now)
    if sign_in is None:
        transaction.rollback(session)
        return []
    contacts.keep_number(session, owner=("person", sign_in.person_id), number=NUMBER, now=now)
    session.delete(sign_in)
    transaction.commit(session, now)
    return [{"number": NUMBER, "parties": [party.name for party in parties]}]


def _neighbours(session: Session, journey: Journey) -> list[Party]:
    """Return whoever has the first stalls of the market, but for the merchant of the story."""
    query = select(Party, Stall.number).join(Custody, Custody.user_id == Party.id).join(Stall)
    query = query.where(Stall.place_id == journey.place_id, Custody.last_day.is_(None), Party.id != journey.party_id)
    found = {party.id: party for party, _ in session.execute(query.order_by(Stall.number, Party.id))}
    return list(found.values())[:STALLS]
