"""A short list of plain rows that is as high as its rows, for a page that scrolls as a whole."""

from kivy.properties import ListProperty
from kivy.uix.boxlayout import BoxLayout

from fieldapp.theme.kv import load_kv
from fieldapp.theme.plain_row import PlainRow

load_kv(__file__)

SHOWN = ("key", "title", "second", "trailing", "code", "choose")


class FewRows(BoxLayout):
    """``rows`` are the data of ``PlainRow``; rows are reused when the data change."""

    rows = ListProperty()

    def on_rows(self, *_change: object) -> None:
        """Show the rows."""
        while len(self.children) > len(self.rows):
            self.remove_widget(self.children[0])
        while len(self.children) < len(self.rows):
            self.add_widget(PlainRow())
        for row, values in zip(reversed(self.children), self.rows, strict=True):
            for name in SHOWN:
                setattr(row, name, values[name])
