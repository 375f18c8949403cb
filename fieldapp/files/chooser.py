"""The panel with rescue files to choose from, over the screen; the phone's back button takes it away."""

from pathlib import Path

from kivy.properties import ColorProperty, ListProperty, StringProperty
from kivy.uix.modalview import ModalView

from fieldapp.sync.wording import size
from fieldapp.theme.app_bar import AppBar
from fieldapp.theme.column import Column
from fieldapp.theme.kv import load_kv
from fieldapp.theme.words import Words
from fieldapp.widgets.few_rows import FewRows
from fieldapp.widgets.panel import Scrolled
from shared.texts import Texts

__all__ = ["AppBar", "Column", "FewRows", "FileChooser", "Scrolled", "Words"]

load_kv(__file__)


class FileChooser(ModalView):
    """Shows a row for each file. Emits ``on_choose`` with the path of the one that was touched."""

    __events__ = ("on_choose",)

    overlay_color = ColorProperty([0.0] * 4)

    title = StringProperty("")
    empty = StringProperty("")
    rows = ListProperty()

    def __init__(self, texts: Texts, folder: str, paths: list[Path]) -> None:
        super().__init__(title=texts("files.choose"), empty="" if paths else texts("files.empty", folder=folder))
        self._paths = paths
        self.rows = [
            {
                "key": str(place),
                "title": path.name,
                "second": size(texts, path.stat().st_size),
                "trailing": "",
                "code": "",
                "choose": self._touched,
            }
            for place, path in enumerate(paths)
        ]

    def _touched(self, key: str) -> None:
        self.dispatch("on_choose", self._paths[int(key)])

    def on_choose(self, path: Path) -> None:
        """A file was touched."""
