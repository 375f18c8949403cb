"""A list of plain rows that only builds what is seen."""

from kivy.properties import ListProperty
from kivy.uix.recycleboxlayout import RecycleBoxLayout
from kivy.uix.recycleview import RecycleView

from fieldapp.theme.kv import load_kv
from fieldapp.theme.plain_row import PlainRow

__all__ = ["PlainRow", "RecycleBoxLayout", "RowList"]

load_kv(__file__)


class RowList(RecycleView):
    """``rows`` are the data of ``PlainRow``."""

    rows = ListProperty()
