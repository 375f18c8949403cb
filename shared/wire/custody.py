"""``custody.swap/1``: two instruments were found in each other's place, or changed places (轮换, 互换位置).

From the day named each stands where the other stood, and is used by whoever used the other. What was before stays
known: checks, credit and the label's page keep the custody of their date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.wire.strict import Day, StrictSchema, Uuid, Uuid7

KIND = "custody.swap/1"


class SwapSchema(StrictSchema):
    """The body of ``custody.swap/1``. ``on`` is the first day in the new places."""

    id = Uuid7(required=True)
    first = Uuid(required=True)
    second = Uuid(required=True)
    on = Day(required=True)


def doubts(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what no schema can say: an instrument cannot change places with itself."""
    return {"second": ["invalid.same_instrument"]} if body["first"] == body["second"] else {}
