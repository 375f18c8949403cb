"""A few things to choose from, as chips that wrap onto as many lines as they need."""

from typing import Any

from kivy.properties import ListProperty
from kivy.uix.stacklayout import StackLayout

from fieldapp.theme.chip import Chip
from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Choices(StackLayout):
    """``choices`` are mappings of ``key``, ``text`` and ``chosen``. Emits ``on_choose`` with the key tapped."""

    __events__ = ("on_choose",)

    choices = ListProperty()

    def on_choices(self, *_change: object) -> None:
        """Show the choices; chips that stay are only marked anew."""
        keys = [choice["key"] for choice in self.choices]
        if [chip.key for chip in reversed(self.children)] != keys:
            self._build(keys)
        for chip, choice in zip(reversed(self.children), self.choices, strict=True):
            chip.text, chip.chosen = choice["text"], choice["chosen"]

    def _build(self, keys: list[str]) -> None:
        self.clear_widgets()
        for key in keys:
            chip = ChoiceChip(key=key)
            chip.fbind("on_release", self._tapped)
            self.add_widget(chip)

    def _tapped(self, chip: Any) -> None:
        self.dispatch("on_choose", chip.key)

    def on_choose(self, key: str) -> None:
        """A choice was tapped."""


class ChoiceChip(Chip):
    """A chip that knows what it stands for."""

    def __init__(self, key: str, **properties: Any) -> None:
        super().__init__(**properties)
        self.key = key
