"""The screen on which a visit begins."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Heading, Scrolled
from fieldapp.widgets.tick_row import TickRow

__all__ = ["Choices", "Field", "Heading", "Scrolled", "StartScreen", "TickRow"]

load_kv(__file__)


class StartScreen(Screen):
    """Shows a ``StartViewModel``."""
