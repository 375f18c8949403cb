"""Which of the eight masks of a QR reads best: the penalty of ISO/IEC 18004:2015, 7.8.3, on whole numbers.

A symbol is one integer of side x side bits, the module of row r and column c at bit r * side + c; a shift by one
looks at the right neighbor, a shift by ``side`` at the one below. Python then counts hundreds of labels a second,
where walking the modules one by one takes eight times as long as making them.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import and_

# Dark and light as 1 and 0: a finder pattern with four light modules after or before it (feature 3 of the table).
FINDERS = ((1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0), (0, 0, 0, 0, 1, 0, 1, 1, 1, 0, 1))


def penalty(bits: int, side: int) -> int:
    """Return the points against a symbol; the lowest of the eight is printed.

    >>> penalty(0, 21)  # all light: runs in rows and columns, blocks, and the share of dark modules
    2098
    """
    return sum(
        (
            _runs(bits, side, 1) + _runs(bits, side, side),
            3 * _blocks(bits, side).bit_count(),
            40 * (_finders(bits, side, 1) + _finders(bits, side, side)),
            10 * int(abs(bits.bit_count() * 100 / side**2 - 50) / 5),
        )
    )


@cache
def _inside(side: int, step: int, length: int) -> int:
    """Return the bits from which ``length`` more modules lie ahead: to the right for step 1, else below."""
    if step == side:
        return (1 << side * (side - length)) - 1
    row = (1 << side - length) - 1
    return sum(row << number * side for number in range(side))


def _same(bits: int, side: int, step: int) -> int:
    """Return where a module is as its neighbor."""
    return ~(bits ^ bits >> step) & _inside(side, step, 1)


def _runs(bits: int, side: int, step: int) -> int:
    """Return 3 points for each run of five and one for each module more."""
    same = _same(bits, side, step)
    five = same & same >> step & same >> 2 * step & same >> 3 * step
    runs = five & ~(five << step)
    return five.bit_count() + 2 * runs.bit_count()


def _blocks(bits: int, side: int) -> int:
    """Return where two by two modules are alike."""
    across = _same(bits, side, 1)
    return across & across >> side & _same(bits, side, side)


def _finders(bits: int, side: int, step: int) -> int:
    """Return how often something looks like a finder pattern."""
    inside = _inside(side, step, len(FINDERS[0]) - 1)
    shifted = [bits >> place * step for place in range(len(FINDERS[0]))]
    return sum(
        reduce(and_, (one if dark else ~one for one, dark in zip(shifted, finder, strict=True)), inside).bit_count()
        for finder in FINDERS
    )
