"""The panel with pictures to choose from, over the screen; the phone's back button takes it away."""

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.modalview import ModalView

from fieldapp.theme.app_bar import AppBar
from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words
from fieldapp.widgets.panel import Scrolled
from fieldapp.widgets.picture import Picture
from shared.texts import Texts

__all__ = ["AppBar", "Picture", "PictureChooser", "PictureTile", "Scrolled", "Words"]

load_kv(__file__)


class PictureChooser(ModalView):
    """Shows a tile for each name, in that order. Emits ``on_choose`` with the place of the tile that was touched.

    It covers the screen, so nothing lies dimmed behind it.
    """

    __events__ = ("on_choose",)

    overlay_color = ColorProperty([0.0] * 4)

    title = StringProperty("")
    empty = StringProperty("")

    def __init__(self, texts: Texts, names: list[str]) -> None:
        super().__init__(title=texts("picture.from"), empty="" if names else texts("picture.empty"))
        self._tiles = [PictureTile(name, texts("picture.unreadable")) for name in names]
        for place, tile in enumerate(self._tiles):
            tile.bind(on_release=lambda _, place=place: self.dispatch("on_choose", place))
            self.ids.tiles.add_widget(tile)

    def paint(self, place: int, content: bytes | None) -> None:
        """Show a small copy on its tile; None: nobody can read the file, which may be chosen all the same."""
        self._tiles[place].is_painted = True
        self._tiles[place].content = content

    def on_choose(self, place: int) -> None:
        """A picture was touched."""


class PictureTile(ButtonBehavior, Column):
    """One picture with the name of its file."""

    text = StringProperty("")
    unreadable = StringProperty("")
    content = ObjectProperty(None, allownone=True)
    is_painted = BooleanProperty(False)

    def __init__(self, text: str, unreadable: str, **properties: Any) -> None:
        super().__init__(text=text, unreadable=unreadable, **properties)
