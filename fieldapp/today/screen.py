"""The screen a day begins with."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_box import StateBox
from fieldapp.widgets.notices import Notices
from fieldapp.widgets.row_list import RowList

__all__ = ["Notices", "RowList", "StateBox", "TodayScreen"]

load_kv(__file__)


class TodayScreen(Screen):
    """Shows a ``TodayViewModel``."""
