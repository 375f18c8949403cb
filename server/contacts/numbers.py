"""Mobile numbers of the Chinese mainland: eleven digits that begin with 1, however they are typed.

Source: the numbering plan of the telecommunications network (电信网编号计划, 2017): 1 and a second digit 3 to 9.
"""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
_BETWEEN = re.compile(r"[\s\-()‐-―]")
LONGEST = 40


class NotANumber(ValueError):
    """A text is no mobile number of the mainland."""


def normalised(number: str) -> str:
    """Return the eleven digits; raises NotANumber.

    >>> normalised("+86 138-0013-8000"), normalised("１３８００１３８０００"), normalised("0086 13800138000")
    ('13800138000', '13800138000', '13800138000')
    """
    found = _NUMBER.fullmatch(_BETWEEN.sub("", unicodedata.normalize("NFKC", number[:LONGEST])))
    if found is None or len(number) > LONGEST:
        raise NotANumber
    return found[1]
