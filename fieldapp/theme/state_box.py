"""A designed state in place of an empty screen: what is the case, and the one thing to do."""

from kivy.properties import OptionProperty, StringProperty

from fieldapp.theme.big_button import BigButton
from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words

__all__ = ["BigButton", "StateBox", "StateShape", "Words"]

load_kv(__file__)

TONES = {"empty": "ink", "loading": "ink", "error": "beyond", "offline": "indeterminate", "stale": "indeterminate"}


class StateBox(Column):
    """``kind`` chooses the drawing, ``sentence`` says it; the button is there if it has an ``action_text``.

    Stale content says since when in its sentence. Emits ``on_action``.
    """

    __events__ = ("on_action",)

    kind = OptionProperty("empty", options=tuple(TONES))
    sentence = StringProperty("")
    action_text = StringProperty("")
    tone = StringProperty("ink")

    def on_kind(self, _box: object, kind: str) -> None:
        """Take the tone of the kind."""
        self.tone = TONES[kind]

    def on_action(self) -> None:
        """The person chose the action."""
