"""The screen on which a package of another phone is taken over."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_box import StateBox
from fieldapp.widgets.viewfinder import Viewfinder

__all__ = ["CarryScreen", "StateBox", "Viewfinder"]

load_kv(__file__)


class CarryScreen(Screen):
    """Shows a ``CarryViewModel``."""
