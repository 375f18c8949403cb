"""Two scales that are in each other's place, or changed places: both labels are scanned, then it is said once."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from fieldapp.labelling import records, wording
from fieldapp.labelling.labels import bearer
from fieldapp.labelling.scanning import LabelScanning
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.scan.label import is_label, look_up
from fieldapp.scan.sight import Sight
from shared.sentences import label_sentence
from shared.words import InstrumentKind


class SwapViewModel(LabelScanning):
    """``first`` and ``second`` say which instruments they are; "" until each was scanned."""

    first = StringProperty("")
    second = StringProperty("")
    hint = StringProperty("")
    problem = StringProperty("")
    is_ready = BooleanProperty(False)

    def __init__(self, parts: Parts, known: tuple[str, ...] = (), revises: str = "") -> None:
        """Begin with two that are ``known`` where a refused operation is said anew, which is ``revises``."""
        super().__init__(parts)
        self._found, self._revises = list(known), revises

    def opened(self) -> None:
        """Look for the first of the two, unless they are known."""
        if not self._found:
            self.again()
            return
        with self.told():
            self._show()

    def again(self) -> None:
        """Begin with the first one."""
        self._found = []
        with self.told():
            self._show()
        self.look()

    def look(self) -> None:
        """Look for the next of the two; one that was found stays."""
        self.problem = ""
        super().look()

    def on_codes(self, texts: list[str], sight: Sight | None = None) -> None:
        """Take what one frame held; of several labels each of the two is touched."""
        labels = [text for text in texts if is_label(text)]
        if self.is_ready or not labels or tuple(labels) == self._seen:
            return
        self._seen = tuple(labels)
        with self.told():
            if len(labels) > 1:
                self.problem = ""
                self.ask(labels, sight)
            else:
                self.chosen(labels[0])

    def chosen(self, text: str) -> None:
        """Take one of the two, or say why not."""
        store = self.parts.store
        scan = look_up(store, text)
        if not scan.is_trusted or scan.seal is None:
            self.problem = label_sentence(self.parts.texts, scan.verdict, store.documents.revoked, store.label_day())
            return
        instrument = bearer(store, scan.seal.payload.serial)
        known = store.register.instrument(instrument)
        if not instrument:
            self.problem = self.t("scan.unknown_instrument", short=scan.seal.short)
        elif known is not None and known.kind == InstrumentKind.FUEL_NOZZLE:
            self.problem = self.t("labelling.stays")
        elif instrument not in self._found:
            self._found.append(instrument)
            self.problem = ""
            self._show()

    def _show(self) -> None:
        named = [wording.instrument(self.parts, id_) for id_ in self._found]
        self.first, self.second = [*named, "", ""][:2]
        self.is_ready = len(named) == 2
        hints = ("labelling.scan_first", "labelling.scan_second", "labelling.both_scanned")
        self.hint = self.t(hints[len(named)])
        if self.is_ready:
            self.forget()
            self.rest()

    def save(self) -> None:
        """Say that each stands in the other's place from today, and go back to the day."""
        if not self.is_ready:
            return
        with self.told():
            name = self.t("labelling.swapped", first=self._serial(0), second=self._serial(1))
            entry = records.swap(self.parts, *self._found, name=name)
            self.parts.store.filings.swap(entry, records.author(self.parts), revises=self._revises)
            self.parts.sync_soon()
            self.parts.path.back_to(Route.LABELLING)

    def _serial(self, number: int) -> str:
        id_ = self._found[number]
        known, filed = self.parts.store.register.instrument(id_), self.parts.store.filings.of_instrument(id_)
        return known.serial if known else filed.serial if filed else ""
