"""A signed head of each day, stamped by the authority of the settings and kept with its stamp."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.models import StampedHead
from server.audit.timestamps import Authority, HttpAuthority, NoTimestamp, read_roots
from server.keyring import Keyring
from server.settings import Settings
from shared.dates import civil_day, instant_text
from shared.tree import TreeHead


def authority_of(settings: Settings) -> Authority | None:
    """Return the authority that the settings name; None when they name none. Raises NoTimestamp."""
    if not settings.tsa_url or settings.tsa_certificates is None:
        return None
    return HttpAuthority(settings.tsa_url, read_roots(settings.tsa_certificates))


def stamped_on(session: Session, day: date) -> StampedHead | None:
    """Return the stamped head of a civil day."""
    return session.scalar(select(StampedHead).where(StampedHead.day == day))


def stamp(session: Session, keyring: Keyring, authority: Authority, now: datetime) -> StampedHead:
    """Have the log's head stamped; the caller keeps it. No transaction is open meanwhile. Raises NoTimestamp."""
    head = audit.head(session, keyring, now)
    session.rollback()
    stamped = authority.stamp(head.message + head.signature)
    return StampedHead(
        day=civil_day(now),
        log_id=head.log_id,
        size=head.size,
        root=head.root,
        signed_at=now,
        key_id=head.key_id,
        signature=head.signature,
        response=stamped.response,
        stamped_at=stamped.at,
    )


def check_stamps(session: Session, authority: Authority) -> list[TreeHead]:
    """Return the stamped heads, each answer checked again; raises NoTimestamp, which names the day."""
    heads = []
    for head, response in stamped_heads(session):
        try:
            authority.check(head.message + head.signature, response)
        except NoTimestamp as error:
            raise NoTimestamp(f"The stamp over the head of {head.signed_at} is not good. {error}") from error
        heads.append(head)
    return heads


def stamped_heads(session: Session) -> list[tuple[TreeHead, bytes]]:
    """Return every stamped head with the authority's answer, oldest first."""
    return [(_head(row), row.response) for row in session.scalars(select(StampedHead).order_by(StampedHead.day))]


def _head(row: StampedHead) -> TreeHead:
    return TreeHead(row.log_id, row.size, row.root, instant_text(row.signed_at), row.key_id, row.signature)
