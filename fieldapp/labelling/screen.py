"""The screen of a labelling day."""

from fieldapp.screen import Screen
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_box import StateBox
from fieldapp.widgets.row_list import RowList

__all__ = ["LabellingScreen", "RowList", "StateBox"]

load_kv(__file__)


class LabellingScreen(Screen):
    """Shows a ``LabellingViewModel``."""
