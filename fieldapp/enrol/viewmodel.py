"""Scanning the enrolment code, or taking its text."""

from __future__ import annotations

from enum import StrEnum

from kivy.properties import BooleanProperty, ObjectProperty, OptionProperty, StringProperty

from fieldapp.camera.port import Frame, NoCamera
from fieldapp.routes import Route
from fieldapp.scan.reader import Reader
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Enrolment
from fieldapp.viewmodel import ViewModel


class EnrolState(StrEnum):
    """LOOKING for the code; something was read that is NOT_ONE; there is no camera."""

    LOOKING = "looking"
    NOT_ONE = "not_one"
    NO_CAMERA = "no_camera"


class EnrolViewModel(ViewModel):
    """``sentence`` says what was wrong with what was read; ``can_stay``: the phone is being handed over."""

    state = OptionProperty(EnrolState.LOOKING.value, options=[state.value for state in EnrolState])
    sentence = StringProperty("")
    can_stay = BooleanProperty(False)
    frame = ObjectProperty(None, allownone=True)
    _reader: Reader | None = None

    def opened(self) -> None:
        """Take the text from the command line, or look for the code with the camera."""
        self.can_stay = self._is_handed_over()
        if self.parts.settings.enrolment and not self.can_stay:
            self.on_text(self.parts.settings.enrolment)
        else:
            self._look()

    def closed(self) -> None:
        """Stop the camera."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def _look(self) -> None:
        camera, decode = self.parts.new_camera(), self.parts.new_decoder()
        self._reader = Reader(
            camera, decode, self.parts.post, see=self.see, found=lambda sight: self.on_text(sight.texts[0])
        )
        try:
            self._reader.start()
        except NoCamera as missing:
            self._reader = None
            self.state, self.sentence = EnrolState.NO_CAMERA, self.t(f"camera.{missing.code}")

    def see(self, frame: Frame) -> None:
        """Take a new frame for the preview."""
        self.frame = frame

    def on_text(self, text: str) -> None:
        """Take what was read or pasted; anything but an enrolment is told, and looking goes on."""
        from fieldapp.sync.enrol import NotAnEnrolment, read_enrolment

        try:
            enrolment = read_enrolment(text)
        except NotAnEnrolment:
            self.state, self.sentence = EnrolState.NOT_ONE, self.t("enrol.not_one")
        else:
            self._go_on(enrolment)

    def _go_on(self, enrolment: Enrolment) -> None:
        """A phone that has a PIN already only needed a fresh code; whoever takes it over chooses a PIN of their own."""
        if self.parts.opened is None or self._is_handed_over():
            self.parts.path.replace(Route.PIN, enrolment=enrolment)
            return
        with self.told():
            self.parts.opened.kept.enrolment = enrolment
            self.parts.path.begin(Route.JOINING)

    def _is_handed_over(self) -> bool:
        return self.parts.opened is not None and bool(self.parts.facts.get(Fact.IS_HANDED_OVER))

    def stay(self) -> None:
        """Do not hand the phone over after all."""
        with self.told():
            self.parts.facts.set(Fact.IS_HANDED_OVER, False)
            self.parts.start_sync()
            self.parts.path.begin(Route.TODAY)
