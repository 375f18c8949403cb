"""``instrument.register/1``, ``seal.bind/1`` and ``correction/1``: small facts about the register and the records.

Only the id, kind and serial of an instrument are required: what an inspector cannot read on a worn nameplate stays
unknown and is asked for later, never invented. Photos of the nameplate and of the label in place may come with them.
Phones of before the national codes leave those out as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from shared import national_codes, words
from shared.wire.evidence import MOST_BESIDE, EvidenceSchema, checks_named
from shared.wire.strict import Flag, StrictSchema, Text, Uuid, Uuid7, Whole, at_least, one_of

REGISTER = "instrument.register/1"
BIND = "seal.bind/1"
CORRECTION = "correction/1"
MOST_MG = 10**12


class Photos(fields.List[Any]):
    """The few files beside a small fact; left out where there are none."""

    def __init__(self) -> None:
        super().__init__(fields.Nested(EvidenceSchema()), load_default=list, validate=at_least(0, MOST_BESIDE))


class NationalCode(Text):
    """A national code as it was read: no control characters, none that nobody sees; spaces go when it is kept."""

    def __init__(self) -> None:
        super().__init__(longest=national_codes.LONGEST)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text.isprintable():
            raise ValidationError("invalid.characters")
        return text


class CustodySchema(StrictSchema):
    """On what terms an instrument is used; ``owner`` and ``user`` are parties, left out where nobody knows."""

    kind = Text(required=True, longest=20, validate=one_of(*(word.value for word in words.CustodyKind)))
    owner = Uuid()
    user = Uuid()


class InstrumentSchema(StrictSchema):
    """The body of ``instrument.register/1``. ``custody`` and ``stall`` say who uses it where, from that day on."""

    id = Uuid7(required=True)
    kind = Text(required=True, longest=32, validate=one_of(*(word.value for word in words.InstrumentKind)))
    serial = Text(required=True, longest=60)
    own_no = Text(longest=60)
    production_code = NationalCode()
    repair_code = NationalCode()
    verification_code = NationalCode()
    maker = Text(longest=120)
    model = Text(longest=60)
    use = Text(longest=16, validate=one_of(*(word.value for word in words.Use)))
    place = Uuid()
    stall = Uuid()
    custody = fields.Nested(CustodySchema())
    evidence = Photos()
    note = Text(longest=2000)
    max_mg = Whole(least=1, most=MOST_MG)
    min_mg = Whole(most=MOST_MG)
    e_mg = Whole(least=1, most=MOST_MG)
    d_mg = Whole(least=1, most=MOST_MG)
    accuracy_class = Text(longest=4, validate=one_of("I", "II", "III", "IIII"))
    price_computing = Flag()


class BindSchema(StrictSchema):
    """The body of ``seal.bind/1``: this label now belongs to that instrument, as a photo of it in place shows."""

    instrument = Uuid(required=True)
    serial = Whole(required=True, most=(1 << 40) - 1)
    evidence = Photos()


class CorrectionSchema(StrictSchema):
    """The body of ``correction/1``: what an earlier op should have said. The earlier one stays as it is."""

    corrects = Uuid7(required=True)
    note = Text(required=True, shortest=1, longest=2000)


def doubts(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what no schema can say: there is no check here that a photo could show."""
    return checks_named(body["evidence"])
