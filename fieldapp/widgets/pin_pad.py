"""Six dots and ten keys for a PIN; the digits themselves are never shown."""

from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.boxlayout import BoxLayout

from fieldapp.theme.kv import load_kv
from fieldapp.theme.number_pad import PadKey
from fieldapp.theme.state_shape import StateShape

__all__ = ["PadKey", "PinPad", "StateShape"]

load_kv(__file__)


class PinPad(BoxLayout):
    """``count`` dots are filled. Emits ``on_key`` with a digit or ``erase``."""

    __events__ = ("on_key",)

    count = NumericProperty(0)
    is_open = BooleanProperty(True)

    def press(self, key: str) -> None:
        """Hand a key on, when keys are taken."""
        if self.is_open:
            self.dispatch("on_key", key)

    def on_key(self, key: str) -> None:
        """A key was pressed."""
