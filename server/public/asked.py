"""What a visitor of a label's page may ask for: a day of the past, and large print. Neither needs a script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from flask import request

from server.language import t

LONGEST = 10
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Asked:
    """``day`` None: no day, or one with which something is ``wrong``, as a sentence; ``typed`` is what stood there."""

    typed: str = ""
    day: date | None = None
    wrong: str = ""
    is_large: bool = False


def read(today: date) -> Asked:
    """Read the query of a label's page."""
    typed = request.args.get("on", "").strip()
    is_large = request.args.get("print") == "large"
    if not typed:
        return Asked(is_large=is_large)
    try:
        day = date.fromisoformat(typed if _DAY.fullmatch(typed) else "")
    except ValueError:
        return Asked(typed[:LONGEST], wrong=t("past.unreadable"), is_large=is_large)
    if day > today:
        return Asked(typed, wrong=t("past.future"), is_large=is_large)
    return Asked(typed, day, is_large=is_large)
