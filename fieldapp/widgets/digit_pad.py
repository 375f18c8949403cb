"""Ten keys for a number that is no amount: every digit counts, the first nought too."""

from kivy.properties import StringProperty

from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.number_pad import PadKey
from fieldapp.theme.state_shape import StateShape

__all__ = ["DigitPad", "PadKey", "StateShape"]

load_kv(__file__)


class DigitPad(Column):
    """``before`` stands greyed before what was typed. Emits ``on_key`` with a digit, ``-`` or ``erase``."""

    __events__ = ("on_key",)

    before = StringProperty("")
    text = StringProperty("")
    hint = StringProperty("")

    def press(self, key: str) -> None:
        """Hand a key on."""
        self.dispatch("on_key", key)

    def on_key(self, key: str) -> None:
        """A key was pressed."""
