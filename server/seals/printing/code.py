"""The QR of a label: level Q, alphanumeric, in the smallest version that holds the link, with the best mask.

ISO/IEC 18004:2015, table 7: version 8 at level Q holds 157 characters, version 9 holds 189; a link has 144 characters
and its host. So a host of up to 13 characters gets version 8, one of up to 45 (``.gov.cn``) version 9.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from server.seals.printing.mask import penalty

QUIET = 4
LEAST_MODULE_MM = 0.5
MASKS = range(8)
HOLDS = {8: 157, 9: 189}


@dataclass(frozen=True)
class Code:
    """A QR without its quiet zone: bit r * side + c of ``bits`` is the module of row r, column c; dark is one."""

    side: int
    bits: int

    @property
    def version(self) -> int:
        return (self.side - 17) // 4

    @property
    def width(self) -> int:
        """How many modules wide it is with its quiet zone."""
        return self.side + 2 * QUIET

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Yield column, row and length of each run of dark modules, counted from the corner of the quiet zone."""
        for number in range(self.side):
            row = self.bits >> number * self.side & (1 << self.side) - 1
            for run in re.finditer("1+", f"{row:0{self.side}b}"[::-1]):
                yield run.start() + QUIET, number + QUIET, run.end() - run.start()


def code_of(link: str) -> Code:
    """Return the QR of a link.

    >>> code_of("HTTPS://DINGPAN.TEST/V/" + "A" * 133).version
    8
    """
    version = next((version for version, longest in HOLDS.items() if len(link) <= longest), None)
    first = _encoded(link, mask=0, version=version)
    choices = [first.bits ^ difference for difference in _differences(first.version)]
    return Code(first.side, min(choices, key=lambda bits: penalty(bits, first.side)))


def width_mm(code: Code, wanted_mm: int) -> int:
    """Return how wide to print a QR with its quiet zone: as wanted, or as its modules need.

    >>> [width_mm(Code(side, 0), 30) for side in (49, 53)]
    [30, 31]
    """
    return max(wanted_mm, math.ceil(code.width * LEAST_MODULE_MM))


@cache
def _differences(version: int) -> tuple[int, ...]:
    """Return what each mask changes of mask 0: the same modules whatever the text, those of the format included."""
    first, *others = (_encoded("", mask=mask, version=version).bits for mask in MASKS)
    return 0, *(first ^ other for other in others)


def _encoded(text: str, *, mask: int, version: int | None = None) -> Code:
    # Here, because the command line asks for the names of the sheets at every start, and prints nothing mostly.
    import qrcode
    from qrcode.constants import ERROR_CORRECT_Q
    from qrcode.util import MODE_ALPHA_NUM, QRData

    maker = qrcode.QRCode(version=version, error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=mask)
    maker.add_data(QRData(text.encode("ascii"), mode=MODE_ALPHA_NUM, check_data=False), optimize=0)
    maker.make(fit=version is None)
    rows = maker.get_matrix()
    dark = "".join("1" if module else "0" for row in reversed(rows) for module in reversed(row))
    return Code(len(rows), int(dark, 2))
