"""Names and values under each other; a value that is long wraps anywhere."""

from kivy.factory import Factory
from kivy.properties import ListProperty
from kivy.uix.boxlayout import BoxLayout

from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words

load_kv(__file__)


class LineName(Words):
    """The name of a value."""


class NamedLines(BoxLayout):
    """``lines`` are pairs of a name and a value."""

    lines = ListProperty()

    def on_lines(self, *_change: object) -> None:
        """Show the pairs."""
        self.clear_widgets()
        for name, value in self.lines:
            pair = Factory.Pair()
            pair.add_widget(LineName(text=name))
            pair.add_widget(Words(text=value))
            self.add_widget(pair)
