"""Shapes as inline SVG.

A drawing takes its colour from the text around it (``currentColor``) or from a class that ``parts.css``
colours. It carries no style attribute and no colour, so a strict Content-Security-Policy holds and dark mode
needs no second drawing.
"""

from functools import lru_cache

from markupsafe import Markup

from shared.look import Shape, load_tokens
from shared.look.shapes import BOX, load_shapes

SIDE = 24


@lru_cache(maxsize=256)
def shape_svg(name: str, size: int = SIDE, label: str | None = None) -> Markup:
    """Draw a state shape, the shape of a verdict code, or a glyph; ``size`` is in CSS pixels at normal text size.

    With a ``label`` a screen reader speaks it; without one the drawing is hidden from it, because the words
    beside it say the same.
    """
    return _drawing(load_shapes().named(name), size, label)


@lru_cache(maxsize=32)
def mark_svg(size: int = SIDE, label: str | None = None) -> Markup:
    """Draw the steelyard mark of the product in the colour of the text around it."""
    return _drawing(load_shapes().mark, size, label)


def icon_svg() -> str:
    """Return the mark on brand jade as a document of its own, for the favicon and the app's icon."""
    palette = load_tokens().light
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-6 -6 36 36">'
        f'<rect x="-6" y="-6" width="36" height="36" rx="8" fill="{palette.brand}"/>'
        f'<path fill-rule="evenodd" fill="{palette.text_on_brand}" d="{path_of(load_shapes().mark)}"/></svg>\n'
    )


def tone_of(name: str) -> str:
    """Return the tone of a state, a verdict code or a label verdict; ``ink`` for glyphs and the mark."""
    tone = load_shapes().named(name).tone
    return tone.value if tone else "ink"


def path_of(shape: Shape) -> str:
    """Return SVG path data in a 24 x 24 box, to be filled by the even-odd rule."""
    unit = BOX // SIDE
    return "".join(
        "M" + " ".join(f"{x / unit:g} {y / unit:g}" for x, y in outline.points) + "Z" for outline in shape.outlines
    )


def extent(size: int) -> Markup:
    """Return width and height in rem, so that a drawing grows with large print."""
    return Markup('width="{0}rem" height="{0}rem"').format(f"{size / 16:g}")


def speech(label: str | None) -> Markup:
    """Return the attributes that speak a label, or that hide a drawing from screen readers."""
    if label is None:
        return Markup('aria-hidden="true"')
    return Markup('role="img" aria-label="{}"').format(label)


def _drawing(shape: Shape, size: int, label: str | None) -> Markup:
    return Markup(
        '<svg class="shape" {} viewBox="0 0 24 24" fill="currentColor" {}><path fill-rule="evenodd" d="{}"/></svg>'
    ).format(extent(size), speech(label), path_of(shape))
