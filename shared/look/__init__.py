"""One face for phone, page, desk and paper.

``tokens.json`` holds every colour and measure, ``shapes.json`` every drawn shape. The Kivy theme, the
style sheets, the SVG and the PDF drawings are all made from these two files, so a state looks the same
wherever it is met. A state is never told by colour alone: its shape says it too.
"""

from shared.look.margin import MarginScale, margin_scale
from shared.look.shapes import Outline, Paint, Shape, load_shapes
from shared.look.tokens import Palette, Tokens, Tone, load_tokens

__all__ = [
    "MarginScale",
    "Outline",
    "Paint",
    "Palette",
    "Shape",
    "Tokens",
    "Tone",
    "load_shapes",
    "load_tokens",
    "margin_scale",
]
