"""The look on pages: one style sheet of custom properties, and drawings for every template.

All colours and measures come from ``shared/look/tokens.json``. ``static/css/tokens.css`` is what ``tokens_css``
returns, kept in the tree so that it is served like any style sheet; a test compares the two. After a change:
``python -c "from server.look import tokens_css; print(tokens_css(), end='')" > server/static/css/tokens.css``.
"""

import re
from dataclasses import asdict
from fractions import Fraction

from flask import Flask
from markupsafe import Markup, escape

from server.look_bars import due_arc_svg, fade_line_svg, margin_bar_svg
from server.look_svg import icon_svg, mark_svg, shape_svg, tone_of
from shared.look import Palette, load_tokens

__all__ = [
    "due_arc_svg",
    "fade_line_svg",
    "icon_svg",
    "keep_dates",
    "margin_bar_svg",
    "mark_svg",
    "register",
    "shape_svg",
    "token_colour",
    "tokens_css",
    "tone_of",
]

PX_PER_REM = 16
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def register(app: Flask) -> None:
    """Give every template the functions of this module under their own names, and the filter ``keep_dates``."""
    functions = (shape_svg, mark_svg, margin_bar_svg, due_arc_svg, fade_line_svg, tone_of, token_colour, tokens_css)
    app.jinja_env.globals.update({function.__name__: function for function in functions})
    app.jinja_env.filters["keep_dates"] = keep_dates


def keep_dates(text: str) -> Markup:
    """Put each date of a sentence into ``<time>``, so that no line ends inside it.

    >>> keep_dates("有效期至 2027-03-01 <")
    Markup('有效期至 <time>2027-03-01</time> &lt;')
    """
    return Markup(DATE.sub(r"<time>\g<0></time>", str(escape(text))))  # noqa: S704 - the text is escaped first


def token_colour(name: str, scheme: str = "light") -> str:
    """Return one colour for places that no style sheet reaches, such as the theme colour of a browser's frame."""
    tokens = load_tokens()
    return (tokens.dark if scheme == "dark" else tokens.light).named()[name]


def tokens_css() -> str:
    """Return the custom properties: light; dark where the system or ``data-theme`` asks; always light on paper."""
    tokens = load_tokens()
    dark = _coat(tokens.dark, "dark")
    return (
        "/* Made from shared/look/tokens.json by server/look.py: change it there. */\n"
        f":root{{{_coat(tokens.light, 'light')};{_measures()}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
    )


def _coat(palette: Palette, scheme: str) -> str:
    rows = (f"--{name.replace('_', '-')}:{colour}" for name, colour in palette.named().items())
    return f"color-scheme:{scheme};" + ";".join(rows)


def _measures() -> str:
    """Return the measures in rem, so that large print enlarges touch targets and gaps with the text."""
    tokens = load_tokens()
    lengths = {f"text-{name}": size for name, size in asdict(tokens.sizes).items()}
    lengths |= {"space": tokens.space_dp, "touch": tokens.touch_dp, "key": tokens.key_dp, "corner": tokens.corner_dp}
    rows = [f"--{name}:{_rem(length)}" for name, length in lengths.items()]
    rows += [f"--weight-{name}:{weight}" for name, weight in asdict(tokens.weights).items()]
    rows += [f"--motion:{tokens.motion_ms}ms", f"--measure:{tokens.line_characters}em"]
    return ";".join(rows)


def _rem(px: int) -> str:
    return f"{float(Fraction(px, PX_PER_REM)):g}rem"
