"""Beginning a visit: two officers, the cause, what the law wants told first, and the standards carried."""

from __future__ import annotations

from datetime import date
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Person
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.missing import missing_to_start
from fieldapp.visit.model import Standard, Visit
from fieldapp.visit.recusal import warning_about, warning_at
from fieldapp.visit.walk import LabelSeen, keep, new_visit, open_check, party_of
from shared.words import Cause, PhoneZone, TaskKind, TaskState

WEIGHT_CLASSES = ("M1", "M2", "F2")


class StartViewModel(ViewModel):
    """``causes``, ``people`` and ``classes`` are choices: ``key``, ``text`` and whether ``chosen``."""

    place_name = StringProperty("")
    causes = ListProperty()
    cause = StringProperty(Cause.ROUTINE.value)
    approval_no = StringProperty("")
    people = ListProperty()
    colleague = StringProperty("")
    me = StringProperty("")
    card_shown = BooleanProperty(False)
    recusal_told = BooleanProperty(False)
    classes = ListProperty()
    weight_class = StringProperty("")
    certificate_no = StringProperty("")
    valid_until = StringProperty("")
    standard_note = StringProperty("")
    zone_note = StringProperty("")
    recusal_note = StringProperty("")
    missing = StringProperty("")
    can_start = BooleanProperty(False)

    def __init__(
        self,
        parts: Parts,
        place: str,
        task: str | None = None,
        instrument: str = "",
        seen: LabelSeen | None = None,
    ) -> None:
        super().__init__(parts)
        self._place, self._task, self._instrument, self._seen = place, task, instrument, seen or LabelSeen()
        self._colleagues: list[Person] = []
        self._today = parts.store.today()

    def opened(self) -> None:
        """Offer what was chosen the last time: the same two people usually walk with the same weights."""
        with self.told():
            found = self.parts.store.register.place(self._place)
            self.place_name = found.name if found else ""
            if found and found.phone_zone != PhoneZone.ALLOWED:
                self.zone_note = self.t(f"start.zone_{found.phone_zone}")
            self.recusal_note = self._recusal_note()
            me = self.parts.me
            self.me = self.t("start.me", name=me.name, card_no=me.card_no)
            self._colleagues = [person for person in self.parts.store.kept.colleagues if person.id != me.id]
            self._recall(self.parts.facts.get(Fact.LAST_VISIT) or {})
            self._task = self._task or self._task_here()
        for name in (
            "cause",
            "colleague",
            "card_shown",
            "recusal_told",
            "weight_class",
            "certificate_no",
            "valid_until",
        ):
            self.fbind(name, self._look)
        self._look()

    def _recusal_note(self) -> str:
        """Say whom the officer must not inspect: first of all whoever's scale was scanned."""
        scanned = self.parts.store.register.instrument(self._instrument)
        about_it = warning_about(self.parts, party_of(scanned)) if scanned else ""
        return about_it or warning_at(self.parts, self._place)

    def _recall(self, last: dict[str, str]) -> None:
        known = {person.id for person in self._colleagues}
        self.colleague = last.get("colleague", "") if last.get("colleague") in known else ""
        for name in ("weight_class", "certificate_no", "valid_until"):
            setattr(self, name, last.get(name, ""))

    def _task_here(self) -> str | None:
        """Return the task that a visit begun with a scan fulfils: an open one for this place, mine or anyone's."""
        wanted = (TaskKind.VISIT, TaskState.OPEN, self._place)
        open_here = (one for one in self.parts.store.register.tasks() if (one.kind, one.state, one.place) == wanted)
        return next((one.id for one in open_here if one.assigned_to in (None, self.parts.me.id)), None)

    def choose_cause(self, key: str) -> None:
        """Take why this visit is made."""
        self.cause = key

    def choose_colleague(self, key: str) -> None:
        """Take who goes along."""
        self.colleague = "" if key == self.colleague else key

    def choose_class(self, key: str) -> None:
        """Take the class of the weights; again: none are carried."""
        self.weight_class = "" if key == self.weight_class else key

    def _look(self, *_: object) -> None:
        self.causes = [_choice(cause.value, self.t(f"cause.{cause}"), self.cause) for cause in Cause]
        self.people = [_choice(person.id, person.name, self.colleague) for person in self._colleagues]
        self.classes = [_choice(name, self.t("start.weights", name=name), self.weight_class) for name in WEIGHT_CLASSES]
        self.standard_note = self._standard_note()
        missing = missing_to_start(self._visit())
        self.missing = self.t(
            "missing.all", what=self.t("missing.and").join(self.t(f"missing.{one}") for one in missing)
        )
        self.missing = self.missing if missing else ""
        self.can_start = not missing and not self.standard_note

    def _standard_note(self) -> str:
        """Say what is wrong with the standards; weights out of date prove nothing, so nothing begins with them."""
        if not self.weight_class:
            return ""
        if not self.certificate_no.strip():
            return self.t("start.no_certificate")
        try:
            until = date.fromisoformat(self.valid_until.strip())
        except ValueError:
            return self.t("start.bad_day")
        return self.t("start.standard_over", date=until.isoformat()) if until < self._today else ""

    def _visit(self) -> Visit:
        chosen = [person for person in self._colleagues if person.id == self.colleague]
        standard = Standard(self.weight_class, self.certificate_no.strip(), self.valid_until.strip())
        return new_visit(
            self.parts.clock,
            place=self._place,
            task=self._task,
            cause=Cause(self.cause),
            approval_no=self.approval_no.strip(),
            officers=[self.parts.me, *chosen],
            standards=[standard] if self.weight_class else [],
            card_shown=self.card_shown,
            recusal_told=self.recusal_told,
        )

    def start(self) -> None:
        """Begin, and go on to the instrument that was scanned, if there was one."""
        if not self.can_start:
            return
        with self.told():
            visit = self._visit()
            names = ("colleague", "weight_class", "certificate_no", "valid_until")
            self.parts.facts.set(Fact.LAST_VISIT, {name: getattr(self, name) for name in names})
            instrument = self.parts.store.register.instrument(self._instrument)
            if instrument and instrument.scale:
                visit = open_check(self.parts, visit, instrument, instrument.scale, self._seen)
            keep(self.parts, visit)
            self.parts.path.begin(Route.TODAY)
            self.go(Route.VISIT)
            if visit.open_check:
                self.go(Route.CHECK, check=visit.open_check)
            elif instrument:
                self.go(Route.NAMEPLATE, instrument=instrument.id, seen=self._seen)


def _choice(key: str, text: str, chosen: str) -> dict[str, Any]:
    return {"key": key, "text": text, "chosen": key == chosen}
