"""The screen that scans."""

from fieldapp.scan.outlined import OutlinedFinder
from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.few_rows import FewRows
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Scrolled

__all__ = ["FewRows", "Field", "OutlinedFinder", "ScanScreen", "Scrolled", "VerdictStrip"]

load_kv(__file__)


class ScanScreen(Screen):
    """Shows a ``ScanViewModel``."""
