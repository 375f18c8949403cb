"""The screen of the stalls of a place."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.field import Field
from fieldapp.widgets.panel import Heading, Scrolled
from fieldapp.widgets.row_list import RowList

__all__ = ["Choices", "Field", "Heading", "RowList", "Scrolled", "StallScreen"]

load_kv(__file__)


class StallScreen(Screen):
    """Shows a ``StallViewModel``."""
