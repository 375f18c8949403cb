"""The screen with the camera of a labelling day."""

from fieldapp.scan.finder import LabelFinder
from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip

__all__ = ["AimScreen", "LabelFinder", "VerdictStrip"]

load_kv(__file__)


class AimScreen(Screen):
    """Shows an ``AimViewModel``."""
