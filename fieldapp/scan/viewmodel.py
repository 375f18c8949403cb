"""Scanning: a genuine label of a known instrument leads to its card, everything else is told with what to do."""

from __future__ import annotations

from enum import StrEnum

from kivy.properties import ObjectProperty, OptionProperty, StringProperty

from fieldapp.camera.port import Frame, NoCamera
from fieldapp.routes import Route
from fieldapp.scan.label import Scan, borne_by, labels_first, look_up
from fieldapp.scan.reader import Reader
from fieldapp.viewmodel import ViewModel
from shared.errors import BadShortCode
from shared.seal import LabelVerdict, parse_short_code, short_code
from shared.sentences import error_sentence, label_sentence


class ScanState(StrEnum):
    """LOOKING for a code; SEVERAL labels in one picture; TOLD why there is no card; TYPING a short code; no camera."""

    LOOKING = "looking"
    SEVERAL = "several"
    TOLD = "told"
    TYPING = "typing"
    NO_CAMERA = "no_camera"


class ScanViewModel(ViewModel):
    """``verdict`` is of what was scanned last; ``shape``, ``word``, ``sentence`` and ``advice`` say it."""

    state = OptionProperty(ScanState.LOOKING.value, options=[state.value for state in ScanState])
    verdict = OptionProperty("unknown", options=["unknown", *(verdict.value for verdict in LabelVerdict)])
    word = StringProperty("")
    sentence = StringProperty("")
    advice = StringProperty("")
    shape = StringProperty("unknown")
    frame = ObjectProperty(None, allownone=True)

    def opened(self) -> None:
        """Start the camera."""
        self.look()

    def closed(self) -> None:
        """Stop the camera."""
        self._stop()

    def look(self) -> None:
        """Look for a code, again."""
        self._stop()
        self.state, self.word, self.sentence, self.advice = ScanState.LOOKING, "", "", ""
        camera, decode = self.parts.new_camera(), self.parts.new_decoder()
        self._reader = Reader(camera, decode, self.parts.post, see=self.see, found=self.on_codes)
        try:
            self._reader.start()
        except NoCamera as missing:
            self._reader = None
            self.state, self.sentence = ScanState.NO_CAMERA, self.t(f"camera.{missing.code}")

    _reader: Reader | None = None

    def _stop(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def see(self, frame: Frame) -> None:
        """Take a new frame for the preview."""
        self.frame = frame

    def on_codes(self, texts: list[str]) -> None:
        """Take what one frame held: several labels at once are nobody's choice but the inspector's.

        Without a label, the national codes of one known instrument lead to its card as well.
        """
        labels = labels_first(texts)
        with self.told():
            borne = borne_by(self.parts.store, labels)
            if len(borne) == 1:
                self._stop()
                self.parts.path.replace(Route.CARD, instrument=borne[0].id, link="")
            elif len(labels) > 1:
                self.state, self.sentence = ScanState.SEVERAL, self.t("scan.several")
            else:
                self._take(labels[0])

    def on_code(self, text: str) -> None:
        """Take one text: go to the card of a known instrument, or say why not."""
        with self.told():
            self._take(text)

    def _take(self, text: str) -> None:
        scan = look_up(self.parts.store, text)
        self._stop()
        self.verdict = scan.verdict.value
        if scan.instrument is not None and scan.seal is not None:
            self.parts.path.replace(Route.CARD, instrument=scan.instrument.id, link=text)
        else:
            self._tell(scan)

    def _tell(self, scan: Scan) -> None:
        """A label that may be genuine but leads nowhere looks unknown: nobody should read a tick as "in order"."""
        store = self.parts.store
        words = label_sentence(self.parts.texts, scan.verdict, store.documents.revoked, store.label_day())
        if scan.is_trusted and scan.seal:
            self.shape, self.word = "unknown", self.t("scan.not_registered")
            self.sentence = self.t("scan.label_says", words=words, short=scan.seal.short)
            self.advice = self.t("scan.advice_unknown_instrument")
        else:
            self.shape, self.word = scan.verdict.value, words
            self.sentence, self.advice = "", self.t(f"scan.advice_{scan.verdict}")
        self.state = ScanState.TOLD

    def type_short_code(self) -> None:
        """Let the inspector type the nine characters under a label that no camera reads."""
        self._stop()
        self.state, self.sentence = ScanState.TYPING, ""

    def on_short_code(self, text: str) -> None:
        """Look a typed short code or national code up.

        Neither says anything of the label's signature, so the card has no label verdict.
        """
        serial = None
        try:
            serial = parse_short_code(text)
            sentence = self.t("scan.unknown_instrument", short=short_code(serial))
        except BadShortCode as error:
            sentence = error_sentence(self.parts.texts, error)
        with self.told():
            store = self.parts.store
            labelled = store.register.instrument_of_label(serial) if serial is not None else None
            found = [labelled] if labelled else borne_by(store, [text])
            if len(found) == 1:
                self.parts.path.replace(Route.CARD, instrument=found[0].id, link="")
            else:
                self.sentence = sentence
