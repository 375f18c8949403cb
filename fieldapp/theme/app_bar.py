"""The head of a screen: the way back, what this is, and at most one action."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words

__all__ = ["AppBar", "StateShape", "Words"]


class GlyphButton(ButtonBehavior, StateShape):
    """A glyph to press; the place to touch is 48 dp even where the drawing is smaller."""


class TextButton(ButtonBehavior, Label):
    """A word to press."""


load_kv(__file__)


class AppBar(BoxLayout):
    """``title`` wraps rather than be cut; ``second`` is a smaller line under it. Emits ``on_back``, ``on_action``."""

    __events__ = ("on_back", "on_action")

    title = StringProperty("")
    second = StringProperty("")
    has_back = BooleanProperty(False)
    action_text = StringProperty("")

    def on_back(self) -> None:
        """The person wants to go back."""

    def on_action(self) -> None:
        """The person chose the action."""
