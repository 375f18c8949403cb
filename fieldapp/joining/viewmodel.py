"""Registering the phone, then the first download with its progress; both go on by themselves after a failure."""

from __future__ import annotations

from enum import StrEnum

from kivy.properties import BooleanProperty, NumericProperty, OptionProperty, StringProperty

from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Person
from fieldapp.store.trouble import StorageTrouble
from fieldapp.sync import wording
from fieldapp.viewmodel import ViewModel

DEVICE_NAME = "Dingpan"


class JoiningState(StrEnum):
    """REGISTERING with the code; that FAILED; DOWNLOADING the register; waiting for a network (OFFLINE)."""

    REGISTERING = "registering"
    FAILED = "failed"
    DOWNLOADING = "downloading"
    OFFLINE = "offline"


class JoiningViewModel(ViewModel):
    """``share`` of the rows is here, from 0 to 1; ``progress`` says it in figures."""

    state = OptionProperty(JoiningState.REGISTERING.value, options=[state.value for state in JoiningState])
    sentence = StringProperty("")
    progress = StringProperty("")
    share = NumericProperty(0)
    needs_new_code = BooleanProperty(False)

    def opened(self) -> None:
        """Go on with whatever is still to be done."""
        status = self.parts.status
        status.bind(result=self._look, rows_done=self._look, rows_expected=self._look, is_running=self._look)
        if self.parts.facts.get(Fact.IS_ENROLLED):
            self._download()
        else:
            self.register()

    def closed(self) -> None:
        """Listen no longer."""
        status = self.parts.status
        status.unbind(result=self._look, rows_done=self._look, rows_expected=self._look, is_running=self._look)

    def register(self) -> None:
        """Register the phone with its code."""
        from fieldapp.sync.failures import InsecureAddress, SyncFailure

        self.state, self.sentence = JoiningState.REGISTERING, self.t("joining.registering")
        self.needs_new_code = False
        self.parts.off_thread(self._enrol, self._registered, SyncFailure, InsecureAddress, StorageTrouble)

    def _enrol(self) -> Person | None:
        from fieldapp.sync.enrol import enrol

        self.parts.wait_for_sync_to_end()
        store = self.parts.store
        enrolment = store.kept.enrolment
        if enrolment is None:
            return None
        person = enrol(store, self.parts.new_client(enrolment.url), enrolment, self.parts.device, DEVICE_NAME)
        self.parts.vault.forget_former()
        return person

    def _registered(self, answer: Person | Exception | None) -> None:
        from fieldapp.sync.failures import Refused, Unreachable

        if isinstance(answer, Person):
            self._download()
            return
        self.state, self.needs_new_code = JoiningState.FAILED, not isinstance(answer, Unreachable | StorageTrouble)
        if isinstance(answer, StorageTrouble):
            self.sentence = self.t(f"storage.{answer.code}")
        elif isinstance(answer, Unreachable) and not answer.sentence:
            self.sentence = self.t("joining.unreachable")
        elif isinstance(answer, Unreachable | Refused):
            self.sentence = self.t("joining.refused", reason=wording.sentence(self.parts.texts, answer.sentence))
        else:
            self.sentence = self.t("joining.wrong_root")

    def _download(self) -> None:
        self.state, self.sentence = JoiningState.DOWNLOADING, self.t("joining.downloading")
        self.parts.start_sync()
        self._look()

    def try_again(self) -> None:
        """Try again now."""
        if self.parts.facts.get(Fact.IS_ENROLLED):
            self.state, self.sentence = JoiningState.DOWNLOADING, self.t("joining.downloading")
            self.parts.sync_soon(is_asked=True)
        else:
            self.register()

    def scan_again(self) -> None:
        """Get a fresh code."""
        self.parts.path.begin(Route.ENROL)

    def _look(self, *_: object) -> None:
        status = self.parts.status
        expected, done = int(status.rows_expected), int(status.rows_done)
        self.share = min(1.0, done / expected) if expected else 0
        self.progress = self.t("joining.progress", done=done, expected=expected) if expected else ""
        if not self.parts.facts.get(Fact.IS_ENROLLED):
            return
        if self.parts.facts.get(Fact.SUSPENDED_AT):
            self.parts.path.begin(Route.SUSPENDED)
        elif self.parts.facts.get(Fact.IS_FILLED):
            self.parts.path.begin(Route.TODAY)
        elif status.is_running:
            self.state, self.sentence = JoiningState.DOWNLOADING, self.t("joining.downloading")
        elif status.result not in ("idle", "done"):
            self.state = JoiningState.OFFLINE
            self.sentence = self.t(f"sync.{status.result}", reason=wording.sentence(self.parts.texts, status.why))
