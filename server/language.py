"""The language of an answer: Simplified Chinese unless the person asks for English, by link, cookie or browser."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request

from shared import texts


def _cookie() -> str:
    """Return the cookie's name: bound to this host wherever there is HTTPS."""
    return "__Host-language" if current_app.extensions["dingpan"].settings.cookies_are_secure else "language"


def current() -> texts.Texts:
    """Return the catalogue of this request; Simplified Chinese outside of one."""
    if not request:
        return texts.load(texts.DEFAULT, "server")
    if "texts" not in g:
        g.texts = texts.load(_language(), "server")
    chosen: texts.Texts = g.texts
    return chosen


def t(key: str, **values: object) -> str:
    """Return one sentence in the language of this request."""
    return current()(key, **values)


def _language() -> str:
    for asked in (request.args.get("lang"), request.cookies.get(_cookie())):
        if asked in texts.LANGUAGES:
            return asked
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], texts.DEFAULT)
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
