"""The screen of a serial and its stall."""

from fieldapp.screen import Screen
from fieldapp.theme.chip import Chip
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.digit_pad import DigitPad
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.ways import Ways

__all__ = ["Chip", "DigitPad", "Field", "NumberScreen", "Scrolled", "VerdictStrip", "Ways"]

load_kv(__file__)


class NumberScreen(Screen):
    """Shows a ``NumberViewModel``."""
