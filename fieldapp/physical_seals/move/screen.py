"""The screen of what happened to one seal."""

from kivy.properties import ColorProperty

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["Choices", "Field", "Heading", "Said", "Scrolled", "SealMoveScreen"]


class Said(Words):
    """What is said at a field; no height while there is nothing to say."""


load_kv(__file__)


class SealMoveScreen(Screen):
    """Shows a ``SealMoveViewModel``; ``tone`` is the color of what is said at a field."""

    tone = ColorProperty()
