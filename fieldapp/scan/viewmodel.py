"""Scanning: a genuine label of a known instrument leads to its card, everything else is told with what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from fieldapp.album.port import PictureFault
from fieldapp.camera.port import NoCamera
from fieldapp.routes import Route
from fieldapp.scan.from_album import AlbumReader, Hearers
from fieldapp.scan.label import Scan, borne_by, is_label, labels_first, look_up
from fieldapp.scan.reader import Reader, small
from fieldapp.scan.several import SeveralLabels
from fieldapp.scan.sight import Sight
from shared.errors import BadShortCode
from shared.seal import LabelVerdict, parse_short_code, short_code
from shared.sentences import error_sentence, label_sentence


class ScanState(StrEnum):
    """LOOKING for a code; SEVERAL labels in one picture; TOLD why there is no card; TYPING a short code; no camera.

    CHOOSING a picture of the album; READING it.
    """

    LOOKING = "looking"
    SEVERAL = "several"
    TOLD = "told"
    TYPING = "typing"
    NO_CAMERA = "no_camera"
    CHOOSING = "choosing"
    READING = "reading"


# What stands on the screen, and comes back when the inspector opens the album and chooses nothing.
SHOWN = ("state", "verdict", "shape", "word", "sentence", "advice", "frame", "is_picture")


class ScanViewModel(SeveralLabels):
    """``verdict`` is of what was scanned last; ``shape``, ``word``, ``sentence`` and ``advice`` say it.

    ``is_picture``: what is or was to be read is a picture of the album, which is shown whole and not aimed at.
    """

    state = OptionProperty(ScanState.LOOKING.value, options=[state.value for state in ScanState])
    verdict = OptionProperty("unknown", options=["unknown", *(verdict.value for verdict in LabelVerdict)])
    word = StringProperty("")
    sentence = StringProperty("")
    advice = StringProperty("")
    shape = StringProperty("unknown")
    is_picture = BooleanProperty(False)

    _reader: Reader | AlbumReader | None = None

    def opened(self) -> None:
        """Start the camera."""
        self.look()

    def closed(self) -> None:
        """Stop the camera."""
        self.rest()

    def look(self) -> None:
        """Look for a code, again."""
        self.rest()
        self._begin(ScanState.LOOKING)
        self.is_picture = False
        camera, decode = self.parts.new_camera(), self.parts.new_decoder()
        self._reader = reader = Reader(camera, decode, self.parts.post, see=self.see, found=self.on_sight)
        try:
            reader.start()
        except NoCamera as missing:
            self._reader = None
            self.state, self.sentence = ScanState.NO_CAMERA, self.t(f"camera.{missing.code}")

    def _begin(self, state: ScanState) -> None:
        self.state, self.word, self.sentence, self.advice = state, "", "", ""
        self.forget()

    def rest(self) -> None:
        """Stop the camera."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def on_sight(self, sight: Sight) -> None:
        """Take what one frame held; several labels stay on the screen as they were seen, until one is touched."""
        self.on_codes(sight.texts, sight)

    def on_codes(self, texts: list[str], sight: Sight | None = None) -> None:
        """Take the texts of one frame: several labels at once are nobody's choice but the inspector's.

        Without a label, the national codes of one known instrument lead to its card as well. ``sight`` None: where in
        the frame they stand is not known.
        """
        labels = [text for text in texts if is_label(text)]
        with self.told():
            borne = [] if labels else borne_by(self.parts.store, texts)
            if len(labels) > 1:
                self.ask(labels, sight)
                self.state, self.sentence = ScanState.SEVERAL, ""
            elif len(borne) == 1:
                self.rest()
                self.parts.path.replace(Route.CARD, instrument=borne[0].id, link="")
            elif borne:
                self.state, self.sentence = ScanState.SEVERAL, self.t("scan.several")
            else:
                self._take(labels_first(texts)[0])

    def chosen(self, text: str) -> None:
        """Take the label that the inspector touched as the only one."""
        self._take(text)

    def on_code(self, text: str) -> None:
        """Take one text: go to the card of a known instrument, or say why not."""
        with self.told():
            self._take(text)

    def _take(self, text: str) -> None:
        scan = look_up(self.parts.store, text)
        self.rest()
        self.verdict = scan.verdict.value
        if scan.instrument is not None and scan.seal is not None:
            self.parts.path.replace(Route.CARD, instrument=scan.instrument.id, link=text)
        else:
            self._tell(scan)

    def _tell(self, scan: Scan) -> None:
        """A label that may be genuine but leads nowhere looks unknown: nobody should read a tick as "in order"."""
        self._begin(ScanState.TOLD)
        store = self.parts.store
        words = label_sentence(self.parts.texts, scan.verdict, store.documents.revoked, store.label_day())
        if scan.is_trusted and scan.seal:
            self.shape, self.word = "unknown", self.t("scan.not_registered")
            self.sentence = self.t("scan.label_says", words=words, short=scan.seal.short)
            self.advice = self.t("scan.advice_unknown_instrument")
        else:
            self.shape, self.word = scan.verdict.value, words
            self.advice = self.t(f"scan.advice_{scan.verdict}")

    def choose_picture(self) -> None:
        """Let the inspector choose a picture that is on the phone already, and look for labels in it."""
        before = {name: getattr(self, name) for name in SHOWN}
        self.rest()
        self._begin(ScanState.CHOOSING)
        self.sentence, self.frame, self.is_picture = self.t("picture.choosing"), None, True
        hearers = Hearers(
            reading=self._on_reading,
            nothing=lambda: self._on_nothing(before),
            found=self._on_picture,
            failed=self._on_fault,
        )
        self._reader = AlbumReader(self.parts, hearers)
        self._reader.start()

    def _on_reading(self) -> None:
        self._begin(ScanState.READING)
        self.sentence = self.t("picture.reading")

    def _on_nothing(self, before: dict[str, Any]) -> None:
        """Go back to what was told, or to the camera."""
        if before["state"] != ScanState.TOLD:
            self.look()
            return
        self.rest()
        for name, value in before.items():
            setattr(self, name, value)

    def _on_picture(self, sight: Sight) -> None:
        """Take a picture as if the camera had seen it; it stays on the screen, so that it is clear which was meant."""
        self.frame = small(sight.frame)
        if sight.codes:
            self.on_sight(sight)
        else:
            self._on_fault(PictureFault.NOTHING)

    def _on_fault(self, fault: PictureFault) -> None:
        self.rest()
        self._begin(ScanState.TOLD)
        self.verdict = self.shape = "unknown"
        self.word, self.advice = self.t(f"picture.{fault}"), self.t(f"picture.advice_{fault}")

    def type_short_code(self) -> None:
        """Let the inspector type the nine characters under a label that no camera reads."""
        self.rest()
        self._begin(ScanState.TYPING)

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
