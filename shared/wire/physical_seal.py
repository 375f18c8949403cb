"""``physical_seal.record/1``: what happened to the lead seal or one-off seal at one position of an instrument.

A number that nobody could read is left out. After an act that leaves a seal there, its number is needed; who opened one
says by whose authority.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from shared import words
from shared.physical_seals import LONGEST_NAME, MOST_WITNESSES, wanting
from shared.wire.strict import Instant, StrictSchema, Text, Uuid, Uuid7, at_least, one_of

KIND = "physical_seal.record/1"


class PhysicalSealSchema(StrictSchema):
    """The body of ``physical_seal.record/1``. ``witnesses`` are names."""

    id = Uuid7(required=True)
    instrument = Uuid(required=True)
    position = Text(required=True, longest=24, validate=one_of(*(word.value for word in words.SealPosition)))
    owner = Text(required=True, longest=16, validate=one_of(*(word.value for word in words.SealOwner)))
    act = Text(required=True, longest=24, validate=one_of(*(word.value for word in words.SealAct)))
    at = Instant(required=True)
    old_number = Text(longest=40, load_default="")
    new_number = Text(longest=40, load_default="")
    authority = Text(longest=120, load_default="")
    witnesses = fields.List(
        Text(shortest=1, longest=LONGEST_NAME), load_default=list, validate=at_least(0, MOST_WITNESSES)
    )
    note = Text(longest=500, load_default="")


def doubts(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what no schema can say: the fields that the act needs and that are empty."""
    needed = wanting(words.SealAct(body["act"]), new_number=body["new_number"], authority=body["authority"])
    return {name: ["Missing data for required field."] for name in needed}
