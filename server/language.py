"""The language of an answer: Simplified Chinese unless the person asks for English, by link, cookie or browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from shared import texts

_spoken: ContextVar[texts.Texts | None] = ContextVar("spoken", default=None)


def _cookie() -> str:
    return cookie_name(is_secure=current_app.extensions["dingpan"].settings.cookies_are_secure)


def cookie_name(*, is_secure: bool) -> str:
    """Return the cookie's name: bound to this host wherever there is HTTPS."""
    return "__Host-language" if is_secure else "language"


def current() -> texts.Texts:
    """Return the catalogue that is spoken, else that of this request; Simplified Chinese outside of one."""
    spoken = _spoken.get()
    if spoken is not None:
        return spoken
    if not request:
        return texts.load(texts.DEFAULT, "server")
    if "texts" not in g:
        g.texts = texts.load(_language(), "server")
    chosen: texts.Texts = g.texts
    return chosen


@contextmanager
def speaking(chosen: texts.Texts) -> Iterator[None]:
    """Speak one language where no request says which."""
    before = _spoken.set(chosen)
    try:
        yield
    finally:
        _spoken.reset(before)


def t(key: str, **values: object) -> str:
    """Return one sentence in the language of this request."""
    return current()(key, **values)


def _language() -> str:
    asked = request.args.get("lang")
    if asked in texts.LANGUAGES:
        return asked
    return chosen_by(request.cookies.get(_cookie()), request.headers.get("Accept-Language", ""))


def chosen_by(cookie: str | None, accepted: str) -> str:
    """Return the language of somebody who asked for none by link: as remembered, else as the browser says."""
    if cookie in texts.LANGUAGES:
        return cookie
    best = parse_accept_header(accepted, LanguageAccept).best_match(["zh-CN", "zh", "en"], texts.DEFAULT)
    return "en" if best == "en" else texts.DEFAULT


def register(app: Flask) -> None:
    """Give templates ``t`` and ``language``; remember a language asked for by link, and say what has words in it."""
    app.jinja_env.globals["t"] = t
    app.jinja_env.globals["language"] = lambda: current().language

    @app.after_request
    def _remember(response: Response) -> Response:
        asked = request.args.get("lang")
        if asked in texts.LANGUAGES:
            secure = app.extensions["dingpan"].settings.cookies_are_secure
            response.set_cookie(_cookie(), asked, max_age=31_536_000, samesite="Lax", httponly=True, secure=secure)
        if "texts" in g:
            response.vary.update(("Accept-Language", "Cookie"))
        return response
