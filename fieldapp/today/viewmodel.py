"""Today: tasks first, then places; what is not sent yet, and everything the inspector must be warned of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.labelling import walk
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.rows import Place, Task
from fieldapp.sync import wording
from fieldapp.viewmodel import ViewModel
from shared.dates import civil_day
from shared.words import TaskKind, TaskState

STALE_AFTER_DAYS = 1
WATCHED = ("result", "is_running", "ticks")


class TodayViewModel(ViewModel):
    """``rows`` are those of ``PlainRow``; each warning is a sentence, "" where there is nothing to say."""

    date_text = StringProperty("")
    person = StringProperty("")
    rows = ListProperty()
    running = StringProperty("")
    labelling = StringProperty("")
    may_label = BooleanProperty(False)
    balance = StringProperty("")
    outbox = StringProperty("")
    network = StringProperty("")
    alarm = StringProperty("")
    clock_warning = StringProperty("")
    is_syncing = BooleanProperty(False)

    def opened(self) -> None:
        """Show what the store holds, and follow the sync."""
        self.parts.status.bind(**dict.fromkeys(WATCHED, self._follow))
        with self.told():
            self.person = self.parts.me.name
            self.parts.status.look(self.parts.store)
            self.look()

    def closed(self) -> None:
        """Listen no longer."""
        self.parts.status.unbind(**dict.fromkeys(WATCHED, self._follow))

    def _follow(self, *_: object) -> None:
        if self.parts.opened is not None:
            with self.told():
                self.look()

    def look(self) -> None:
        """Read everything again; a suspended phone has no today."""
        if self.parts.facts.get(Fact.SUSPENDED_AT):
            self.parts.path.begin(Route.SUSPENDED)
            return
        status, store = self.parts.status, self.parts.store
        self._day = store.today()
        self.date_text = wording.day(self.parts.texts, self._day)
        self.is_syncing = status.is_running
        self.balance = wording.in_short(self.parts.texts, status)
        self.outbox = self.t("today.outbox", waiting=int(status.waiting)) if status.waiting else ""
        if status.needs_a_look:
            self.outbox = self.t("today.needs_a_look", count=int(status.needs_a_look))
        self.alarm = self.t("today.alarm") if status.alarms else ""
        self.network = self._network(self.parts.facts.instant(Fact.PULLED_AT))
        self.clock_warning = wording.clock_warning(self.parts.texts, self.parts.store.offset())
        visit = store.drafts.running()
        place = store.register.place(visit.place) if visit else None
        self.running = self.t("today.running", place=place.name if place else "") if visit else ""
        self.may_label = walk.may_label(self.parts)
        labelled = store.register.place(walk.day_of(self.parts).place)
        self.labelling = self.t("labelling.running", place=labelled.name) if labelled else ""
        self.rows = self._task_rows() + self._place_rows()

    def _network(self, pulled_at: datetime | None) -> str:
        """Stale data says since when; a failed round says why, and that nothing is lost."""
        status, texts = self.parts.status, self.parts.texts
        if pulled_at is not None and (self.parts.store.today() - civil_day(pulled_at)).days > STALE_AFTER_DAYS:
            return texts("today.stale", since=wording.moment(texts, pulled_at))
        return (
            ""
            if status.result in ("idle", "done")
            else texts(f"sync.{status.result}", reason=wording.sentence(texts, status.why))
        )

    def _task_rows(self) -> list[dict[str, Any]]:
        mine = [task for task in self.parts.store.register.tasks() if task.state == TaskState.OPEN]
        mine = [task for task in mine if task.assigned_to in (None, self.parts.me.id)]
        return [self._task_row(task) for task in sorted(mine, key=lambda task: (task.due_on or date.max, task.id))]

    def _task_row(self, task: Task) -> dict[str, Any]:
        register = self.parts.store.register
        instrument = register.instrument(task.instrument)
        place = register.place(task.place or (instrument.place if instrument else None))
        kind = self.t(f"task_kind.{task.kind}") if task.kind in list(TaskKind) else self.t("today.other_task")
        due = wording.due(self.parts.texts, task.due_on, self._day)
        serial = self.t("card.serial", serial=instrument.serial) if instrument and instrument.serial else ""
        about = task.note or serial
        is_late = task.due_on is not None and task.due_on < self._day
        return {
            "key": task.id,
            "title": place.name if place else kind,
            "second": self.t("today.task_line", kind=kind, note=about) if about else kind,
            "trailing": due,
            "code": "indeterminate" if is_late else "mark",
            "choose": self.choose_task,
        }

    def _place_rows(self) -> list[dict[str, Any]]:
        counts = self.parts.store.register.instrument_counts()
        return [self._place_row(place, counts.get(place.id, 0)) for place in self.parts.store.register.places()]

    def _place_row(self, place: Place, count: int) -> dict[str, Any]:
        kind = wording.word(self.parts.texts, "place_kind", place.kind)
        return {
            "key": place.id,
            "title": place.name,
            "second": f"{kind}  {place.address}".strip(),
            "trailing": self.t("today.instruments", count=count),
            "code": "",
            "choose": self.choose_place,
        }

    def choose_task(self, key: str) -> None:
        """Go where a task is."""
        with self.told():
            register = self.parts.store.register
            task = register.task(key)
            instrument = register.instrument(task.instrument) if task else None
            if task and instrument:
                self.go(Route.CARD, instrument=instrument.id, link="", task=task.id)
            elif task and task.place:
                self._visit(task.place, task.id)

    def choose_place(self, key: str) -> None:
        """Begin a visit to a place, or go on with the one that is running there."""
        with self.told():
            self._visit(key, None)

    def _visit(self, place: str, task: str | None) -> None:
        visit = self.parts.store.drafts.running()
        if visit is None:
            self.go(Route.START, place=place, task=task)
        elif visit.place == place:
            self.go(Route.VISIT)
        else:
            self.running = self.t("today.finish_first", running=self.running)

    def resume(self) -> None:
        """Go on with the running visit."""
        self.go(Route.VISIT)

    def label(self) -> None:
        """Put labels on instruments and file them."""
        self.go(Route.LABELLING)

    def scan(self) -> None:
        """Scan a label."""
        self.go(Route.SCAN)

    def open_outbox(self) -> None:
        """Look at what was saved and sent."""
        self.go(Route.OUTBOX)

    def open_preferences(self) -> None:
        """Look at the preferences."""
        self.go(Route.PREFERENCES)
