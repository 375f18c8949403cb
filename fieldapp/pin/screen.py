"""The screen on which a PIN is chosen."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.pin_pad import PinPad

__all__ = ["PinPad", "PinScreen", "Scrolled"]

load_kv(__file__)


class PinScreen(Screen):
    """Shows a ``PinViewModel``."""
