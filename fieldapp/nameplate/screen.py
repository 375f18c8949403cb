"""The screen of a nameplate."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["Choices", "Heading", "NameplateScreen", "Scrolled"]

load_kv(__file__)


class NameplateScreen(Screen):
    """Shows a ``NameplateViewModel``."""
