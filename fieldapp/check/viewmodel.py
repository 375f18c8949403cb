"""Checking a scale: each reading is kept at once, and the verdict is judged again after it, with no network.

The typed text stays as long as it is wrong; a wrong digit never opens a dialog.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, OptionProperty, StringProperty

from fieldapp.check import wording
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.sync.wording import clock_warning
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.model import Check, Visit
from fieldapp.visit.walk import concluded, judged, keep, telling_loads
from shared.errors import RuleError
from shared.quantities import load_mg, mass_text, shown_mg
from shared.sentences import error_sentence
from shared.verdict import Reading, Verdict

UNITS = ("kg", "g")


class CheckState(StrEnum):
    """LOAD is being typed; then what the scale has SHOWN; the RESULT is looked at."""

    LOAD = "load"
    SHOWN = "shown"
    RESULT = "result"


class CheckViewModel(ViewModel):
    """The strip's properties are those of ``VerdictStrip``; masses in milligrams."""

    state = OptionProperty(CheckState.LOAD.value, options=[state.value for state in CheckState])
    title = StringProperty("")
    nameplate = StringProperty("")
    load_text = StringProperty("")
    typed = StringProperty("")
    unit = StringProperty("")
    units = ListProperty()
    load_choices = ListProperty()
    last_text = StringProperty("")
    note = StringProperty("")
    is_note_wrong = BooleanProperty(False)
    is_editing = BooleanProperty(False)
    rows = ListProperty()
    code = StringProperty("indeterminate")
    word = StringProperty("")
    sentence = StringProperty("")
    reasons = StringProperty("")
    unconfirmed = StringProperty("")
    value = NumericProperty(0)
    limit = NumericProperty(0)
    uncertainty = NumericProperty(0)
    low_text = StringProperty("")
    high_text = StringProperty("")
    clock_warning = StringProperty("")

    def __init__(self, parts: Parts, check: str) -> None:
        super().__init__(parts)
        visit = parts.store.drafts.running()
        if visit is None:
            raise KeyError(check)
        self.visit: Visit = visit
        self.check: Check = visit.check(check)
        self._load_mg = 0
        self._edited: Reading | None = None
        self.units = [self.t(f"check.unit_{unit}") for unit in UNITS]
        self.unit = self.units[0]
        self._describe()
        self._judge(self.check)
        self.state = CheckState.RESULT if self.check.readings else CheckState.LOAD
        self._ask()

    def _describe(self) -> None:
        instrument = self.parts.store.register.instrument(self.check.instrument)
        self.title = instrument.serial if instrument else ""
        self.nameplate = wording.nameplate(self.parts.texts, self.check.scale)
        self.load_choices = [mass_text(load, unit="kg") for load in telling_loads(self.parts, self.check)]
        self.clock_warning = clock_warning(self.parts.texts, self.parts.store.offset())

    # Typing

    @property
    def _unit(self) -> str:
        return UNITS[self.units.index(self.unit)]

    def on_typed(self, *_: object) -> None:
        """A sentence about a wrong number goes with the next key."""
        if self.is_note_wrong:
            with self.told():
                self._hint()

    def choose_load(self, text: str) -> None:
        """Take one of the loads that tell most about this scale."""
        self.unit = self.units[0]
        self.done(text)

    def done(self, text: str) -> None:
        """Take what was typed: first a load, then what the scale shows under it."""
        self.typed = text
        try:
            if self.state == CheckState.LOAD:
                self._take_load(text)
            else:
                self.add_reading(text)
        except RuleError as error:
            self.note, self.is_note_wrong = error_sentence(self.parts.texts, error), True

    def _take_load(self, text: str) -> None:
        load = load_mg(text, unit=self._unit, max_mg=self.check.scale.max_mg)
        with self.told():
            wording.limit_at(self.parts, self.visit, self.check, load)
            self._load_mg = load
            self.state = CheckState.SHOWN
            self._ask()

    def add_reading(self, text: str) -> None:
        """Keep a reading under the load on the scale; raises RuleError for one that this scale cannot have shown."""
        scale = self.check.scale
        shown = shown_mg(text, unit=self._unit, d_mg=scale.d_mg, e_mg=scale.e_mg, max_mg=scale.max_mg)
        readings = (*(one for one in self.check.readings if one is not self._edited), Reading(self._load_mg, shown))
        self._keep(replace(self.check, readings=readings))

    def drop(self) -> None:
        """Take back the reading that is being corrected: it was a slip of the finger."""
        self._keep(replace(self.check, readings=tuple(one for one in self.check.readings if one is not self._edited)))

    def _keep(self, changed: Check) -> None:
        with self.told():
            verdict = judged(self.parts, self.visit, changed)
            changed = concluded(changed, verdict)
            visit = self.visit.with_check(changed)
            keep(self.parts, visit)
            self.visit, self.check, self._edited = visit, changed, None
            self._show(verdict)
            self.state = CheckState.RESULT if wording.has_enough(verdict, changed) else CheckState.LOAD
            self._ask()

    def edit(self, key: str) -> None:
        """Correct a reading: its load stays, what was shown is typed again."""
        self._edited = self.check.readings[int(key)]
        self._load_mg = self._edited.load_mg
        self.state = CheckState.SHOWN
        with self.told():
            self._ask()

    def another(self) -> None:
        """Go on to another load."""
        self._edited = None
        self.state = CheckState.LOAD
        self._ask()

    def look(self) -> None:
        """Look at the result as it stands."""
        self._edited = None
        self.state = CheckState.RESULT

    def _ask(self) -> None:
        """Begin to type the next number."""
        self.typed, self.is_editing = "", self._edited is not None
        is_shown = self.state == CheckState.SHOWN
        self.load_text = wording.load(self.parts.texts, self._load_mg) if is_shown else ""
        self._hint()
        last = self._edited or next(reversed(self.check.readings), None)
        self.last_text = wording.shown(self.parts.texts, last, self.check) if last and is_shown else ""

    def _hint(self) -> None:
        """Say what is to be typed now."""
        is_shown = self.state == CheckState.SHOWN
        self.is_note_wrong = False
        self.note = (
            wording.limit_at(self.parts, self.visit, self.check, self._load_mg)
            if is_shown
            else self.t("check.ask_load")
        )

    # The verdict

    def _judge(self, check: Check) -> None:
        with self.told():
            self._show(judged(self.parts, self.visit, check))

    def _show(self, verdict: Verdict) -> None:
        for name, value in wording.strip(self.parts.texts, verdict, self.check).items():
            setattr(self, name, value)
        self.rows = [row | {"choose": self.edit} for row in self._rows(verdict)]

    def _rows(self, verdict: Verdict) -> list[dict[str, Any]]:
        return wording.rows(self.parts.texts, verdict, self.check)

    # Leaving

    def correct_nameplate(self) -> None:
        """The nameplate is not what the register says."""
        self.go(Route.NAMEPLATE, instrument=self.check.instrument, check=self.check.id)

    def finish(self) -> None:
        """Go to the party this scale belongs to; the check stays in the visit."""
        with self.told():
            keep(self.parts, replace(self.visit, open_check=None))
            holder = self.visit.holder_of(self.check.id)
            self.parts.path.back_to(Route.VISIT)
            self.go(Route.PARTY, inspection=holder.id)
