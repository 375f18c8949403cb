"""A labelled line of text to type."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.textinput import TextInput

from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words

__all__ = ["Field", "TextInput", "Words"]

load_kv(__file__)

PAUSE_S = 0.4


class Field(Column):
    """``text`` follows the typing; ``on_pause`` comes with the text when the person pauses or leaves the field."""

    __events__ = ("on_pause",)

    label = StringProperty("")
    hint = StringProperty("")
    text = StringProperty("")
    lines = NumericProperty(1)
    is_number = BooleanProperty(False)
    longest = NumericProperty(500)

    def __init__(self, **properties: Any) -> None:
        self._pause = Clock.create_trigger(self._paused, PAUSE_S)
        super().__init__(**properties)

    def on_text(self, *_change: object) -> None:
        """Cut what is too long, and wait for a pause."""
        if len(self.text) > self.longest:
            self.text = self.text[: int(self.longest)]
        self._pause.cancel()
        self._pause()

    def left(self) -> None:
        """The person left the field."""
        self._pause.cancel()
        self._paused()

    def _paused(self, *_: object) -> None:
        self.dispatch("on_pause", self.text)

    def on_pause(self, text: str) -> None:
        """The person paused."""
