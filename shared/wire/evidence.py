"""Files that a record names by their SHA-256: photos of what was found. They follow the record as uploads."""

from __future__ import annotations

from enum import StrEnum

from shared.wire.strict import Hex64, StrictSchema, Text, Uuid7, Whole, one_of

MOST_BYTES = 32 << 20
MOST_FILES = 40


class Kind(StrEnum):
    """What a file is."""

    PHOTO = "photo"


class EvidenceSchema(StrictSchema):
    """One file. ``check`` None: it shows the party's stall or shop, and no single instrument."""

    sha256 = Hex64(required=True)
    bytes = Whole(required=True, least=1, most=MOST_BYTES)
    kind = Text(required=True, longest=16, validate=one_of(*(kind.value for kind in Kind)))
    check = Uuid7(required=True, allow_none=True)
