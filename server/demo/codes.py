"""Numbers that identify a party: of valid form, and of nobody.

* Unified social credit code: GB 32100-2015; its characters 9 to 17 are an organisation code with a check character of
  its own (GB 11714-1997). Ours all begin with the letters ``DP``; we know of no issued code that does.
* Old registration number, 15 figures: GS 15-2006 (工商行政管理市场主体注册号编制规则): office 6, sequence 8 (its first
  figure 6 for individual businesses), check figure ISO 7064 MOD 11,10 (annex A). Ours use the top of the range, 69.
* Citizen's number: GB 11643-1999, check character ISO 7064 MOD 11-2. Ours were all born on 1875-05-20, the day of the
  Metre Convention: nobody born then was alive when numbers of 18 characters were introduced in 1999.

>>> uscc("92", "411602", "000001")
'92411602DP00000148'
>>> old_number("411602", 1)
'411602690000016'
>>> citizen_number("411602", 1)
'411602187505200012'
"""

from __future__ import annotations

ENTERPRISE, INDIVIDUAL = "91", "92"
USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BORN = "18750520"


def uscc(kind: str, region: str, tail: str) -> str:
    """Return a unified social credit code; ``tail`` is six of its characters, chosen freely."""
    body = f"DP{tail}"
    whole = kind + region + body + organisation_check(body)
    total = sum(USCC_CHARACTERS.index(character) * w for character, w in zip(whole, _USCC_WEIGHTS, strict=True))
    return whole + USCC_CHARACTERS[-total % 31]


def organisation_check(body: str) -> str:
    """Return the check character of an organisation code's eight (GB 11714-1997: figures, then A = 10 and so on).

    >>> organisation_check("D2143569")
    'X'
    """
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def old_number(region: str, sequence: int) -> str:
    """Return an old registration number of an individual business."""
    body = f"{region}69{sequence:06d}"
    rest = 10
    for figure in body:
        rest = (rest + int(figure)) % 10 or 10
        rest = rest * 2 % 11
    return f"{body}{(11 - rest) % 10}"


def citizen_number(region: str, sequence: int) -> str:
    """Return a citizen's number with a right check character and an impossible day of birth."""
    body = f"{region}{_BORN}{sequence:03d}"
    total = sum(int(figure) * 2 ** (17 - place) for place, figure in enumerate(body))
    return body + "10X98765432"[total % 11]
