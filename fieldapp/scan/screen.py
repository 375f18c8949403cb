"""The screen that scans."""

from fieldapp.scan.finder import LabelFinder
from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.field import Field

__all__ = ["Field", "LabelFinder", "ScanScreen", "VerdictStrip"]

load_kv(__file__)


class ScanScreen(Screen):
    """Shows a ``ScanViewModel``."""
