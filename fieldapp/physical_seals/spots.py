"""The positions of an instrument under each other: what stands at each, and a chip for each thing that can happen."""

from typing import Any

from kivy.properties import DictProperty, ListProperty

from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words
from fieldapp.widgets.choices import Choices
from fieldapp.widgets.panel import Panel

__all__ = ["Choices", "Spots", "StateShape", "Words"]

load_kv(__file__)

EMPTY = {"key": "", "name": "", "shape": "", "tone": "ink", "state": "", "second": "", "draft": "", "choices": []}


class Spots(Column):
    """``spots`` are those of a ``PhysicalSealsViewModel``. Emits ``on_choose`` with the position and the act tapped."""

    __events__ = ("on_choose",)

    spots = ListProperty()

    def on_spots(self, *_change: object) -> None:
        """Show one panel for each."""
        self.clear_widgets()
        for spot in self.spots:
            panel = Spot(spot=spot)
            panel.fbind("on_choose", self._tapped)
            self.add_widget(panel)

    def _tapped(self, panel: Any, act: str) -> None:
        self.dispatch("on_choose", panel.spot["key"], act)

    def on_choose(self, position: str, act: str) -> None:
        """What happens at a position was tapped."""


class Spot(Panel):
    """One position; emits ``on_choose`` with the act tapped."""

    __events__ = ("on_choose",)

    spot = DictProperty(EMPTY)

    def on_choose(self, act: str) -> None:
        """What happens here was tapped."""
