"""A sentence with a box to tick, as wide as the screen so that a gloved finger finds it."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words

__all__ = ["StateShape", "TickRow", "Words"]

load_kv(__file__)


class TickRow(ButtonBehavior, BoxLayout):
    """``ticked`` turns over at each tap."""

    text = StringProperty("")
    ticked = BooleanProperty(False)

    def on_release(self) -> None:
        """Turn the tick over."""
        self.ticked = not self.ticked
