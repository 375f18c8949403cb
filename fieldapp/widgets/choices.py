"""A few things to choose from, as chips that wrap onto as many lines as they need.

The lines are as even as can be: of four chips none stands alone under three.
"""

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil
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

    def do_layout(self, *changes: Any) -> None:
        """Leave so much free at the right that the lines become even."""
        widths = [chip.width for chip in reversed(self.children)]
        self.padding = [0, 0, self.width - even_width(widths, gap=self.spacing[0], room=self.width), 0]
        super().do_layout(*changes)

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


def even_width(widths: Sequence[float], *, gap: float, room: float) -> float:
    """Return the least width, in whole pixels, on which chips need no more lines than in all of the room.

    All of the room where a chip is wider than it. Widths, gap and room are pixels.

    >>> even_width([60, 88, 88, 88], gap=8, room=326), even_width([60, 88, 88, 88], gap=8, room=348)
    (184, 348)
    """
    least = ceil(max(widths, default=0))
    if least >= room:
        return room
    count = lines(widths, gap=gap, room=room)
    tried = range(least, int(room) + 1)
    place = bisect_left(tried, True, key=lambda wide: lines(widths, gap=gap, room=wide) <= count)
    return tried[place] if place < len(tried) else room


def lines(widths: Sequence[float], *, gap: float, room: float) -> int:
    """Return how many lines chips need; one that is wider than the room has a line of its own.

    >>> lines([60, 88, 88, 88], gap=8, room=326)
    2
    """
    count, free = 0, 0.0
    for width in widths:
        if not count or free < gap + width:
            count, free = count + 1, room - width
        else:
            free -= gap + width
    return count
