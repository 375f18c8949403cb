"""The sign-in screen."""

from fieldapp.pin.trying_screen import TryingScreen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.pin_pad import PinPad

__all__ = ["PinPad", "Scrolled", "SignInScreen"]

load_kv(__file__)


class SignInScreen(TryingScreen):
    """Shows a ``SignInViewModel``."""
