"""The screen of two scales that changed places."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Heading
from fieldapp.widgets.viewfinder import Viewfinder

__all__ = ["Heading", "SwapScreen", "Viewfinder"]

load_kv(__file__)


class SwapScreen(Screen):
    """Shows a ``SwapViewModel``."""
