"""One of a few things to choose from, side by side."""

from kivy.properties import BooleanProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Chip(ButtonBehavior, Label):
    """Filled when ``chosen``; whoever owns the chips decides which one is, on ``on_release``."""

    chosen = BooleanProperty(False)
