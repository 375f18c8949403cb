"""Margin bar, due arc and fade line as inline SVG; ``parts.css`` gives the classes their colours.

Positions come from ``shared.look.margin``; here they only become coordinates on a page.
"""

from fractions import Fraction
from functools import lru_cache

from markupsafe import Markup

from server.look_svg import extent, speech, tone_of
from shared.look import MarginScale, margin_scale
from shared.look.margin import END

MIDDLE, HALF, RULE, WIDTH, HEIGHT = 160, 146, 34, 320, 64
TICKS = range(-END, END + 1, END // 8)

Share = Fraction | float


def margin_bar_svg(
    value: int,
    limit: int,
    uncertainty: int = 0,
    *,
    tone: str = "unknown",
    label: str | None = None,
    low_text: str = "",
    high_text: str = "",
    is_one_sided: bool = False,
) -> Markup:
    """Draw the margin bar: zero in the middle, limits as brass marks, the needle in its soft band.

    ``tone`` is a verdict code and colours the needle alone. Off the scale the needle becomes an arrow at that
    end. ``label`` is the reading in words; the two texts stand under the limit marks, ``0`` under the middle.
    ``is_one_sided``: too little has no limit, so only the right one is marked.
    """
    scale = margin_scale(value=value, limit=limit, uncertainty=uncertainty)
    parts = (
        _rule(),
        _band(scale),
        _limits(scale, (1,) if is_one_sided else (-1, 1)),
        _texts(scale, low_text, high_text),
        _needle(scale),
    )
    return Markup('<svg class="margin-bar" data-tone="{}" viewBox="0 0 {} {}" {}>{}</svg>').format(
        tone_of(tone), WIDTH, HEIGHT, speech(label), Markup("").join(parts)
    )


def due_arc_svg(fraction: Share, *, tone: str = "within", size: int = 40, label: str | None = None) -> Markup:
    """Draw the share of time that is left as an arc that empties; below 0 and above 1 are drawn as 0 and 1."""
    return _due_arc(_percent(fraction), tone, size, label)


@lru_cache(maxsize=1_000)
def _due_arc(left: int, tone: str, size: int, label: str | None) -> Markup:
    return Markup(
        '<svg class="due-arc{}" data-tone="{}" {} viewBox="0 0 24 24" {}>'
        '<circle class="arc-track" cx="12" cy="12" r="9"/>{}</svg>'
    ).format("" if left else " spent", tone_of(tone), extent(size), speech(label), _arc(left))


def fade_line_svg(fraction: Share) -> Markup:
    """Draw how much of a credit term still counts, as a thin line that shortens."""
    return Markup(
        '<svg class="fade-line" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="fade-track" width="100" height="2"/><rect class="fade-left" width="{}" height="2"/></svg>'
    ).format(_percent(fraction))


def _percent(fraction: Share) -> int:
    """Return whole per cent; a remainder too small to see still shows as one per cent."""
    if isinstance(fraction, float):
        return max(1, min(100, int(fraction * 100))) if fraction > 0 else 0
    hundredfold = fraction.numerator * 100
    return max(1, min(100, hundredfold // fraction.denominator)) if hundredfold > 0 else 0


def _x(position: int) -> str:
    return f"{MIDDLE + position * HALF / END:g}"


def _arc(left: int) -> Markup:
    """An empty arc is left out: a dash of no length would still show its round end."""
    circle = Markup('<circle class="arc-left" cx="12" cy="12" r="9" pathLength="100" stroke-dasharray="{} 100"/>')
    return circle.format(left) if left else Markup("")


def _path(css_class: str, d: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(css_class, d)


def _rule() -> Markup:
    ticks = "".join(f"M{_x(tick)} {RULE}v-{10 if tick == 0 else 5}" for tick in TICKS)
    return _path("bar-rule", f"M{_x(-END)} {RULE}H{_x(END)}{ticks}")


def _band(scale: MarginScale) -> Markup:
    low, high = scale.band
    return _path("bar-band", f"M{_x(low)} 8H{_x(high)}V{RULE}H{_x(low)}z")


def _limits(scale: MarginScale, sides: tuple[int, ...]) -> Markup:
    return _path("bar-limit", "".join(f"M{_x(side * scale.limit)} {RULE + 6}v-24" for side in sides))


def _texts(scale: MarginScale, low_text: str, high_text: str) -> Markup:
    row = Markup('<text class="bar-text" x="{}" y="58">{}</text>')
    places = ((-scale.limit, low_text), (0, "0"), (scale.limit, high_text))
    return Markup("").join(row.format(_x(place), text) for place, text in places if text)


def _needle(scale: MarginScale) -> Markup:
    if not scale.is_off_scale:
        return _path("bar-needle", f"M{_x(scale.needle)} {RULE}v-24l-5 -8h10l-5 8")
    side = 1 if scale.needle > 0 else -1
    return _path("bar-needle off-scale", f"M{_x(side * END)} {RULE - 14}m{side * 12} 0l{-side * 14} -10v20z")
