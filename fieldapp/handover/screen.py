"""The screen on which handing over is agreed to."""

from fieldapp.pin.trying_screen import TryingScreen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.pin_pad import PinPad

__all__ = ["HandoverScreen", "PinPad", "Scrolled"]

load_kv(__file__)


class HandoverScreen(TryingScreen):
    """Shows a ``HandoverViewModel``."""
