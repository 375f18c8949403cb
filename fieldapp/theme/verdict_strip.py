"""The verdict strip: shape, word, one sentence, margin bar."""

from kivy.properties import NumericProperty, StringProperty

from fieldapp.theme.column import Column
from fieldapp.theme.face import face
from fieldapp.theme.kv import load_kv
from fieldapp.theme.line_breaks import phrase_lines
from fieldapp.theme.margin_bar import MarginBar
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words
from shared.look.shapes import load_shapes

__all__ = ["MarginBar", "StateShape", "VerdictStrip", "Words"]

load_kv(__file__)

LAST_LATIN = 0x2E7F


class VerdictStrip(Column):
    """``code`` is a verdict, a label verdict or a shape's name.

    ``limit`` 0 hides the margin bar. The word is as large as its length allows.
    """

    code = StringProperty("unknown")
    word = StringProperty("")
    sentence = StringProperty("")
    value = NumericProperty(0)
    limit = NumericProperty(0)
    uncertainty = NumericProperty(0)
    low_text = StringProperty("")
    high_text = StringProperty("")
    word_size = NumericProperty(0)
    word_lines = StringProperty("")
    tone = StringProperty("unknown")

    def on_code(self, _strip: object, code: str) -> None:
        """Take the tone of the shape; KeyError for a code nobody defined."""
        self.tone = load_shapes().of_state(code).tone

    def on_kv_post(self, _base: object) -> None:
        """Choose the size of the word again whenever the room for it changes."""
        self.bind(width=self.fit_word, word=self.fit_word)
        face.bind(reading=self.fit_word)
        self.fit_word()

    def fit_word(self, *_change: object) -> None:
        """Draw the word in the largest size in which it fits on one line, or else on two whole phrases."""
        for size, most in ((face.reading, 1), (face.headline, 2), (face.title, 2)):
            lines = phrase_lines(self.word, self._room(size) / size, _ems)
            if lines and len(lines) <= most:
                self.word_size, self.word_lines = size, "\n".join(lines)
                return
        self.word_size, self.word_lines = face.title, self.word

    def shape_side(self, word_size: float) -> float:
        """Return how large the shape is beside a word of some size."""
        return float(face.headline * (1.6 if word_size == face.reading else 1.3))

    def _room(self, word_size: float) -> float:
        """Return how wide a word of some size may be."""
        left, _, right, _ = self.padding
        spacing = self.ids.shape.parent.spacing
        return float(self.width - left - right - spacing - self.shape_side(word_size))


def _ems(word: str) -> float:
    """Return the width of a word in multiples of its size: a Chinese character is one, a Latin one about half."""
    return sum(1.0 if ord(character) > LAST_LATIN else 0.6 for character in word)
