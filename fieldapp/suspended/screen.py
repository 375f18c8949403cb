"""The screen of a suspended phone."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["Heading", "Scrolled", "StateShape", "SuspendedScreen", "Words"]

load_kv(__file__)


class SuspendedScreen(Screen):
    """Shows a ``SuspendedViewModel``."""
