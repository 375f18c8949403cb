"""The page of a label, answered before the framework: most of what the server is ever asked, by people who stand at a
scale.

Only a plain ``GET`` of a label that is one is answered here; whatever else is asked, and whatever goes wrong, is left
to the routes, so nothing but the time an answer takes depends on this layer. Pages are kept, but none is sent unless
the record it was made of was read within the last ``HOLDS_S`` and found to be the same, byte for byte: a change that
any process committed shows a tenth of a second later at most. See
``docs/decisions/0005-label-pages-before-the-framework.md``.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from flask import Flask
from sqlalchemy import event
from werkzeug.exceptions import SecurityError
from werkzeug.http import parse_accept_header, parse_cookie
from werkzeug.wsgi import get_host

from server import language, logs
from server.database import db
from server.health import FIGURES
from server.keys import service as keys
from server.limits import rate_of
from server.policy import POLICY, Row
from server.public import shown
from server.public.drawing import DRAWING, Drawing
from server.public.finished import FINISHED, KeptWords, from_text, page_in
from server.public.pieces import Pieces
from server.public.reading import Bodies, Unread
from server.public.stencils import Unfit
from server.scans import service as scans
from server.security_headers import HEADERS, LASTING_HTTPS, content_policy, new_nonce, random_bytes
from shared import texts
from shared.dates import civil_day
from shared.seal import Seal

if TYPE_CHECKING:
    from datetime import date, datetime
    from wsgiref.types import StartResponse, WSGIApplication

    from server import Dingpan
    from shared.texts import Texts

ADDRESS = re.compile(r"/([Vv])/([A-Z2-7]{133})", re.ASCII)
ROUTES = {"V": ("public.show_seal", "/V/<text>"), "v": ("public.show_seal_lower", "/v/<text>")}
MOST = 2_000  # pages kept by one process: some 20 MB
HOLDS_S = 0.1  # a record that was read is not asked for again: less than any page takes to its reader
VARY = "Accept-Encoding, Accept-Language, Cookie"
FIXED = [
    ("Cache-Control", "no-cache"),
    ("Vary", VARY),
    *({**HEADERS, **scans.MAY_ASK_PLACE}.items()),
]
# A record that is not of the form is told by the routes, with the page of a problem.
NOT_FOR_US = (Unread, Unfit, LookupError, TypeError, ValueError)


class Kept(NamedTuple):
    """A page with all that it was made of; ``body`` None: no record was needed, or there is none.

    ``read_at`` is when the record began to be read, on the layer's own clock.
    """

    dingpan: Dingpan
    day: date
    seal: Seal
    body: bytes | None
    page: Pieces
    read_at: float


class Answering:
    """Stands before the routes of an app; ``seconds`` is a clock that nobody sets."""

    seconds = staticmethod(time.monotonic)

    def __init__(self, app: Flask, routes: WSGIApplication) -> None:
        self._app, self.routes = app, routes
        with app.app_context():
            self._bodies = Bodies(db.engine)
            event.listen(db.engine, "commit", lambda _: self._note_a_change())
        self._drawing = app.extensions[DRAWING] = Drawing(app)
        self._pages: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._lock = Lock()
        self._changed_at = -math.inf
        self._log = structlog.get_logger("server.request")
        self._is_trusted = lru_cache(maxsize=256)(self._ask_whether_trusted)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        asked = ADDRESS.fullmatch(environ["PATH_INFO"])
        if asked is None or not self._is_plain(environ, ROUTES[asked[1]][0]):
            return self.routes(environ, start_response)
        began = time.perf_counter()
        keys.take_over(self._app)
        dingpan: Dingpan = self._app.extensions["dingpan"]
        now = dingpan.clock()
        day, hour = _day_and_hour(now)
        try:
            kept = self._page(asked[2], self._language(environ, dingpan), dingpan, day)
        except NOT_FOR_US:
            kept = None
        if kept is None:
            return self.routes(environ, start_response)
        if kept.body is not None:
            scans.note_in(self._app, kept.seal.payload.serial, hour)
        else:
            scans.note_unknown_in(self._app, kept.seal, hour)
        status, headers, content = _answer(environ, kept.page)
        request_id = random_bytes(8).hex()
        headers.append(("X-Request-Id", request_id))
        took_s = time.perf_counter() - began
        route = ROUTES[asked[1]][1]
        self._app.extensions[FIGURES].note(route, "GET", status, took_s)
        took_ms = round(took_s * 1000, 1)
        logs.answered(self._log, request_id=request_id, route=route, status=status, took_ms=took_ms)
        start_response("200 OK" if status == 200 else "304 NOT MODIFIED", headers)
        return [content]

    def _is_plain(self, environ: Mapping[str, Any], endpoint: str) -> bool:
        """Say whether the request asks for nothing but the page, of a host that we are, where anybody may."""
        return (
            environ["REQUEST_METHOD"] == "GET"
            and not environ.get("QUERY_STRING")
            and not environ.get("SCRIPT_NAME")
            and environ.get("CONTENT_LENGTH", "") in ("", "0")
            and "HTTP_TRANSFER_ENCODING" not in environ
            and "HTTP_HOST" in environ
            and self._is_trusted(environ["HTTP_HOST"])
            and _is_open(POLICY[endpoint, "GET"])
        )

    def _ask_whether_trusted(self, host: str) -> bool:
        try:
            get_host({"wsgi.url_scheme": "http", "HTTP_HOST": host}, self._app.config["TRUSTED_HOSTS"])
        except SecurityError:
            return False
        return True

    def _language(self, environ: Mapping[str, Any], dingpan: Dingpan) -> str:
        name = language.cookie_name(is_secure=dingpan.settings.cookies_are_secure)
        cookies = environ.get("HTTP_COOKIE", "")
        cookie = parse_cookie(cookies).get(name) if name in cookies else None
        return _chosen(cookie, environ.get("HTTP_ACCEPT_LANGUAGE", ""))

    def _page(self, text: str, spoken: str, dingpan: Dingpan, day: date) -> Kept | None:
        """Return the page of today's record; None for a text that is no label."""
        key, now_s = (text, spoken), self.seconds()
        kept = self._pages.get(key)
        if kept is not None and kept.dingpan is dingpan and kept.day == day:
            if self._changed_at < kept.read_at > now_s - HOLDS_S or not shown.needs_record(kept.seal):
                return kept
            if self._bodies.body(kept.seal.payload.serial) == kept.body:
                return self._keep(key, kept._replace(read_at=now_s))
        asked = _Asked(self._bodies, day)
        seal = shown.opened(text, dingpan.settings.seal_host, dingpan.keyring, day, asked.issued)
        if seal is None:
            return None
        page = self._drawn(seal, asked, day, texts.load(spoken, "server"))
        body = asked.body if shown.needs_record(seal) else None
        return self._keep(key, Kept(dingpan, day, seal, body, page, now_s))

    def _note_a_change(self) -> None:
        """Let every record be read again: this process is about to commit, and may have changed some."""
        self._changed_at = self.seconds()

    def _drawn(self, seal: Seal, asked: _Asked, day: date, spoken: Texts) -> Pieces:
        """Return the page of finished words where there are any; else work it out."""
        if asked.words is not None and seal.verdict in FINISHED:
            page = self._drawing.page_of(page_in(asked.words, spoken.language), day, spoken)
            if page is not None:
                return page
        record = asked.record() if shown.needs_record(seal) else None
        return self._drawing.page(seal, record, day, spoken)

    def _keep(self, key: tuple[str, str], kept: Kept) -> Kept:
        with self._lock:
            self._pages.pop(key, None)
            self._pages[key] = kept
            if len(self._pages) > MOST:
                self._pages.popitem(last=False)
        return kept


class _Asked:
    """What is kept of a label that this process has not shown today: read once, for its signature and its page."""

    def __init__(self, bodies: Bodies, day: date) -> None:
        self._bodies, self._day = bodies, day
        self._record: dict[str, Any] | None = None
        self.body: bytes | None = None
        self.words: KeptWords | None = None

    def issued(self, serial: int) -> str | None:
        """Return the text that the office signed for a serial, as its record tells; raises Unread."""
        self.body, kept = self._bodies.body_and_words(serial)
        words = from_text(kept) if kept else None
        if words is not None and self.body and words.are_of(self.body, self._day.isoformat().encode()):
            self.words = words
            return words.text.decode()
        record = self.record()
        return record["label"].get("text") if record else None

    def record(self) -> dict[str, Any] | None:
        """Return the record."""
        if self._record is None and self.body:
            self._record = json.loads(self.body)
        return self._record


def register(app: Flask) -> None:
    """Put the layer before the app's routes; what knows of proxies stands before it."""
    app.wsgi_app = Answering(app, app.wsgi_app)  # type: ignore[method-assign]


def _answer(environ: Mapping[str, Any], page: Pieces) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and content; a browser that has the page is told so, and keeps its nonce with it."""
    headers = [*FIXED, ("ETag", f'W/"{page.version}"')]
    if environ.get("wsgi.url_scheme") == "https":
        headers.append(LASTING_HTTPS)
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    if known and (known == "*" or f'"{page.version}"' in known):
        return 304, headers, b""
    nonce = new_nonce()
    if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        content = page.gzip(nonce.encode())
        headers.append(("Content-Encoding", "gzip"))
    else:
        content = page.plain(nonce.encode())
    headers += (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(content))),
        ("Content-Security-Policy", content_policy(nonce)),
    )
    return 200, headers, content


@lru_cache(maxsize=16)
def _day_and_hour(now: datetime) -> tuple[date, datetime]:
    """Return the civil day and the beginning of the hour, worked out once a second."""
    return civil_day(now), scans.hour_of(now)


@lru_cache(maxsize=64)
def _is_open(row: Row) -> bool:
    """Say whether a row asks nothing of a request that this layer does not do."""
    return row.roles is None and rate_of(row.rate) is None and not row.is_read_logged


@lru_cache(maxsize=256)
def _chosen(cookie: str | None, accepted: str) -> str:
    return language.chosen_by(cookie, accepted)


@lru_cache(maxsize=256)
def _takes_gzip(accepted: str) -> bool:
    """Say whether a browser wants a page compressed in the one way that is done here."""
    qualities = parse_accept_header(accepted)
    return 0 < qualities["gzip"] >= qualities["identity"]
