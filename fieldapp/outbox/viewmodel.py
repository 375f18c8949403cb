"""The outbox: the balance of today, every record with how far it has come, and what must not have happened."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.outbox.wording import CODES, title
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import Entry
from fieldapp.sync import wording
from fieldapp.viewmodel import ViewModel

WATCHED = ("result", "is_running", "ticks")


class OutboxViewModel(ViewModel):
    """``rows`` are those of ``PlainRow``."""

    rows = ListProperty()
    balance = StringProperty("")
    is_equal = BooleanProperty(False)
    network = StringProperty("")
    alarms = StringProperty("")
    restored = StringProperty("")
    rescue = StringProperty("")
    is_syncing = BooleanProperty(False)

    def opened(self) -> None:
        """Show what the store holds, and follow the sync."""
        self.parts.status.bind(**dict.fromkeys(WATCHED, self._follow))
        with self.told():
            self.parts.status.look(self.parts.store)
            self.look()

    def closed(self) -> None:
        """Listen no longer; what was read of a restore of the server is news no more."""
        if self.restored:
            self.parts.facts.set(Fact.RESTORE_NEWS, None)
        self.parts.status.unbind(**dict.fromkeys(WATCHED, self._follow))

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            with self.told():
                self.look()

    def look(self) -> None:
        """Read everything again."""
        status = self.parts.status
        self.is_syncing = status.is_running
        self.balance, self.is_equal = wording.balance(self.parts.texts, status.balance), status.balance.is_equal
        is_well = status.result in ("idle", "done")
        self.network = (
            "" if is_well else self.t(f"sync.{status.result}", reason=wording.sentence(self.parts.texts, status.why))
        )
        restored_at = self.parts.facts.instant(Fact.RESTORE_NEWS)
        at = wording.moment(self.parts.texts, restored_at) if restored_at else ""
        self.restored = self.t("outbox.server_restored", at=at) if at else ""
        alarms = self.parts.store.alarms.all()
        self.alarms = "\n".join(dict.fromkeys(self.t(f"alarm.{alarm.code}") for alarm in alarms))
        carried = len(self.parts.store.carried.all())
        self.rescue = self.t("rescue.carrying", count=carried) if carried else self.t("rescue.open")
        self.rows = [self._row(entry) for entry in self.parts.store.outbox.all()]

    def _row(self, entry: Entry) -> dict[str, Any]:
        is_mine = entry.person_id == self.parts.me.id
        record = self.parts.store.records.of_op(entry.op_id) if is_mine else None
        at = wording.moment(self.parts.texts, entry.made_at)
        return {
            "key": entry.op_id,
            "title": title(self.parts.texts, entry, record) if is_mine else self.t("outbox.of_another"),
            "second": self.t("outbox.state_line", state=self.t(f"outbox.{entry.state}"), at=at),
            "trailing": "",
            "code": CODES[entry.state],
            "choose": self.choose,
        }

    def choose(self, key: str) -> None:
        """Look at one record."""
        self.go(Route.RECORD, op_id=key)

    def open_rescue(self) -> None:
        """Carry out what cannot be sent, or look at what is carried for others."""
        self.go(Route.RESCUE)

    def sync(self) -> None:
        """Have a round now."""
        self.parts.sync_soon(is_asked=True)
