"""A sentence that must be seen, above what it concerns; gone when it is empty."""

from kivy.properties import StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words

__all__ = ["Notice", "StateShape", "Words"]

load_kv(__file__)


class Notice(ButtonBehavior, BoxLayout):
    """``shape`` and ``tone`` say what kind of notice it is; ``action`` is a word at its right end."""

    text = StringProperty("")
    shape = StringProperty("indeterminate")
    tone = StringProperty("indeterminate")
    action = StringProperty("")
