"""A signed pledge as everyone may see it: never the name or the hand of a natural person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.pledges import service as pledges
from server.public.service import NAMED_IDENTITIES
from server.registry import service as registry
from shared.dates import civil_day


@dataclass(frozen=True)
class PromisePage:
    """``merchant`` is None for natural persons and unlicensed growers, who appear by their place and stall."""

    number: str
    wording: pledges.Wording
    signed_on: date
    text_sha256: str
    merchant: str | None
    place: str | None
    stall: str | None


def promise_page(session: Session, pledge: pledges.Pledge) -> PromisePage:
    """Return what the page of a pledge shows."""
    party = session.get_one(registry.Party, pledge.party_id)
    place, stall = registry.spot_of_party(session, party.id)
    is_named = party.identity_kind in NAMED_IDENTITIES
    return PromisePage(
        number=pledge.number,
        wording=pledges.wording(pledge.text_id),
        signed_on=civil_day(pledge.signed_at),
        text_sha256=pledge.text_sha256,
        merchant=party.name if is_named else None,
        place=place,
        stall=stall,
    )
