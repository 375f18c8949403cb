"""Stencils: a template is rendered once with marks where words stand, and from then on only the words are filled in.

A template stays the one place where its page is written, and a stencil is what it made of marks: nothing of the page is
written a second time. One stencil serves every page that differs in nothing but words. Words are escaped as Jinja does
it, and dates kept together where the template has them kept together.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

from markupsafe import Markup, escape

from server.look import DATE, keep_dates

# Nobody can know it, so nothing that a person typed can be taken for a mark; letters alone pass every filter unchanged.
_SECRET = secrets.token_hex(12)
_MARK = re.compile(rf"{_SECRET}([pd])([0-9]{{3}})")
NONCE = f"{_SECRET}nonce"
_DATE = re.compile(DATE.pattern.encode())
_IN_TIME = rb"<time>\g<0></time>"


class Unfit(Exception):
    """Words that no stencil can take: they are left to the template itself."""


def mark(place: int) -> str:
    """Return the text that stands for a word in a template."""
    return f"{_SECRET}p{place:03}"


def keep_marked_dates(text: str) -> Markup:
    """Do what ``keep_dates`` does, and remember of each mark that it was asked for."""
    return Markup(str(keep_dates(text)).replace(f"{_SECRET}p", f"{_SECRET}d"))  # noqa: S704 - escaped by keep_dates


class Stencil:
    """What a template made of marks: ``_fixed`` with a word between each two, ``_words`` says which and how."""

    __slots__ = ("_dated", "_fixed", "_places")

    def __init__(self, text: str) -> None:
        parts = _MARK.split(text)
        self._fixed = [part.encode() for part in parts[::3]]
        self._places = [int(place) for place in parts[2::3]]
        self._dated = [kind == "d" for kind in parts[1::3]]

    def fill(self, plain: Sequence[bytes], dated: Sequence[bytes]) -> bytes:
        """Return the text with these words, which ``escaped`` has made ready."""
        pieces: list[bytes] = [b""] * (2 * len(self._places) + 1)
        pieces[::2] = self._fixed
        pieces[1::2] = [
            dated[place] if is_dated else plain[place]
            for place, is_dated in zip(self._places, self._dated, strict=True)
        ]
        return b"".join(pieces)


def escaped(words: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    """Return words ready for a page, and the same with their dates kept together; raises Unfit.

    All at once: escaping forty words one by one would cost more than anything else that a page does.
    """
    whole = str(escape("\0".join(words))).encode()
    plain = whole.split(b"\0")
    if len(plain) != len(words):
        raise Unfit
    return plain, _DATE.sub(_IN_TIME, whole).split(b"\0")
