"""The screen of the outbox."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_box import StateBox
from fieldapp.widgets.notices import Notices
from fieldapp.widgets.row_list import RowList

__all__ = ["Notices", "OutboxScreen", "RowList", "StateBox"]

load_kv(__file__)


class OutboxScreen(Screen):
    """Shows an ``OutboxViewModel``."""
