"""The camera of a screen that scans labels: the preview, and where several were seen, which one is meant."""

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from fieldapp.scan.outlined import OutlinedFinder
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.few_rows import FewRows
from fieldapp.widgets.notice import Notice
from fieldapp.widgets.panel import Scrolled

__all__ = ["FewRows", "LabelFinder", "Notice", "OutlinedFinder", "Scrolled"]

load_kv(__file__)


class LabelFinder(BoxLayout):
    """``frame``, ``rows`` and ``outlines`` are those of a ``SeveralLabels``, ``question`` asks for one of them.

    While it ``is_aiming`` and nothing is asked, the picture fills its place; else all of it is seen.

    Emits ``on_choose`` with the key of the label that was touched in the picture; its row calls for itself.
    """

    __events__ = ("on_choose",)

    frame = ObjectProperty(None, allownone=True)
    rows = ListProperty()
    outlines = ListProperty()
    is_aiming = BooleanProperty(True)
    question = StringProperty("")

    def on_choose(self, key: str) -> None:
        """A label was touched."""
