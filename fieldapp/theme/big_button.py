"""The one large button of a screen, and its quieter brothers."""

from kivy.properties import ColorProperty, OptionProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from fieldapp.theme.kv import load_kv

load_kv(__file__)


class BigButton(ButtonBehavior, Label):
    """Press with a glove: at least 56 dp high, higher when its text wraps. ``on_release`` is the event.

    ``style``: ``filled`` for the step that comes next, ``quiet`` for another way, ``warning`` for undoing;
    ``paint`` and ``fill`` follow from it.
    """

    style = OptionProperty("filled", options=("filled", "quiet", "warning"))
    paint = ColorProperty()
    fill = ColorProperty()
