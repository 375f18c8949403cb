"""Where the needle of the margin bar stands.

The bar is a scale with zero in the middle and the limit half way to either end, so that a reading at the
limit is as far from the end as from zero. Positions are whole thousandths of half the bar, from -1000 (left
end) to 1000 (right end). The arguments may be in any one unit (mg, mL, thousandths of a per cent); they are
whole numbers and only whole-number arithmetic touches them.

>>> margin_scale(value=25_000, limit=10_000)
MarginScale(needle=1000, band=(1000, 1000), limit=500, is_off_scale=True)
>>> margin_scale(value=-5_000, limit=10_000, uncertainty=1_000)
MarginScale(needle=-250, band=(-300, -200), limit=500, is_off_scale=False)
"""

from dataclasses import dataclass

END = 1000
LIMITS_IN_HALF_A_BAR = 2


@dataclass(frozen=True)
class MarginScale:
    """Positions on the bar; a reading off the scale stands at its end and says so, it is never drawn inside."""

    needle: int
    band: tuple[int, int]
    limit: int
    is_off_scale: bool


def margin_scale(*, value: int, limit: int, uncertainty: int = 0) -> MarginScale:
    """Place a reading's error, its limit and its uncertainty (half width) on the bar.

    Raises ValueError for a limit that is not positive or a negative uncertainty.
    """
    if limit <= 0:
        raise ValueError("the limit of a margin bar must be positive")
    if uncertainty < 0:
        raise ValueError("an uncertainty must not be negative")
    return MarginScale(
        needle=_position(value, limit),
        band=(_position(value - uncertainty, limit), _position(value + uncertainty, limit)),
        limit=END // LIMITS_IN_HALF_A_BAR,
        is_off_scale=abs(value) > limit * LIMITS_IN_HALF_A_BAR,
    )


def _position(value: int, limit: int) -> int:
    thousandths = abs(value) * END // (limit * LIMITS_IN_HALF_A_BAR)
    clamped = min(thousandths, END)
    return clamped if value >= 0 else -clamped
