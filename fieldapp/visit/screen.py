"""The screen of a running visit."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_box import StateBox
from fieldapp.widgets.row_list import RowList

__all__ = ["RowList", "StateBox", "VisitScreen"]

load_kv(__file__)


class VisitScreen(Screen):
    """Shows a ``VisitViewModel``."""
