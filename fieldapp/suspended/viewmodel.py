"""A suspended phone: its register is gone, everything made here is kept, and it asks again whether it may go on."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import Entry, OpState
from fieldapp.sync import wording
from fieldapp.sync.failures import SUSPENDED
from fieldapp.viewmodel import ViewModel

WATCHED = ("result", "is_running", "ticks")


class SuspendedViewModel(ViewModel):
    """Each part is a sentence, "" where there is nothing to say."""

    since = StringProperty("")
    kept = StringProperty("")
    left = StringProperty("")
    visit = StringProperty("")
    network = StringProperty("")
    is_syncing = BooleanProperty(False)

    def opened(self) -> None:
        """Show what is kept, and follow the sync."""
        self.parts.status.bind(**dict.fromkeys(WATCHED, self._follow))
        with self.told():
            self.look()

    def closed(self) -> None:
        """Listen no longer."""
        self.parts.status.unbind(**dict.fromkeys(WATCHED, self._follow))

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            with self.told():
                self.look()

    def look(self) -> None:
        """Read everything again; go on once the server has let this phone in."""
        since = self.parts.facts.instant(Fact.SUSPENDED_AT)
        if since is None:
            self.parts.path.begin(Route.TODAY if self.parts.facts.get(Fact.IS_FILLED) else Route.JOINING)
            return
        self.since = self.t("suspended.since", at=wording.moment(self.parts.texts, since))
        entries = self.parts.store.outbox.all()
        self.kept = self.t("suspended.kept", count=len(entries))
        self.left = self._left([entry for entry in entries if entry.state is OpState.WAITING])
        self.visit = self.t("suspended.visit") if self.parts.store.drafts.running() else ""
        self._look_at_sync()

    def _left(self, waiting: list[Entry]) -> str:
        """Say how many records have no receipt, and how many of them the bureau said that it put aside."""
        if not waiting:
            return ""
        left = sum(_slug_of(entry) == SUSPENDED for entry in waiting)
        return self.t("suspended.left", waiting=len(waiting), left=left)

    def _look_at_sync(self) -> None:
        status = self.parts.status
        self.is_syncing = status.is_running
        is_told = status.result in ("idle", "done", "suspended")
        if status.result == "offline":
            self.network = self.t("suspended.offline")
            return
        reason = wording.sentence(self.parts.texts, status.why)
        self.network = "" if is_told else self.t(f"sync.{status.result}", reason=reason)

    def try_again(self) -> None:
        """Ask the server now."""
        self.parts.sync_soon(is_asked=True)

    def open_outbox(self) -> None:
        """Look at what was saved and sent."""
        self.go(Route.OUTBOX)

    def sign_out(self) -> None:
        """Lock the store; everything stays on the phone."""
        self.parts.lock()
        self.parts.path.begin(Route.SIGN_IN)


def _slug_of(entry: Entry) -> str:
    problem = entry.answer.get("problem")
    kind = problem.get("type") if isinstance(problem, dict) else ""
    return str(kind).rpartition("/")[2]
