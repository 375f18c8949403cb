"""A part of a page that is there only sometimes: while it is not, it takes no room and no touch."""

from typing import Any

from kivy.properties import BooleanProperty

from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Maybe(Column):
    """``is_there`` shows what it holds. Kivy's own ``opacity`` and ``disabled`` would still swallow touches."""

    is_there = BooleanProperty(True)

    def on_touch_down(self, touch: Any) -> bool:
        """Take a touch only while there."""
        return bool(self.is_there and super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        """Take a touch only while there."""
        return bool(self.is_there and super().on_touch_move(touch))

    def on_touch_up(self, touch: Any) -> bool:
        """Take a touch only while there."""
        return bool(self.is_there and super().on_touch_up(touch))
