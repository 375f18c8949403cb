"""The number pad: large keys, the unit above, the last reading greyed behind the one being typed."""

from kivy.properties import BooleanProperty, ListProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from fieldapp.theme.big_button import BigButton
from fieldapp.theme.chip import Chip
from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.typed_number import MINUS, press
from fieldapp.theme.words import Words

__all__ = ["BigButton", "Chip", "NumberPad", "PadKey", "StateShape", "Words"]


class PadKey(ButtonBehavior, Label):
    """One key; it acts when touched, not when let go, so that quick typing with gloves loses nothing."""

    key = StringProperty("")


load_kv(__file__)


class NumberPad(Column):
    """``text`` is what was typed, always a number's beginning and never converted; ``unit`` one of ``units``.

    ``last_text`` is the previous reading with its unit, grey: large while nothing is typed, small above
    afterwards. ``note`` is a sentence under the figure (what is wrong, or the limit); nothing typed ever opens
    a dialog. Emits ``on_value`` with the text after each key and ``on_done`` with the text.
    """

    __events__ = ("on_value", "on_done")

    text = StringProperty("")
    figure_text = StringProperty("")
    unit = StringProperty("")
    units = ListProperty()
    last_text = StringProperty("")
    note = StringProperty("")
    is_note_wrong = BooleanProperty(False)
    done_text = StringProperty("")
    can_finish = BooleanProperty(True)
    with_minus = BooleanProperty(False)

    def press(self, key: str) -> None:
        """Take one key of ``typed_number.KEYS``, or ``-``."""
        self.text = press(self.text, key)
        self.dispatch("on_value", self.text)

    def on_text(self, _pad: object, text: str) -> None:
        """Show the text with a minus sign as wide as a digit."""
        self.figure_text = text.replace(MINUS, "\N{MINUS SIGN}")

    def clear(self) -> None:
        """Begin anew; the listener is told."""
        self.text = ""
        self.dispatch("on_value", "")

    def choose_unit(self, chip: Chip) -> None:
        """Take the unit of a chip."""
        self.unit = chip.text

    def on_kv_post(self, _base: object) -> None:
        """Draw the chips that were given before the rule was applied."""
        self._draw_units()

    def on_units(self, *_change: object) -> None:
        """Draw one chip for each unit; the first is chosen if none was."""
        self._draw_units()

    def on_unit(self, *_change: object) -> None:
        """Mark the chosen chip."""
        for chip in self.ids.units.children if self.ids else ():
            chip.chosen = chip.text == self.unit

    def on_value(self, text: str) -> None:
        """The text changed by a key."""

    def on_done(self, text: str) -> None:
        """The person finished."""

    def _draw_units(self) -> None:
        if not self.ids:
            return
        self.ids.units.clear_widgets()
        for unit in self.units:
            chip = Chip(text=unit)
            chip.fbind("on_release", self.choose_unit)
            self.ids.units.add_widget(chip)
        self.unit = self.unit if self.unit in self.units else next(iter(self.units), "")
        self.on_unit()
