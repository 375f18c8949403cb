"""Files that a record names by their SHA-256: photos of what was found. They follow the record as uploads.

An upload names its record: the ``id`` of a visit, of an instrument that is registered; for ``seal.bind/1``, whose body
has no id of its own, the op's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from shared.wire.strict import Hex64, StrictSchema, Text, Uuid7, Whole, one_of

MOST_BYTES = 32 << 20
MOST_FILES = 40
MOST_BESIDE = 4


class Kind(StrEnum):
    """What a file is: a photo of what was found, of a nameplate, or of a label where it sits on its instrument."""

    PHOTO = "photo"
    NAMEPLATE = "nameplate"
    LABEL_IN_PLACE = "label_in_place"


class EvidenceSchema(StrictSchema):
    """One file. ``check`` None: it shows the party's stall or shop, and no single instrument."""

    sha256 = Hex64(required=True)
    bytes = Whole(required=True, least=1, most=MOST_BYTES)
    kind = Text(required=True, longest=16, validate=one_of(*(kind.value for kind in Kind)))
    check = Uuid7(required=True, allow_none=True)


def checks_named(files: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return marshmallow messages for files that name a check in a record that has none; empty when none does."""
    wrong: dict[int, Any] = {place: {"check": ["invalid.other"]} for place, file in enumerate(files) if file["check"]}
    return {"evidence": wrong} if wrong else {}
