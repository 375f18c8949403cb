"""What the layouts of all pages share: style sheets to write into a page, the other language, local times."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, request
from markupsafe import Markup

from server.language import current
from shared import sentences
from shared.dates import SHANGHAI, civil_day

SHEETS = Path(__file__).parent / "static" / "css"


def register(app: Flask) -> None:
    """Give every template the functions of this module."""
    app.jinja_env.globals.update(style_sheets=style_sheets, other_language=other_language, other_size=other_size)
    app.jinja_env.filters.update(clock_time=clock_time, moment=moment, civil=civil_day, kg=kg, g=g)


@cache
def style_sheets(*names: str) -> Markup:
    """Return some of our own style sheets as text: a page for everyone then costs one request."""
    return Markup("".join((SHEETS / f"{name}.css").read_text("utf-8") for name in names))  # noqa: S704 - our files


def other_language() -> str:
    """Return the query that shows this page in the other language; relative, so it cannot lead to another host."""
    language = "zh-CN" if current().language == "en" else "en"
    return "?" + urlencode(request.args.to_dict() | {"lang": language})


def other_size(is_large: bool) -> str:
    """Return the query that shows this page in large print, or as before; relative, as the other language is."""
    asked = {name: value for name, value in request.args.items() if name != "print"}
    return "?" + urlencode(asked if is_large else asked | {"print": "large"})


def kg(mg: int, d_mg: int = 1) -> str:
    """Write a mass in kilograms, in the language of the page."""
    return sentences.kilograms(current(), mg, d_mg)


def g(mg: int) -> str:
    """Write a small mass in grams, in the language of the page."""
    return sentences.grams(current(), mg)


def clock_time(at: datetime) -> str:
    """Write the time of day in Shanghai.

    >>> from shared.dates import parse_instant
    >>> clock_time(parse_instant("2026-11-21T02:05:00Z"))
    '10:05'
    """
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def moment(at: datetime) -> str:
    """Write day and time of day in Shanghai.

    >>> from shared.dates import parse_instant
    >>> moment(parse_instant("2026-11-21T16:05:00Z"))
    '2026-11-22 00:05'
    """
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
