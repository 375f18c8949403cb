"""What a phone tells of itself at the end of a round: figures only, no names, no ids, nothing of a record.

Ages are in seconds at the moment of sending, so that a wrong clock spoils none of them.
"""

from __future__ import annotations

from marshmallow import fields

from shared.wire.strict import Counted, Instant, StrictSchema, Text, Whole, at_least, one_of

MOST_REASONS = 30
LONGEST_REASON = 60
STATES = ("conflict", "rejected", "blocked", "quarantined")


class AsideSchema(StrictSchema):
    """Some records that a phone set aside: how they stand, the slug of the reason ("": none), how many."""

    state = fields.String(required=True, validate=one_of(*STATES))
    reason = Text(required=True, longest=LONGEST_REASON)
    count = Whole(required=True, least=1)


class StateSchema(StrictSchema):
    """How a phone stands. ``waiting`` and ``photos`` are not sent yet, ``oldest_age_s`` is the oldest's age.

    ``again`` is the last wish of the desk to send anew that it heeded. None: nothing, or not known.
    """

    waiting = Whole(required=True)
    photos = Whole(required=True)
    oldest_age_s = Whole(required=True, allow_none=True, most=10**10)
    aside = Counted(fields.Nested(AsideSchema), required=True, validate=at_least(0, MOST_REASONS))
    alarms = Whole(required=True)
    clock_offset_s = Whole(required=True, allow_none=True, least=-(10**10), most=10**10)
    clock_doubt_s = Whole(required=True, allow_none=True, most=10**11)
    pulled_age_s = Whole(required=True, allow_none=True, most=10**10)
    free_bytes = Whole(required=True, allow_none=True)
    again = Instant(required=True, allow_none=True)
