"""The screen of a verification."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["Choices", "Field", "Heading", "ResultScreen", "Scrolled"]

load_kv(__file__)


class ResultScreen(Screen):
    """Shows a ``ResultViewModel``."""
