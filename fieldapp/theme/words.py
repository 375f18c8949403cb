"""A label for sentences: it wraps as Chinese is written and is as high as its text."""

from collections.abc import Callable
from typing import Any

from kivy.core.text import Label as TextTexture
from kivy.core.text import LabelBase
from kivy.uix.label import Label

from fieldapp.theme.kv import load_kv
from fieldapp.theme.line_breaks import break_lines

load_kv(__file__)

SMALLEST = 0.75  # of its size, to bring a text into its line
_widths: dict[tuple[str, bool, float], dict[str, float]] = {}


def measuring(label: LabelBase) -> Callable[[str], float]:
    """Return what tells how wide a text would be; single characters, each asked of the font once per size."""
    options = label.options
    known = _widths.setdefault((options["font_name"], options["bold"], options["font_size"]), {})

    def measure(piece: str) -> float:
        for character in piece:
            if character not in known:
                known[character] = label.get_extents(character)[0]
        return sum(known[character] for character in piece)

    return measure


def fitting(text: str, room: float, size: float, **font: Any) -> float:
    """Return the size at which a text fits into a line of a font; its own size where no size does."""
    sizes = (size, *range(int(size), int(SMALLEST * size), -1))
    fit = (one for one in sizes if measuring(TextTexture(font_size=one, **font))(text) <= room)
    return next(fit, size)


class Words(Label):
    """``text`` stays as it was given; only what is drawn has the line breaks."""

    def texture_update(self, *largs: Any) -> None:
        """Draw the text broken into lines of the label's width."""
        width = self.text_size[0]
        room = width - self.padding[0] - self.padding[2] if width else 0
        self._label.text = break_lines(self.text, room, measuring(self._label)) if room > 0 else self.text
        super().texture_update(*largs)
