"""The one large button of a screen, and its quieter brothers."""

from kivy.properties import ColorProperty, OptionProperty
from kivy.uix.behaviors import ButtonBehavior

from fieldapp.theme.face import face
from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words, fitting

load_kv(__file__)


class BigButton(ButtonBehavior, Words):
    """Press with a glove: at least 56 dp high, higher when its text wraps. ``on_release`` is the event.

    A text that is a little too long for its line is written smaller; only a much longer one wraps.

    ``style``: ``filled`` for the step that comes next, ``quiet`` for another way, ``warning`` for undoing;
    ``paint`` and ``fill`` follow from it.
    """

    style = OptionProperty("filled", options=("filled", "quiet", "warning"))
    paint = ColorProperty()
    fill = ColorProperty()

    def fitted(self, text: str, room: float, size: float) -> float:
        """Return the size of the text in a line of this room."""
        return fitting(text, room, size, font_name=face.font, bold=True)
