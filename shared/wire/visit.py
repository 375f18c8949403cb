"""``visit.record/1``: one walk through a place, with its inspections, checks and readings.

A clean stall is one line (an inspection without signature); a stall with a finding carries the party's signature, or
that it was refused. What the phone concluded travels along and is judged again by the server.
"""

from __future__ import annotations

from marshmallow import fields

from shared import verdict, words
from shared.seal import LabelVerdict
from shared.wire.evidence import MOST_FILES, EvidenceSchema
from shared.wire.strict import Day, Flag, Instant, StrictSchema, Strokes, Text, Uuid, Uuid7, Whole, at_least, one_of

KIND = "visit.record/1"
MOST_MG = 10**12


class ReadingSchema(StrictSchema):
    """One measured point, milligrams."""

    load_mg = Whole(required=True, most=MOST_MG)
    shown_mg = Whole(required=True, least=-MOST_MG, most=MOST_MG)


class NameplateSchema(StrictSchema):
    """The scale as the inspector saw it: what the verdict was worked out from."""

    max_mg = Whole(required=True, least=1, most=MOST_MG)
    min_mg = Whole(required=True, most=MOST_MG)
    e_mg = Whole(required=True, least=1, most=MOST_MG)
    d_mg = Whole(required=True, least=1, most=MOST_MG)
    accuracy_class = Text(required=True, shortest=1, longest=4, validate=one_of("III", "IIII"))
    price_computing = Flag(required=True)


class CheckSchema(StrictSchema):
    """The field test of one instrument. ``custody`` freezes who was responsible at that time."""

    id = Uuid7(required=True)
    instrument = Uuid(required=True)
    custody = Uuid(required=True, allow_none=True)
    label = Text(required=True, allow_none=True, shortest=133, longest=133)
    label_verdict = Text(
        required=True, allow_none=True, longest=32, validate=one_of(*(code.value for code in LabelVerdict))
    )
    photo_matches = Flag(required=True, allow_none=True)
    tested_by = Uuid(required=True)
    measured_at = Instant(required=True)
    nameplate = fields.Nested(NameplateSchema(), required=True)
    readings = fields.List(fields.Nested(ReadingSchema()), required=True, validate=at_least(1, 100))
    verdict = Text(required=True, longest=16, validate=one_of(*(code.value for code in verdict.Code)))
    ruleset = Text(required=True, shortest=1, longest=64)


class SignatureSchema(StrictSchema):
    """What the party signed with, or that it refused."""

    name = Text(required=True, longest=60)
    refused = Flag(required=True)
    strokes = Strokes(required=True)


class InspectionSchema(StrictSchema):
    """One party within the visit. ``party`` None: not in the register, ``party_name`` as told on the spot.

    ``evidence`` may be left out where there is none, as phones did before they took photos.
    """

    id = Uuid7(required=True)
    party = Uuid(required=True, allow_none=True)
    party_name = Text(required=True, longest=120)
    stall = Uuid(required=True, allow_none=True)
    disposition = Text(required=True, longest=32, validate=one_of(*(word.value for word in words.Disposition)))
    not_inspected = Text(
        required=True, allow_none=True, longest=16, validate=one_of(*(word.value for word in words.NotInspected))
    )
    remark = Text(required=True, longest=2000)
    party_remark = Text(required=True, longest=2000)
    signature = fields.Nested(SignatureSchema(), required=True, allow_none=True)
    checks = fields.List(fields.Nested(CheckSchema()), required=True, validate=at_least(0, 100))
    evidence = fields.List(fields.Nested(EvidenceSchema()), load_default=list, validate=at_least(0, MOST_FILES))


class ParticipantSchema(StrictSchema):
    """Who took part, and in what capacity."""

    person = Uuid(required=True)
    capacity = Text(required=True, longest=16, validate=one_of(*(word.value for word in words.Capacity)))
    card_no = Text(required=True, longest=40)


class StandardSchema(StrictSchema):
    """A standard carried: its class, the number of its certificate and the last day of that."""

    weight_class = Text(required=True, longest=8)
    certificate_no = Text(required=True, longest=60)
    valid_until = Day(required=True)


class VisitSchema(StrictSchema):
    """The body of ``visit.record/1``.

    ``clock_offset_s`` is server minus phone as last measured, ``clock_doubt_s`` how far that may be wrong; None:
    never measured.
    """

    id = Uuid7(required=True)
    task = Uuid(required=True, allow_none=True)
    place = Uuid(required=True)
    cause = Text(required=True, longest=16, validate=one_of(*(word.value for word in words.Cause)))
    approval_no = Text(required=True, longest=60)
    started_at = Instant(required=True)
    made_at = Instant(required=True)
    clock_offset_s = Whole(required=True, allow_none=True, least=-(10**10), most=10**10)
    clock_doubt_s = Whole(required=True, allow_none=True, most=10**10)
    card_shown = Flag(required=True)
    recusal_told = Flag(required=True)
    participants = fields.List(fields.Nested(ParticipantSchema()), required=True, validate=at_least(1, 20))
    standards = fields.List(fields.Nested(StandardSchema()), required=True, validate=at_least(0, 50))
    inspections = fields.List(fields.Nested(InspectionSchema()), required=True, validate=at_least(1, 200))
