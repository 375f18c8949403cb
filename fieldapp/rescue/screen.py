"""The screen of the rescue."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.few_rows import FewRows
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["FewRows", "Heading", "RescueScreen", "Scrolled"]

load_kv(__file__)


class RescueScreen(Screen):
    """Shows a ``RescueViewModel``."""
