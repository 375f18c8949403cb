"""A label for sentences: it wraps as Chinese is written and is as high as its text."""

from typing import Any

from kivy.uix.label import Label

from fieldapp.theme.kv import load_kv
from fieldapp.theme.line_breaks import break_lines

load_kv(__file__)

_widths: dict[tuple[str, bool, float], dict[str, float]] = {}


class Words(Label):
    """``text`` stays as it was given; only what is drawn has the line breaks."""

    def texture_update(self, *largs: Any) -> None:
        """Draw the text broken into lines of the label's width."""
        width = self.text_size[0]
        self._label.text = break_lines(self.text, width, self._measure) if width else self.text
        super().texture_update(*largs)

    def _measure(self, piece: str) -> float:
        """Add up the widths of single characters, each asked of the font once per size."""
        known = _widths.setdefault((self.font_name, self.bold, self.font_size), {})
        for character in piece:
            if character not in known:
                known[character] = self._label.get_extents(character)[0]
        return sum(known[character] for character in piece)
