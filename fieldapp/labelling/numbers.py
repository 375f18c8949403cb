"""Numbers that run on from one instrument to the next, and the one that a maker's own code tells."""

from __future__ import annotations

import re

LONGEST_SERIAL = 60

_RUN = re.compile(r"[0-9]+(?=[^0-9]*$)")
_PLAIN = re.compile(r"(?:S/?N *[:=] *)?([A-Z0-9][A-Z0-9 ./_-]{3,39})", re.IGNORECASE)
LEAST_DIGITS = 3


def following(number: str) -> str:
    """Return the number after this one: its last digits count on and keep their width; "" where it has none.

    >>> following("VB2026-0117"), following("A-99/b"), following("by hand")
    ('VB2026-0118', 'A-100/b', '')
    """
    found = _RUN.search(number)
    if found is None:
        return ""
    counted = f"{int(found[0]) + 1:0{len(found[0])}d}"
    return number[: found.start()] + counted + number[found.end() :]


def prefix_for(last: str, typed: str) -> str:
    """Return what stays of the last serial before the digits typed: they take the place of its last digits.

    "" when more is typed than the digits it ends with: then it is a number of its own.

    >>> prefix_for("ACS-30 2024 0311", "47"), prefix_for("ACS-30 2024 0311", "20250"), prefix_for("B-3", "47")
    ('ACS-30 2024 03', '', '')
    """
    tail = last[len(last) - len(typed) :] if 0 < len(typed) < len(last) else ""
    return last[: -len(typed)] if tail.isdecimal() and typed.isdecimal() else ""


def makers_number(text: str) -> str:
    """Return the serial that a maker's own code holds; "" for a link, a payment code, and whatever else is no serial.

    >>> makers_number("SN:ACS24-00311"), makers_number("20240311"), makers_number("wxp://f2f0"), makers_number("Hello")
    ('ACS24-00311', '20240311', '', '')
    """
    found = _PLAIN.fullmatch(text.strip())
    if found is None or sum(character.isdigit() for character in found[1]) < LEAST_DIGITS:
        return ""
    return found[1].strip()
