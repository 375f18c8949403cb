"""``verification.record/1``: a verification with the number of its document, entered by the verifier on the spot.

Only the verification body says 合格 or 不合格; who may speak for it, the server asks. ``mark_no`` is the number of the
mark that a passed instrument bears (检定合格标志, 封印), "" where it bears none or nobody wrote it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared import words
from shared.wire.strict import Day, StrictSchema, Text, Uuid, Uuid7, one_of

KIND = "verification.record/1"


class VerificationSchema(StrictSchema):
    """The body of ``verification.record/1``. ``valid_until`` is the last day that the document names, included."""

    id = Uuid7(required=True)
    instrument = Uuid(required=True)
    kind = Text(required=True, longest=20, validate=one_of(*(word.value for word in words.VerificationKind)))
    result = Text(required=True, longest=10, validate=one_of(*(word.value for word in words.VerificationResult)))
    document_no = Text(required=True, shortest=1, longest=60)
    mark_no = Text(longest=60, load_default="")
    done_on = Day(required=True)
    valid_until = Day(required=True, allow_none=True)


def doubts(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what no schema can say: a blank number, no later last day though it passed, or any though it failed."""
    done_on, until = body["done_on"], body["valid_until"]
    told = {} if body["document_no"].strip() else {"document_no": ["invalid.missing"]}
    if body["result"] == words.VerificationResult.FAILED:
        return told | ({"valid_until": ["invalid.until_no_day"]} if until is not None else {})
    return told | ({} if until is not None and until > done_on else {"valid_until": [f"invalid.later_than|{done_on}"]})
