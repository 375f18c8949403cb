"""The screen of one record."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.named_lines import NamedLines
from fieldapp.widgets.panel import Scrolled

__all__ = ["NamedLines", "RecordScreen", "Scrolled", "VerdictStrip"]

load_kv(__file__)


class RecordScreen(Screen):
    """Shows a ``RecordViewModel``."""
