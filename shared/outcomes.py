"""What one compared value says alone: within its limit, beyond it, or in doubt between the two.

Calling an honest trader wrong is worse than missing a bad one: beyond is only what passes the limit by more than the
doubt of the standards and half a digit of the display, and nothing is beyond while something is missing.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from shared.conclusion import Code, Harmed


class Outcome(StrEnum):
    """How a value stands to its limit; ``open``: it passes the limit, but the test decides nothing."""

    WITHIN = "within"
    IN_DOUBT = "in_doubt"
    BEYOND = "beyond"
    OPEN = "open"

    @property
    def code(self) -> Code:
        """What it says to a conclusion."""
        codes = {Outcome.WITHIN: Code.WITHIN, Outcome.BEYOND: Code.BEYOND}
        return codes.get(self, Code.INDETERMINATE)


def outcome_of(value: int | Fraction, limit: int | Fraction, doubt: int | Fraction, *, is_open: bool) -> Outcome:
    """Compare a value of either sign with a limit; the limit itself is within, limit and doubt together in doubt.

    >>> [outcome_of(value, 30, 5, is_open=False).value for value in (-30, 31, -35, 36)]
    ['within', 'in_doubt', 'in_doubt', 'beyond']
    >>> outcome_of(36, 30, 5, is_open=True).value, outcome_of(30, 30, 5, is_open=True).value
    ('open', 'within')
    """
    size, limit = abs(Fraction(value)), Fraction(limit)
    if size <= limit:
        return Outcome.WITHIN
    if is_open:
        return Outcome.OPEN
    return Outcome.IN_DOUBT if size <= limit + Fraction(doubt) else Outcome.BEYOND


def harmed_by(error: int | Fraction) -> Harmed:
    """Say who loses by an error of what is shown or marked: too much harms the buyer, too little the seller.

    >>> harmed_by(Fraction(1, 1000)).value, harmed_by(-1).value, harmed_by(0).value
    ('buyer', 'seller', 'nobody')
    """
    if not error:
        return Harmed.NOBODY
    return Harmed.BUYER if error > 0 else Harmed.SELLER
