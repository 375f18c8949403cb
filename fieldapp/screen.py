"""What every screen is: a page that shows one viewmodel."""

from __future__ import annotations

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView

from fieldapp.theme.app_bar import AppBar
from fieldapp.theme.big_button import BigButton
from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.maybe import Maybe
from fieldapp.widgets.notice import Notice
from fieldapp.widgets.panel import Panel

__all__ = ["AppBar", "BigButton", "Column", "Maybe", "Notice", "Panel", "Screen"]

load_kv(__file__)


class Screen(BoxLayout):
    """Made once with its first viewmodel, and shown again with the next; a screen made without one fails at once."""

    vm = ObjectProperty(rebind=True)

    def opened(self) -> None:
        """The screen is shown, from its top."""
        for widget in self.walk(restrict=True):
            if isinstance(widget, ScrollView):
                widget.scroll_y = 1

    def closed(self) -> None:
        """The screen is left."""
