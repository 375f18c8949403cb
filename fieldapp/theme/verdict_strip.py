"""The verdict strip: shape, word, one sentence, margin bar."""

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from fieldapp.theme.face import face
from fieldapp.theme.kv import load_kv
from fieldapp.theme.margin_bar import MarginBar
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words
from shared.look.shapes import load_shapes

__all__ = ["MarginBar", "StateShape", "VerdictStrip", "Words"]

load_kv(__file__)

LAST_LATIN = 0x2E7F


class VerdictStrip(BoxLayout):
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
    tone = StringProperty("unknown")

    def on_code(self, _strip: object, code: str) -> None:
        """Take the tone of the shape; KeyError for a code nobody defined."""
        self.tone = load_shapes().of_state(code).tone

    def on_kv_post(self, _base: object) -> None:
        """Choose the size of the word again whenever the room for it changes."""
        self.ids.word.bind(width=self.fit_word, text=self.fit_word)
        face.bind(reading=self.fit_word)
        self.fit_word()

    def fit_word(self, *_change: object) -> None:
        """Draw the word in the largest size in which it stays on one line, or else on two, or else smaller."""
        room, ems = self.ids.word.width, _ems(self.word)
        fitting = (size for size, lines in ((face.reading, 1), (face.headline, 2)) if ems * size <= lines * room)
        self.word_size = next(fitting, face.title)


def _ems(word: str) -> float:
    """Return the width of a word in multiples of its size: a Chinese character is one, a Latin one about half."""
    return sum(1.0 if ord(character) > LAST_LATIN else 0.6 for character in word)
