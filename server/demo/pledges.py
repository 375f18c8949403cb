"""Who signed the pledge, and when; the text comes from the service that takes it."""

from __future__ import annotations

from server.demo.dice import at, deck, new_id, workday
from server.demo.draft import Draft
from server.demo.records import Pledge
from server.demo.strokes import draw_strokes

SHARE = 0.6
WITHIN_DAYS = 350


def draw_pledges(draft: Draft, spared: str) -> None:
    """Add the pledges of those who answer for an instrument today; the party ``spared`` has not signed yet."""
    rng = draft.dice.stream("pledges")
    answering = {custody.user_id for custody in draft.custodies if custody.last_day is None}
    parties = [party for party in draft.parties if party.id in answering and party.id != spared]
    cards = deck(rng, ((True, SHARE), (False, 1 - SHARE)), len(parties))
    for party, has_signed in zip(parties, cards, strict=True):
        if has_signed:
            day = workday(draft.dice.ago(rng.randint(2, WITHIN_DAYS)))
            signed_at = at(day, rng.randint(9, 17), rng.randrange(60), rng.randrange(60))
            draft.pledges.append(Pledge(new_id(rng, signed_at), party.id, party.contact, signed_at, draw_strokes(rng)))
    draft.pledges.sort(key=lambda pledge: pledge.id)
