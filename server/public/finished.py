"""The words of a label's page, finished before anybody looks: what a record says between two days, in one language.

They are kept beside the record (``PublicRecord.words``) and name the record they were made of by its SHA-256, so words
of another record are never shown. Left to the day itself are three words: the date, the sentence and the arc of the
time that is left. See ``docs/decisions/0005-label-pages-before-the-framework.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from server.language import speaking
from server.look import due_arc_svg
from server.public import label_lines
from server.public.label import shape_of, share_left
from server.public.state import PageState
from server.public.stencils import Unfit, escaped
from shared.seal import LabelVerdict
from shared.texts import LANGUAGES, Texts
from shared.validity import DUE_SOON_DAYS

# The separators of groups, of records and of units in ASCII: in no word, see ``_joined``.
GROUPS, PARTS, FIELDS = b"\x1d", b"\x1e", b"\x1f"
ROOT = Path(__file__).parents[2]
# Whatever a word can come from; words that another version of it made are made anew.
MADE_BY = ("shared/**/*.py", "shared/**/*.toml", "shared/**/*.json", "server/**/*.py", "server/**/*.toml")
MADE_BY_TEMPLATES = ("server/templates/public/*.html", "server/templates/parts/*.html")
FAR = date.max
# What a label's signature must say for its words to be shown.
FINISHED = (LabelVerdict.GENUINE, LabelVerdict.GENUINE_STALE)


class Finished(NamedTuple):
    """The words of one page. ``key`` names the stencil they fit, ``digest`` tells them from others.

    ``dated`` holds the words that look otherwise with their dates kept together, by their places; ``asks`` is what the
    words of a day are made of.
    """

    key: str
    digest: bytes
    words: list[bytes]
    dated: Mapping[int, bytes]
    asks: bytes


class Asks(NamedTuple):
    """What the words of a day are made of.

    ``until`` and ``document_no`` are what the sentence needs, ``kind`` "" where nothing of the register is shown,
    ``photo`` "" without one; ``valid_from`` and ``valid_to`` are the time of the last verification, if there is one.
    """

    state: str
    until: str = ""
    document_no: str = ""
    kind: str = ""
    photo: str = ""
    valid_from: str = ""
    valid_to: str = ""

    def kept(self) -> bytes:
        """Return it as it is kept; raises Unfit."""
        return _joined([field.encode() for field in self], GROUPS)


class OfTheDay(NamedTuple):
    """The words that a page has on a day only, ready for it; the sentence also with its dates kept together."""

    date: bytes
    sentence: bytes
    sentence_dated: bytes
    arc: bytes


class KeptWords(NamedTuple):
    """The finished words of one record with what says whether they may be shown."""

    made_by: bytes
    of_record: bytes
    first: bytes
    last: bytes
    text: bytes
    pages: Sequence[bytes]

    def are_of(self, body: bytes, day: bytes) -> bool:
        """Say whether they are of this record and day (``YYYY-MM-DD``), and made by this very program."""
        return self.made_by == made_by() and self.first <= day <= self.last and self.of_record == digest_of(body)


@lru_cache(maxsize=4_096)
def words_of_the_day(asks: bytes, today: date, texts: Texts) -> OfTheDay:
    """Return what a page says on a day; raises Unfit. Scales of a market share their days, so many are alike."""
    one = Asks(*asks.decode().split(GROUPS.decode()))
    state = PageState(one.state)
    until = date.fromisoformat(one.until) if one.until else None
    values = {"date": one.until, "days": abs((until - today).days) if until else 0, "no": one.document_no}
    with speaking(texts):
        sentence = label_lines.sentence(state, one.kind or None, bool(one.photo), values)
        (said,), (said_dated,) = escaped([sentence])
        left = share_left(one.valid_from, one.valid_to, today) if one.valid_from else None
        arc = "" if left is None else due_arc_svg(left, tone=shape_of(state))
    return OfTheDay(today.isoformat().encode(), said, said_dated, arc.encode())


def lasting(record: Mapping[str, Any], day: date) -> date:
    """Return the last day on which a record says what it says on a day, but for the words of the day."""
    later = (turn for turn in _turns(record) if turn > day)
    first = min(later, default=None)
    return first - timedelta(days=1) if first else FAR


def _turns(record: Mapping[str, Any]) -> Iterator[date]:
    """Yield every day on which something begins, has just ended or is due soon."""
    for name in ("verified", "failed", "suspected", "statuses", "custody"):
        for row in record.get(name, ()):
            yield date.fromisoformat(row["from"])
            if row.get("to"):
                last = date.fromisoformat(row["to"])
                yield last + timedelta(days=1)
                yield last - timedelta(days=DUE_SOON_DAYS - 1)
    yield from map(date.fromisoformat, record.get("checks", ()))


def digest_of(body: bytes) -> bytes:
    """Return what names a record among the words that were made of it."""
    return hashlib.sha256(body).hexdigest().encode()


@cache
def made_by() -> bytes:
    """Return what names this program among those that finish words."""
    digest = hashlib.sha256()
    for pattern in MADE_BY + MADE_BY_TEMPLATES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16].encode()


def to_text(body: bytes, first: date, last: date, text: str, pages: Mapping[str, Finished]) -> str:
    """Return the words of a record in every language, to be kept; raises Unfit."""
    days = (first.isoformat().encode(), last.isoformat().encode())
    head = _joined([made_by(), digest_of(body), *days, text.encode()])
    return PARTS.join([head, *(_page(pages[language]) for language in LANGUAGES)]).decode()


def from_text(kept: bytes) -> KeptWords | None:
    """Read what ``to_text`` wrote, but not yet its pages; None for what an earlier version wrote in another form."""
    head, *pages = kept.split(PARTS)
    fields = head.split(FIELDS)
    if len(fields) != len(KeptWords._fields) - 1:
        return None
    made_by, of_record, first, last, text = fields
    return KeptWords(made_by, of_record, first, last, text, pages)


def page_in(kept: KeptWords, language: str) -> Finished:
    """Return the words of a language."""
    key, digest, asks, places, *words = kept.pages[LANGUAGES.index(language)].split(FIELDS)
    where = _numbers(places)
    end = len(words) - len(where)
    return Finished(key.decode(), digest, words[:end], dict(zip(where, words[end:], strict=True)), asks)


@lru_cache(maxsize=1_024)
def _numbers(written: bytes) -> tuple[int, ...]:
    return tuple(map(int, written.split()))


def _page(one: Finished) -> bytes:
    places = " ".join(map(str, one.dated)).encode()
    return _joined([one.key.encode(), one.digest, one.asks, places, *one.words, *one.dated.values()])


def _joined(fields: Sequence[bytes], separator: bytes = FIELDS) -> bytes:
    whole = separator.join(fields)
    if PARTS in whole or whole.count(separator) != len(fields) - 1 or b"\0" in whole:
        raise Unfit
    return whole
