"""Which packages of a lot are taken: drawn from a recorded seed, so that anybody can draw the same ones again.

The algorithm, exactly. Packages are numbered 1 to N. For a counter 0, 1, 2 and so on, take the SHA-256 of the UTF-8 of
these five lines, each ended by one line feed: ``DINGPAN-SAMPLE-v1``, the lot size N, the sample size n, the seed, the
counter (numbers in decimal, without leading zeros). Its first 16 hexadecimal digits are a number x below 2^64. If x is
not below the largest multiple of N that is at most 2^64, pass it over, so that every package is equally likely; else
package x mod N + 1 is taken, unless it was taken before. Stop at n packages. On a command line::

    printf 'DINGPAN-SAMPLE-v1\\n40\\n10\\nseed\\n0\\n' | sha256sum | cut -c1-16

>>> draw_sample(40, 10, "2026-11-21 豫-001")
(4, 5, 6, 8, 14, 19, 24, 27, 28, 39)
>>> draw_sample(40, 41, "seed")
Traceback (most recent call last):
shared.errors.BadSampleSize: ('bad_sample_size', {'text': '41', 'most': 40})
"""

from __future__ import annotations

import hashlib
from itertools import count

from shared.errors import BadLotSize, BadSampleSize, BadSeed

DOMAIN = "DINGPAN-SAMPLE-v1"
HEX_DIGITS = 16
RANGE = 1 << 64
LARGEST_LOT = 1_000_000_000
LARGEST_SAMPLE = 10_000
LONGEST_SEED = 200


def draw_sample(lot_size: int, n: int, seed: str) -> tuple[int, ...]:
    """Return the numbers of the packages to take, 1 to ``lot_size``, in rising order.

    Raises BadLotSize outside 1 to a thousand million, BadSampleSize outside 1 to the lot or above ten thousand, BadSeed
    for an empty seed, one above 200 characters, with white space at an end or with a character that cannot be printed.
    """
    _refuse(lot_size, n, seed)
    fair = RANGE - RANGE % lot_size
    taken: set[int] = set()
    for counter in count():
        number = _number(lot_size, n, seed, counter)
        if number < fair:
            taken.add(number % lot_size + 1)
        if len(taken) == n:
            break
    return tuple(sorted(taken))


def _refuse(lot_size: int, n: int, seed: str) -> None:
    if not 1 <= lot_size <= LARGEST_LOT:
        raise BadLotSize(text=str(lot_size))
    most = min(lot_size, LARGEST_SAMPLE)
    if not 1 <= n <= most:
        raise BadSampleSize(text=str(n), most=most)
    if not seed or len(seed) > LONGEST_SEED or seed != seed.strip() or not seed.isprintable():
        raise BadSeed(text=repr(seed)[1:-1])


def _number(lot_size: int, n: int, seed: str, counter: int) -> int:
    lines = "".join(f"{line}\n" for line in (DOMAIN, lot_size, n, seed, counter))
    return int(hashlib.sha256(lines.encode()).hexdigest()[:HEX_DIGITS], 16)
