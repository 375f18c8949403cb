"""The screen of one instrument."""

from fieldapp.screen import Screen
from fieldapp.theme.chip import Chip
from fieldapp.theme.due_arc import DueArc
from fieldapp.theme.kv import load_kv
from fieldapp.theme.verdict_strip import VerdictStrip
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.named_lines import NamedLines
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.picture import Picture

__all__ = ["CardScreen", "Chip", "Choices", "DueArc", "NamedLines", "Picture", "Scrolled", "VerdictStrip"]

load_kv(__file__)


class CardScreen(Screen):
    """Shows a ``CardViewModel``."""
