"""The page of a label that nobody asked anything more of, drawn with stencils of the very template that answers all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Flask
from jinja2 import Environment
from markupsafe import Markup

from server.forms import Form
from server.language import speaking
from server.layout import style_sheets
from server.public import shown
from server.public.asked import Asked
from server.public.finished import Asks, Finished, words_of_the_day
from server.public.history import Event
from server.public.label import LabelPage
from server.public.pieces import Pieces
from server.public.shown import Shown
from server.public.stencils import NONCE, Stencil, Unfit, escaped, keep_marked_dates, mark
from shared.seal import Seal
from shared.texts import Texts

MOST = 300  # stencils kept: a state with its facts is one, and 17 kB
# The first words of a page; its lines and the values of its facts follow, then its history, then the words of the day.
TEXT, CHECK_WORDS, SERIAL, PHOTO, VALID_UNTIL, PLEDGE, SIGNED_ON, FIRST_LINE = range(8)
ROWS, TODAY, SENTENCE, ARC = -4, -3, -2, -1
EVENT_WORDS = 3
Key = tuple[object, ...]


DRAWING = "dingpan_label_pages"


class Drawing:
    """Draws the pages of one app."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stencils: dict[str, Stencil] = {}
        self._rows: dict[bool, Stencil] = {}
        self._templates = _templates_of_marks(app)
        # What follows the first nonce of each page: our style sheets, more than half of the whole.
        self._sheets = f'">{style_sheets("tokens", "parts", "public")}</style>'
        self._sheets_sent = self._sheets.encode()

    def page(self, seal: Seal, record: dict[str, Any] | None, day: date, texts: Texts) -> Pieces:
        """Return the page of a day in a language; raises Unfit for words that only the template itself can take."""
        with speaking(texts):
            one = shown.shown(seal, record, day)
            finished = self._finished(one, texts.language)
            stencil = self._stencils.get(finished.key) or self._cut(finished.key, one)
        return _filled(stencil, finished, one.today, texts, self._sheets_sent)

    def page_of(self, finished: Finished, day: date, texts: Texts) -> Pieces | None:
        """Return the page of words that were finished before; None when no such page was drawn yet."""
        stencil = self._stencils.get(finished.key)
        return _filled(stencil, finished, day, texts, self._sheets_sent) if stencil else None

    def finished(self, seal: Seal, record: dict[str, Any], day: date, texts: Texts) -> Finished:
        """Return the words of a page in a language, to be kept; raises Unfit."""
        with speaking(texts):
            return self._finished(shown.shown(seal, record, day), texts.language)

    def _finished(self, one: Shown, language: str) -> Finished:
        words, with_dates = escaped(_words(one))
        words.append(self._drawn_rows(shown.events(one)))
        dated = {place: word for place, word in enumerate(with_dates) if word != words[place]}
        return Finished(
            key=_key(one, language),
            digest=hashlib.sha256(b"\0".join(words)).hexdigest().encode(),
            words=words,
            dated=dated,
            asks=_asks(one).kept(),
        )

    def _drawn_rows(self, events: Sequence[Event]) -> bytes:
        if not events:
            return b""
        plain, dated = escaped([word for event in events for word in (event.day, event.what, event.details)])
        rows = []
        for place, event in enumerate(events):
            at = slice(place * EVENT_WORDS, (place + 1) * EVENT_WORDS)
            rows += self._row(bool(event.details)).fill((plain[at], dated[at]))
        return b"".join(rows)

    def _row(self, has_details: bool) -> Stencil:
        if has_details not in self._rows:
            event = Event(mark(0), mark(1), mark(2) if has_details else "")
            template = self._templates.get_template("public/_events.html")
            self._rows[has_details] = Stencil(template.render(events=[event]))
        return self._rows[has_details]

    def _cut(self, key: str, one: Shown) -> Stencil:
        """Cut the stencil of pages like this one, as a request without a query would render it."""
        if len(self._stencils) >= MOST:
            self._stencils.clear()
        hosts = self._app.config["TRUSTED_HOSTS"]
        base = f"http://{hosts[0].strip('.')}" if hosts else None
        with self._app.app_context(), self._app.test_request_context(base_url=base):
            text = self._templates.get_template("public/label.html").render(
                page=_marked(one.page),
                asked=Asked(),
                today=mark(TODAY),
                past=None,
                form=Form(),
                is_thanked=False,
                rows=Markup(mark(ROWS)),  # noqa: S704 - a mark
                text=mark(TEXT),
            )
        if NONCE + self._sheets not in text:
            raise Unfit  # the template has changed, and what follows its first nonce is another
        stencil = self._stencils[key] = Stencil(text, self._sheets)
        return stencil


def _filled(stencil: Stencil, finished: Finished, day: date, texts: Texts, constant: bytes) -> Pieces:
    """Return a page with its words and those of a day."""
    of_the_day = words_of_the_day(finished.asks, day, texts)
    plain = [*finished.words, of_the_day.date, of_the_day.sentence, of_the_day.arc]
    dated = plain.copy()
    dated[SENTENCE] = of_the_day.sentence_dated
    for place, word in finished.dated.items():
        dated[place] = word
    version = hashlib.sha256(b"\0".join((stencil.version, finished.digest, *plain[TODAY:]))).hexdigest()
    return Pieces(stencil.fill((plain, dated)), constant, version[:32])


def _asks(one: Shown) -> Asks:
    page, answer = one.page, one.answer
    item = page.record["instrument"] if page.record else {}
    return Asks(
        state=answer.state.value,
        until=answer.until.isoformat() if answer.until else "",
        document_no=answer.document_no,
        kind=item.get("kind", ""),
        photo="1" if item.get("photo") is not None else "",
        valid_from=page.certificate["from"] if page.certificate else "",
        valid_to=page.certificate["to"] if page.certificate else "",
    )


def _templates_of_marks(app: Flask) -> Environment:
    """Return the app's templates as they are, but for what must let a mark pass."""
    marks = app.jinja_env.overlay()
    marks.filters = {**marks.filters, "keep_dates": keep_marked_dates}
    drawn = {"csp_nonce": lambda: NONCE, "due_arc_svg": lambda *_, **__: Markup(mark(ARC))}  # noqa: S704 - a mark
    marks.globals = {**marks.globals, **drawn}
    return marks


def _words(one: Shown) -> list[str]:
    """Return every word of a page but its history and those of the day, in the order above; raises Unfit."""
    page, record = one.page, one.page.record
    item, pledge = (record["instrument"], record["pledge"]) if record else ({}, None)
    photo, number = item.get("photo") or "", pledge["number"] if pledge else ""
    if not _fits_an_address(photo) or not _fits_an_address(number):
        raise Unfit
    words = [
        one.seal.text,
        " ".join(page.check_words),
        item.get("serial") or item.get("own_no") or "",
        photo,
        page.certificate["to"] if page.certificate else "",
        number,
        pledge["signed_on"] if pledge else "",
    ]
    words += page.lines
    words += [value for _, value in page.facts]
    return words


def _fits_an_address(word: str) -> bool:
    """Say whether an address holds a word as it is."""
    return not word or (word.isascii() and word.replace("-", "").isalnum())


def _key(one: Shown, language: str) -> str:
    """Name all that a page depends on but its words."""
    page, record = one.page, one.page.record
    looks: Key = ()
    if record:
        item, pledge = record["instrument"], record["pledge"]
        looks = (
            item["kind"] == "scale",
            bool(item["serial"] or item["own_no"]),
            bool(item["photo"]),
            page.certificate is None,
            pledge and pledge["text_id"],
            len(page.lines),
        )
    facts = tuple(name for name, _ in page.facts)
    made_of = (language, page.state.value, page.is_key_compromised, len(page.check_words), facts, looks)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]


def _marked(page: LabelPage) -> LabelPage:
    """Return a page with marks for words."""
    first_fact = FIRST_LINE + len(page.lines)
    return replace(
        page,
        sentence=mark(SENTENCE),
        check_words=(mark(CHECK_WORDS),) if page.check_words else (),
        lines=[mark(FIRST_LINE + place) for place in range(len(page.lines))],
        facts=[(name, mark(first_fact + place)) for place, (name, _) in enumerate(page.facts)],
        certificate={"to": mark(VALID_UNTIL)} if page.certificate else None,
        record=_marked_record(page.record) if page.record else None,
    )


def _marked_record(record: Any) -> dict[str, Any]:
    item, pledge = record["instrument"], record["pledge"]
    return {
        "instrument": {
            "kind": item["kind"],
            "serial": mark(SERIAL) if item["serial"] or item["own_no"] else "",
            "own_no": "",
            "photo": mark(PHOTO) if item["photo"] else None,
        },
        "pledge": pledge and {"number": mark(PLEDGE), "signed_on": mark(SIGNED_ON)},
    }
