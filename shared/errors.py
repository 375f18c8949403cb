"""What can be wrong with a value of the trade, in words a catalogue can render.

An error carries a stable ``code`` and the values that a sentence about it needs; the sentence itself is
``error.<code>`` of the catalogue, rendered where it is shown.
"""

from __future__ import annotations

from typing import ClassVar


class RuleError(ValueError):
    """A value breaks a rule; ``values`` fill the sentence that says so."""

    code: ClassVar[str] = "rule"

    def __init__(self, **values: str | int) -> None:
        super().__init__(self.code, values)
        self.values = values


class NotANumber(RuleError):
    """The text is not a plain decimal number."""

    code = "not_a_number"


class TooFine(RuleError):
    """More digits than the smallest unit kept (milligram, fen)."""

    code = "too_fine"


class NegativeReading(RuleError):
    """A weighing point cannot show less than nothing."""

    code = "negative_reading"


class NoLoad(RuleError):
    """A test load must be something."""

    code = "no_load"


class FinerThanDisplay(RuleError):
    """The reading has a digit that this instrument cannot show."""

    code = "finer_than_display"


class AboveMax(RuleError):
    """A load or reading above the maximum capacity."""

    code = "above_max"


class LoadOutOfRange(RuleError):
    """No row of the table covers this load: never a guess."""

    code = "load_out_of_range"


class NoRule(RuleError):
    """No dated rule covers this instrument on this day."""

    code = "no_rule"


class UnknownUnit(RuleError):
    """A unit this quantity does not have."""

    code = "unknown_unit"


class BadInstant(RuleError):
    """Not a time of the form ``YYYY-MM-DDTHH:MM:SSZ``."""

    code = "bad_instant"


class BadShortCode(RuleError):
    """The short code of a label was mistyped."""

    code = "bad_short_code"


class NotASeal(RuleError):
    """The text is not one of our labels: any deviation from the form."""

    code = "not_a_seal"


class RefusedKeySet(RuleError):
    """A key set whose signature, form or sequence cannot be trusted; the one held stays."""

    code = "refused_key_set"


class RefusedRevocations(RuleError):
    """A revocation list whose signature, form or sequence cannot be trusted; the one held stays."""

    code = "refused_revocations"
