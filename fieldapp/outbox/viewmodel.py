"""The outbox: the balance of today, every record with how far it has come, and what must not have happened."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.outbox.wording import CODES, LOST, REVISED, title
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import Entry, OpState
from fieldapp.store.uploads import Share
from fieldapp.sync import wording
from fieldapp.sync.balance import Balance
from fieldapp.sync.uploads import Progress
from fieldapp.viewmodel import ViewModel

WATCHED = ("result", "is_running", "ticks")


class OutboxViewModel(ViewModel):
    """``rows`` are those of ``PlainRow``."""

    rows = ListProperty()
    balance = StringProperty("")
    balance_code = StringProperty("unknown")
    photos = StringProperty("")
    can_send_photos = BooleanProperty(False)
    network = StringProperty("")
    alarms = StringProperty("")
    restored = StringProperty("")
    rescue = StringProperty("")
    is_syncing = BooleanProperty(False)

    def opened(self) -> None:
        """Show what the store holds, and follow the sync."""
        self.parts.status.bind(photo=self._follow_photo, **dict.fromkeys(WATCHED, self._follow))
        with self.told():
            self.parts.status.look(self.parts.store)
            self.look()

    def closed(self) -> None:
        """Listen no longer; what was read of a restore of the server is news no more."""
        if self.restored:
            self.parts.facts.set(Fact.RESTORE_NEWS, None)
        self.parts.status.unbind(photo=self._follow_photo, **dict.fromkeys(WATCHED, self._follow))

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            with self.told():
                self.look()

    def look(self) -> None:
        """Read everything again."""
        status = self.parts.status
        self.is_syncing = status.is_running
        self.balance, self.balance_code = wording.balance(self.parts.texts, status.balance), _code(status.balance)
        self._look_at_photos()
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
        store = self.parts.store
        shares, revised = store.uploads.shares(), store.outbox.revisions()
        self.rows = [
            self._row(entry, shares.get(entry.op_id), is_revised=entry.op_id in revised) for entry in store.outbox.all()
        ]

    def _look_at_photos(self) -> None:
        status = self.parts.status
        self.photos = wording.photos(self.parts.texts, status)
        self.can_send_photos = bool(status.photos_held) and status.photo is None

    def _follow_photo(self, _: object, progress: Progress | None) -> None:
        """Follow one photo: only the row of its record is made anew."""
        if self.parts.opened is None:
            return
        with self.told():
            self._look_at_photos()
            store = self.parts.store
            op_id = store.uploads.op_of(progress.sha256, progress.record) if progress else None
            entry = store.outbox.entry(op_id) if op_id else None
            if entry is not None:
                row = self._row(entry, store.uploads.shares().get(entry.op_id), is_revised=False)
                self.rows = [row if old["key"] == op_id else old for old in self.rows]

    def send_photos(self) -> None:
        """Send the photos that wait for Wi-Fi over the network that there is."""
        if self.can_send_photos:
            with self.told():
                self.parts.store.uploads.hurry()
                self.parts.status.look(self.parts.store)
                self.parts.sync_soon(is_asked=True)

    def _row(self, entry: Entry, share: Share | None, *, is_revised: bool) -> dict[str, Any]:
        is_mine = entry.person_id == self.parts.me.id
        record = self.parts.store.records.of_op(entry.op_id) if is_mine else None
        state = self._state(entry, is_revised=is_revised)
        return {
            "key": entry.op_id,
            "title": title(self.parts.texts, entry, record) if is_mine else self.t("outbox.of_another"),
            "second": self._second(entry, self.t(f"outbox.{state}"), share),
            "trailing": self._percent(share) if entry.state is OpState.RECEIVED else "",
            "code": CODES[state],
            "choose": self.choose,
        }

    def _state(self, entry: Entry, *, is_revised: bool) -> str:
        """Return how a record stands; a receipt is no tick once the server's own hashes say that the record is lost."""
        if is_revised:
            return REVISED
        return LOST if entry.op_id in self.parts.status.balance.lost else entry.state.value

    def _second(self, entry: Entry, state: str, share: Share | None) -> str:
        line = {"state": state, "number": entry.device_seq, "at": wording.moment(self.parts.texts, entry.made_at)}
        if share is None:
            return self.t("outbox.state_line", **line)
        return self.t("outbox.photo_line", photos=self.t("photos.share", done=share.done, count=share.count), **line)

    def _percent(self, share: Share | None) -> str:
        """Return how much of a record's photos has come, as long as some of it is under way."""
        if share is None or share.done == share.count or not share.sent:
            return ""
        return self.t("photos.percent", percent=share.sent * 100 // share.bytes)

    def choose(self, key: str) -> None:
        """Look at one record."""
        self.go(Route.RECORD, op_id=key)

    def open_rescue(self) -> None:
        """Carry out what cannot be sent, or look at what is carried for others."""
        self.go(Route.RESCUE)

    def sync(self) -> None:
        """Have a round now."""
        self.parts.sync_soon(is_asked=True)


def _code(balance: Balance) -> str:
    """Return the shape of a balance: the tick only when all is equal, of this day and of those before."""
    if balance.lost:
        return "beyond"
    return "within" if balance.is_equal and not balance.earlier and not balance.refused else "unknown"
