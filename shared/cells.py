"""The squares in which scans of labels are kept: a hundredth of a degree each way, about one kilometre.

A square is named by its middle, in whole hundredths of a degree of WGS 84. Browsers in China that speak GCJ-02 instead
are off by up to 700 m, and a phone that knows its place from masts alone by as much again: both are noise of a square
or two, which whoever compares squares has to bear (``shared.copied_labels``).

>>> Cell.of("33.63417", "114.65082")
Cell(north=3363, east=11465)
>>> str(Cell(3363, 11465))
'33.63,114.65'
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from math import cos, hypot, radians
from typing import NamedTuple

# The box around all that China's maps show, 3.8 to 53.6 degrees north, 73.5 to 135.1 east; a box and no border.
SOUTH, NORTH, WEST, EAST = 380, 5360, 7350, 13510
DEGREES = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,15})?", re.ASCII)
HUNDREDTH_M = 1_112.0  # of a meridian; a parallel is shorter by the cosine of its latitude


class Cell(NamedTuple):
    """A square, by the middle of it in hundredths of a degree."""

    north: int
    east: int

    def __str__(self) -> str:
        return f"{self.north // 100}.{self.north % 100:02d},{self.east // 100}.{self.east % 100:02d}"

    @classmethod
    def of(cls, latitude: str, longitude: str) -> Cell | None:
        """Return the square of a place written in degrees; None for what is no number so written, or beyond China."""
        if not (DEGREES.fullmatch(latitude) and DEGREES.fullmatch(longitude)):
            return None
        cell = cls(_hundredths(latitude), _hundredths(longitude))
        return cell if SOUTH <= cell.north <= NORTH and WEST <= cell.east <= EAST else None

    @classmethod
    def read(cls, text: str) -> Cell | None:
        """Return the square of a text that ``str`` made of one; None for the empty text."""
        north, _, east = text.partition(",")
        return cls.of(north, east) if text else None


def _hundredths(degrees: str) -> int:
    return int((Decimal(degrees) * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def distance_m(one: Cell, other: Cell) -> int:
    """Return how far the middles of two squares are apart, in metres, on a flat map: good to 1 % up to 500 km.

    >>> distance_m(Cell(3363, 11465), Cell(3363, 11466))
    926
    """
    middle = radians((one.north + other.north) / 200)
    return round(HUNDREDTH_M * hypot(one.north - other.north, (one.east - other.east) * cos(middle)))
