"""The screen of two scales that changed places."""

from fieldapp.scan.finder import LabelFinder
from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Heading

__all__ = ["Heading", "LabelFinder", "SwapScreen"]

load_kv(__file__)


class SwapScreen(Screen):
    """Shows a ``SwapViewModel``."""
