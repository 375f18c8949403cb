"""The screen with the camera of a labelling day."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.viewfinder import Viewfinder

__all__ = ["AimScreen", "VerdictStrip", "Viewfinder"]

load_kv(__file__)


class AimScreen(Screen):
    """Shows an ``AimViewModel``."""
