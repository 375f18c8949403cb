"""The screen that scans."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.field import Field
from fieldapp.widgets.viewfinder import Viewfinder

__all__ = ["Field", "ScanScreen", "VerdictStrip", "Viewfinder"]

load_kv(__file__)


class ScanScreen(Screen):
    """Shows a ``ScanViewModel``."""
