"""The labelling day: where it is, what was filed today with how far each has come, and the way to the next label."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.labelling import walk
from fieldapp.labelling.model import Day
from fieldapp.outbox.wording import CODES
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.filings import Filed
from fieldapp.store.outbox import NEEDS_A_LOOK, OpState
from fieldapp.sync import wording
from fieldapp.viewmodel import ViewModel
from shared.seal import short_code
from shared.words import PhoneZone

WATCHED = ("ticks",)


class LabellingViewModel(ViewModel):
    """``rows`` are those of ``PlainRow``: what was filed today, or the places while no day is running."""

    title = StringProperty("")
    second = StringProperty("")
    rows = ListProperty()
    zone_note = StringProperty("")
    empty = StringProperty("")
    has_place = BooleanProperty(False)
    in_hand = BooleanProperty(False)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._day: Day | None = None

    def opened(self) -> None:
        """Show the day, and follow what the server answers."""
        self.parts.status.bind(**dict.fromkeys(WATCHED, self._follow))
        with self.told():
            self._look()

    def closed(self) -> None:
        """Listen no longer."""
        self.parts.status.unbind(**dict.fromkeys(WATCHED, self._follow))

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            with self.told():
                self._look()

    def _look(self) -> None:
        store = self.parts.store
        self._day = walk.day_of(self.parts)
        place = store.register.place(self._day.place)
        self.has_place, self.in_hand = place is not None, self._day.filing is not None
        if place is None:
            self.title, self.second, self.zone_note = self.t("labelling.title"), self.t("labelling.where"), ""
            self.rows, self.empty = self._place_rows(), self.t("today.empty")
            return
        filed = store.filings.of_day(place.id, walk.today(self.parts).isoformat())
        self.title, self.second = place.name, self.t("labelling.count", count=len(filed))
        is_free = place.phone_zone in (PhoneZone.ALLOWED, "")
        self.zone_note = "" if is_free else self.t(f"start.zone_{place.phone_zone}")
        self.rows, self.empty = [self._row(one) for one in filed], self.t("labelling.nothing_yet")

    def _place_rows(self) -> list[dict[str, Any]]:
        register = self.parts.store.register
        counts = register.instrument_counts()
        return [
            {
                "key": place.id,
                "title": place.name,
                "second": f"{wording.word(self.parts.texts, 'place_kind', place.kind)}  {place.address}".strip(),
                "trailing": self.t("today.instruments", count=counts.get(place.id, 0)),
                "code": "",
                "choose": self.choose_place,
            }
            for place in register.places()
        ]

    def _row(self, filed: Filed) -> dict[str, Any]:
        """Say how far a filing has come by the worst of its operations, which is the one that a touch shows."""
        op_id, state = self._worst(filed)
        return {
            "key": op_id,
            "title": filed.serial,
            "second": f"{short_code(filed.label)}  {self.t(f'outbox.{state}')}",
            "trailing": filed.stall,
            "code": CODES[state],
            "choose": self.choose,
        }

    def _worst(self, filed: Filed) -> tuple[str, OpState]:
        found = [self.parts.store.outbox.entry(op_id) for op_id in filed.ops]
        entries = [entry for entry in found if entry is not None]
        for wanted in (*NEEDS_A_LOOK, OpState.WAITING):
            for entry in entries:
                if entry.state is wanted:
                    return entry.op_id, entry.state
        return filed.bind_op, filed.state

    def choose_place(self, key: str) -> None:
        """Begin the day at a place."""
        if self._day is not None:
            with self.told():
                stays = {"place": key} if key == self._day.place else {"place": key, "stall": None}
                walk.keep(self.parts, replace(self._day, **stays))
                self._look()

    def choose(self, key: str) -> None:
        """Look at the record of one that was filed."""
        self.go(Route.RECORD, op_id=key)

    def next(self) -> None:
        """Take the next label, or go on with the instrument in hand."""
        day = self._day
        if day is None or not self.has_place:
            return
        with self.told():
            if day.filing is None:
                day = walk.keep(self.parts, walk.next_one(self.parts, day))
            self.go(walk.ROUTES[walk.in_hand(day).step])

    def give_up(self) -> None:
        """Drop the instrument in hand; nothing of it was filed."""
        if self._day is not None and self._day.filing is not None:
            with self.told():
                photos = self._day.filing.photos
                walk.keep(self.parts, self._day.put_down())
                walk.drop_photos(self.parts, photos)
                self._look()

    def swap(self) -> None:
        """Two scales changed places."""
        self.go(Route.LABELLING_SWAP)

    def finish(self) -> None:
        """End the day at this place."""
        if self._day is not None and self._day.filing is None:
            with self.told():
                walk.keep(self.parts, replace(self._day, place=""))
                self.parts.path.begin(Route.TODAY)
