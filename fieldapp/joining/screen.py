"""The screen of registration and first download."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words
from fieldapp.widgets.panel import Scrolled

__all__ = ["JoiningScreen", "Scrolled", "StateShape", "Words"]

load_kv(__file__)


class JoiningScreen(Screen):
    """Shows a ``JoiningViewModel``."""
