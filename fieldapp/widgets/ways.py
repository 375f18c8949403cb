"""A few ways to go on, as big buttons under each other: what a chip is too small for."""

from typing import Any

from kivy.properties import ListProperty

from fieldapp.theme.big_button import BigButton
from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Ways(Column):
    """``choices`` are mappings of ``key``, ``text`` and ``chosen``. Emits ``on_choose`` with the key tapped."""

    __events__ = ("on_choose",)

    choices = ListProperty()

    def on_choices(self, *_change: object) -> None:
        """Show one button for each."""
        self.clear_widgets()
        for choice in self.choices:
            button = WayButton(key=choice["key"], text=choice["text"])
            button.style = "filled" if choice["chosen"] else "quiet"
            button.fbind("on_release", self._tapped)
            self.add_widget(button)

    def _tapped(self, button: Any) -> None:
        self.dispatch("on_choose", button.key)

    def on_choose(self, key: str) -> None:
        """A way was tapped."""


class WayButton(BigButton):
    """A button that knows what it stands for."""

    def __init__(self, key: str, **properties: Any) -> None:
        super().__init__(**properties)
        self.key = key
