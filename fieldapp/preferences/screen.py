"""The screen of preferences."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.panel import Heading, Scrolled

__all__ = ["Choices", "Heading", "PreferencesScreen", "Scrolled"]

load_kv(__file__)


class PreferencesScreen(Screen):
    """Shows a ``PreferencesViewModel``."""
