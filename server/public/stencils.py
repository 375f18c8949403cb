"""Stencils: a template is rendered once with marks where words stand, and from then on only the words are filled in.

A template stays the one place where its page is written, and a stencil is what it made of marks: nothing of the page is
written a second time. One stencil serves every page that differs in nothing but words. Words are escaped as Jinja does
it, and dates kept together where the template has them kept together.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

from markupsafe import Markup, escape

from server.look import DATE, keep_dates

# Nobody can know it, so nothing that a person typed can be taken for a mark; letters alone pass every filter unchanged.
_SECRET = secrets.token_hex(12)
_MARK = re.compile(rf"{_SECRET}([pd])([fb])([0-9]{{3}})")
NONCE = f"{_SECRET}nonce"
_DATE = re.compile(DATE.pattern.encode())
# The same, found by its first hyphen, which is five times faster than by its first digit.
_REST_OF_DATE = re.compile(rb"(-(?<=[0-9]{4}-)[0-9]{2}-[0-9]{2})")


# Words as they stand on a page, and the same with their dates kept together.
Words = tuple[list[bytes], list[bytes]]


class Unfit(Exception):
    """Words that no stencil can take: they are left to the template itself."""


def mark(place: int) -> str:
    """Return the text that stands for a word in a template; a place below zero counts back from the end."""
    return f"{_SECRET}p{'b' if place < 0 else 'f'}{abs(place):03}"


def keep_marked_dates(text: str) -> Markup:
    """Do what ``keep_dates`` does, and remember of each mark that it was asked for."""
    return Markup(str(keep_dates(text)).replace(f"{_SECRET}p", f"{_SECRET}d"))  # noqa: S704 - escaped by keep_dates


class Stencil:
    """What a template made of marks: pieces with a nonce between each two; ``version`` tells it from all others.

    ``constant`` is left out after the first nonce, where it stands.
    """

    __slots__ = ("_pieces", "version")

    def __init__(self, text: str, constant: str = "") -> None:
        self._pieces = [_Piece(part) for part in text.replace(NONCE + constant, NONCE, 1).split(NONCE)]
        digest = hashlib.sha256(constant.encode())
        for piece in self._pieces:
            digest.update(repr(piece.made_of).encode())
        self.version = digest.digest()

    def fill(self, words: Words) -> list[bytes]:
        """Return the pieces with these words; ``words`` of one stencil are always as many."""
        plain, dated = words
        both = plain + dated
        return [piece.fill(both) for piece in self._pieces]


class _Piece:
    """``_fixed`` has a gap after each text; ``_places`` says which word fills it, those with their dates kept apart."""

    __slots__ = ("_at", "_fixed", "_places")

    def __init__(self, text: str) -> None:
        parts = _MARK.split(text)
        self._fixed = [b""] * (len(parts) // 2 + 1)
        self._fixed[::2] = [part.encode() for part in parts[::4]]
        marks = zip(parts[1::4], parts[2::4], parts[3::4], strict=True)
        self._places = [(kind == "d", int(place) if way == "f" else -int(place)) for kind, way, place in marks]
        self._at: dict[int, list[int]] = {}

    @property
    def made_of(self) -> tuple[object, ...]:
        """What is the same in every process: the marks are not."""
        return self._fixed, self._places

    def fill(self, both: Sequence[bytes]) -> bytes:
        """Return the piece with words, first as they are, then with their dates kept together."""
        filled = self._fixed.copy()
        filled[1::2] = map(both.__getitem__, self._at.get(len(both)) or self._find(len(both)))
        return b"".join(filled)

    def _find(self, count: int) -> list[int]:
        """Work out where the words of each gap stand among so many."""
        half = count // 2
        at = [is_dated * half + place % half for is_dated, place in self._places]
        self._at[count] = at
        return at


def escaped(words: Sequence[str]) -> Words:
    """Return words ready for a page, and the same with their dates kept together; raises Unfit.

    All at once: escaping forty words one by one would cost more than anything else that a page does.
    """
    whole = str(escape("\0".join(words))).encode()
    plain = whole.split(b"\0")
    if len(plain) != len(words):
        raise Unfit
    return plain, _with_dates_kept(whole).split(b"\0")


def _with_dates_kept(whole: bytes) -> bytes:
    parts = _REST_OF_DATE.split(whole)
    if any(len(part) < 4 for part in parts[2:-1:2]):  # two dates share digits: which is one, the first rule says
        return _DATE.sub(rb"<time>\g<0></time>", whole)
    parts[:-1:2] = [b"%b<time>%b" % (part[:-4], part[-4:]) for part in parts[:-1:2]]
    parts[1::2] = [rest + b"</time>" for rest in parts[1::2]]
    return b"".join(parts)
