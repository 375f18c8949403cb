"""Things under each other; what has no height takes no gap either.

Parts that are there only sometimes have a height of 0 meanwhile. Kivy's BoxLayout would still put its spacing around
them, and a page would have holes.
"""

from collections.abc import Iterator
from typing import Any

from kivy.uix.boxlayout import BoxLayout


class Column(BoxLayout):
    """A vertical BoxLayout without gaps around what is not there."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**{"orientation": "vertical"} | properties)

    def _iterate_layout(self, sizes: list[Any]) -> Iterator[tuple[Any, ...]]:
        """Lay out only those that have a height; ``sizes`` are (size, size_hint, ...) of the children."""
        there = [place for place, (size, hint, *_) in enumerate(sizes) if hint[1] is not None or size[1]]
        for number, *box in super()._iterate_layout([sizes[place] for place in there]):
            yield there[number], *box
