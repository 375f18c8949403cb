"""Several labels in one picture: nobody chooses but the inspector, by a touch in the picture or in the list.

For every screen that scans a label. The camera rests meanwhile, so that what is touched is what was seen.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, ObjectProperty

from fieldapp.camera.port import Frame
from fieldapp.card import wording
from fieldapp.parts import Parts
from fieldapp.scan.label import Scan, look_up
from fieldapp.scan.reader import small
from fieldapp.scan.sight import Sight, as_read
from fieldapp.viewmodel import ViewModel
from shared.seal import Kind
from shared.sentences import label_sentence


class SeveralLabels(ViewModel):
    """``rows`` are those of ``PlainRow``, ``outlines`` their corners in the ``frame``, in the same order.

    Both are empty while nothing is asked. A screen says what it does with a label that was ``chosen``, and how its
    camera ``rest``s.
    """

    frame = ObjectProperty(None, allownone=True)
    rows = ListProperty()
    outlines = ListProperty()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._texts: list[str] = []

    def see(self, frame: Frame) -> None:
        """Take a new frame for the preview."""
        self.frame = frame

    def ask(self, labels: list[str], sight: Sight | None) -> None:
        """Show every label with a number, in the picture as far as it is known where, and in a list."""
        outlines = [sight.outline(text) if sight else () for text in labels]
        places = as_read(outlines)
        self._texts = [labels[place] for place in places]
        rows = [self._row(number, text) for number, text in enumerate(self._texts, start=1)]
        self.rest()
        if sight is not None:
            self.frame = small(sight.frame)
        self.outlines = [outlines[place] for place in places]
        self.rows = rows

    def forget(self) -> None:
        """Ask no more."""
        self.rows, self.outlines = [], []

    def choose(self, key: str) -> None:
        """Take the label that the inspector touched, in the picture or in the list."""
        with self.told():
            self.chosen(self._texts[int(key)])

    def chosen(self, text: str) -> None:
        """Go on with a label that was touched."""
        raise NotImplementedError

    def rest(self) -> None:
        """Stop the camera."""
        raise NotImplementedError

    def borne(self, scan: Scan) -> str:
        """Say on one line which instrument bears a label; "" for none that is known."""
        texts, item = self.parts.texts, scan.instrument
        if item is None:
            return ""
        number = wording.number(texts, item).replace("\n", "  ")
        return f"{number}  {wording.title(texts, item)}"

    def _row(self, number: int, text: str) -> dict[str, Any]:
        """Say what a label is for: its instrument, or its kind where nobody registered one, or why it says nothing."""
        scan, store, texts = look_up(self.parts.store, text), self.parts.store, self.parts.texts
        second = label_sentence(texts, scan.verdict, store.documents.revoked, store.label_day())
        about = self.borne(scan)
        if about:
            second = about
        elif scan.is_trusted and scan.seal is not None:
            kind = Kind(min(scan.seal.payload.kind, Kind.OTHER))
            second = self.t("scan.kind_unknown", kind=self.t(f"seal_kind.{kind.name.lower()}"))
        short = scan.seal.short if scan.seal is not None else self.t("scan.no_short_code")
        return {
            "key": str(number - 1),
            "title": self.t("scan.numbered", number=number, short=short),
            "second": second,
            "trailing": "",
            "code": scan.verdict.value if about or not scan.is_trusted else "unknown",
            "choose": self.choose,
        }
