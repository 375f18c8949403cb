"""What every viewmodel has: texts, the way to other screens, and a sentence when storage fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kivy.event import EventDispatcher
from kivy.properties import StringProperty

from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.trouble import StorageTrouble


class ViewModel(EventDispatcher):
    """A screen's choices and words; it knows no widget. ``trouble`` is the sentence of what storage refused."""

    trouble = StringProperty("")

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts = parts

    def opened(self) -> None:
        """The screen is shown."""

    def closed(self) -> None:
        """The screen is left."""

    def t(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogue."""
        return self.parts.texts(key, **values)

    def back(self) -> None:
        """Go back."""
        self.parts.path.back()

    def go(self, route: Route, **about: Any) -> None:
        """Go to another screen."""
        self.parts.path.go(route, **about)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say what storage refused instead of going on; the sentence goes when it works again."""
        try:
            yield
        except StorageTrouble as trouble:
            self.trouble = self.t(f"storage.{trouble.code}")
        else:
            self.trouble = ""
