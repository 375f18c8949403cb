"""Several notices under each other; when they are many they scroll, so that what they stand above is still seen."""

from typing import Any

from kivy.properties import NumericProperty
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.notice import Notice

__all__ = ["Notice", "Notices"]

load_kv(__file__)


class Notices(ScrollView):
    """As high as its notices, but at most ``most``."""

    most = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._column = Column(size_hint_y=None, height=0)
        self._column.bind(minimum_height=self._column.setter("height"), height=self._fit)
        self.fbind("most", self._fit)
        super().add_widget(self._column)
        self._fit()

    def add_widget(self, widget: Widget, *args: Any, **options: Any) -> None:
        """Put a notice under the others."""
        self._column.add_widget(widget)

    def _fit(self, *_change: object) -> None:
        self.height = min(self._column.height, self.most)
