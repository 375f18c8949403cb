"""``instrument.register/1``, ``seal.bind/1`` and ``correction/1``: small facts about the register and the records.

Only the id, kind and serial of an instrument are required: what an inspector cannot read on a worn nameplate stays
unknown and is asked for later, never invented.
"""

from __future__ import annotations

from shared import words
from shared.wire.strict import Flag, StrictSchema, Text, Uuid, Uuid7, Whole, one_of

REGISTER = "instrument.register/1"
BIND = "seal.bind/1"
CORRECTION = "correction/1"
MOST_MG = 10**12


class InstrumentSchema(StrictSchema):
    """The body of ``instrument.register/1``."""

    id = Uuid7(required=True)
    kind = Text(required=True, longest=32, validate=one_of(*(word.value for word in words.InstrumentKind)))
    serial = Text(required=True, longest=60)
    own_no = Text(longest=60)
    maker = Text(longest=120)
    model = Text(longest=60)
    use = Text(longest=16, validate=one_of(*(word.value for word in words.Use)))
    place = Uuid()
    stall = Uuid()
    note = Text(longest=2000)
    max_mg = Whole(least=1, most=MOST_MG)
    min_mg = Whole(most=MOST_MG)
    e_mg = Whole(least=1, most=MOST_MG)
    d_mg = Whole(least=1, most=MOST_MG)
    accuracy_class = Text(longest=4, validate=one_of("I", "II", "III", "IIII"))
    price_computing = Flag()


class BindSchema(StrictSchema):
    """The body of ``seal.bind/1``: this label now belongs to that instrument."""

    instrument = Uuid(required=True)
    serial = Whole(required=True, most=(1 << 40) - 1)


class CorrectionSchema(StrictSchema):
    """The body of ``correction/1``: what an earlier op should have said. The earlier one stays as it is."""

    corrects = Uuid7(required=True)
    note = Text(required=True, shortest=1, longest=2000)
