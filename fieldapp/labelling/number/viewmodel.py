"""The serial of what is filed, and the stall it stands at, with as few touches as can be.

The digits typed take the place of the last digits of the serial before: scales that were bought together differ in two
or three. Touching a stall takes both. A serial that is filed already is asked about: then only the label is put on.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, OptionProperty, StringProperty

from fieldapp.labelling import walk, wording
from fieldapp.labelling.labels import contradicts, same_serial
from fieldapp.labelling.model import Day, Filing, Step
from fieldapp.labelling.numbers import LONGEST_SERIAL, prefix_for
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.scan.label import look_up
from fieldapp.store.rows import Stall
from fieldapp.viewmodel import ViewModel

ANYWHERE, OTHER = "anywhere", "other"


class NumberState(StrEnum):
    """Typed on the PAD, or with the KEYBOARD; the SAME serial is filed already."""

    PAD = "pad"
    KEYBOARD = "keyboard"
    SAME = "same"


class NumberViewModel(ViewModel):
    """``before`` and ``typed`` are the serial together; ``ways`` are the stalls at a touch, the likeliest first."""

    state = OptionProperty(NumberState.PAD.value, options=[state.value for state in NumberState])
    second = StringProperty("")
    before = StringProperty("")
    typed = StringProperty("")
    is_joined = BooleanProperty(True)
    last = StringProperty("")
    ways = ListProperty()
    has_stalls = BooleanProperty(False)
    problem = StringProperty("")
    same = StringProperty("")
    same_note = StringProperty("")

    def __init__(self, parts: Parts, stall: str = "", user: str | None = None) -> None:
        super().__init__(parts)
        self._chosen, self._user = stall, user
        self._day: Day | None = None
        self._filing: Filing | None = None
        self._same_id = ""

    def opened(self) -> None:
        """Ask for the serial; one that a maker's code told, or that was typed before, is there already."""
        with self.told():
            self._day = walk.day_of(self.parts)
            self._filing = walk.in_hand(self._day)
            self.second = wording.plate_name(self.parts.texts, self._filing.plate)
            self.last, self.typed = self._day.serial, self._filing.serial
            self.is_joined = bool(self.last) and not self.typed
            for name in ("typed", "is_joined"):
                self.fbind(name, self._look)
            self._look()
            self.ways = self._ways()
            if self._chosen:
                chosen, self._chosen = self._chosen, ""
                self.choose_stall(chosen)

    @property
    def serial(self) -> str:
        """The whole serial as it is now."""
        return f"{self.before}{self.typed}".strip()[:LONGEST_SERIAL]

    def _look(self, *_: object) -> None:
        self.before = prefix_for(self.last, self.typed) if self.is_joined else ""
        self.problem = ""

    def _ways(self) -> list[dict[str, Any]]:
        """Offer the stall after the last one, the last one again, and the list."""
        if self._day is None:
            return []
        register = self.parts.store.register
        stalls, place = register.stalls_at(self._day.place), register.place(self._day.place)
        self.has_stalls = bool(stalls)
        offered = [self._way(stall) for stall in walk.stalls_next(stalls, self._day.stall)]
        where = self.t("labelling.at_place", place=place.name if place else "")
        return offered or [{"key": ANYWHERE, "text": where, "chosen": True}]

    def _way(self, stall: Stall) -> dict[str, Any]:
        user = walk.tenant_of(self.parts, stall)
        return {"key": stall.id, "text": wording.spot(self.parts, stall.id, user), "chosen": True}

    # Typing

    def press(self, key: str) -> None:
        """Take one key of the pad."""
        if key == "erase":
            self.typed = self.typed[:-1]
        elif len(self.typed) < LONGEST_SERIAL:
            self.typed += key

    def write(self, text: str) -> None:
        """Take a serial with letters, typed with the keyboard."""
        self.is_joined, self.typed = False, text.strip()

    def use_keyboard(self) -> None:
        """Type letters, beginning with what is there."""
        self.typed, self.is_joined = self.serial or self.last, False
        self.state = NumberState.KEYBOARD

    def part(self) -> None:
        """Type a serial of its own, or join the digits to the last serial again."""
        self.is_joined = not self.is_joined and bool(self.last)

    # Where it stands

    def choose_stall(self, key: str) -> None:
        """Take the serial and the stall together; what speaks against the serial is told first."""
        day, filing = self._day, self._filing
        if day is None or filing is None:
            return
        if not self.typed:
            self.problem = self.t("labelling.needs_serial")
            return
        with self.told():
            filing = replace(filing, serial=self.serial, existing=None)
            if key == OTHER:
                self._filing = filing
                self._day = walk.keep(self.parts, replace(day, filing=filing))
                self.go(Route.LABELLING_STALL)
                return
            scan = look_up(self.parts.store, filing.label)
            if scan.seal is not None and contradicts(scan.seal, filing.serial):
                self.problem = self.t("labelling.wrong_binding")
                return
            self._filing = self._placed(day, filing, key)
            self._same_id = self._same(self._filing)
            if self._same_id:
                self._ask()
            else:
                walk.go_on(self.parts, day, self._filing)

    def _placed(self, day: Day, filing: Filing, key: str) -> Filing:
        """Return the filing at a stall with whoever has it; at no stall, with whoever runs the place."""
        register = self.parts.store.register
        stall, place = register.stall(key), register.place(day.place)
        if stall is None:
            return replace(filing, stall=None, user=self._user or (place.operator if place else None))
        return replace(filing, stall=stall.id, user=self._user or walk.tenant_of(self.parts, stall))

    # Filed already

    def _same(self, filing: Filing) -> str:
        """Return the instrument that is filed with this serial, here or in the register; "" for none."""
        maker = filing.plate.maker if filing.plate else ""
        filed = self.parts.store.filings.of_serial(filing.serial)
        here = next((one.instrument for one in filed if not maker or not one.maker or one.maker == maker), "")
        known = same_serial(self.parts.store, filing.serial, maker)
        return here or (known.id if known else "")

    def _ask(self) -> None:
        store = self.parts.store
        self.same = wording.instrument(self.parts, self._same_id)
        known, filed = store.register.instrument(self._same_id), store.filings.of_instrument(self._same_id)
        has_label = filed is not None or (known is not None and known.label is not None)
        self.same_note = self.t("labelling.replaces_label") if has_label else self.t("labelling.only_label")
        self.state = NumberState.SAME

    def take_same(self) -> None:
        """It is that one: the label is put on it, and nothing is registered twice."""
        if self._day is not None and self._filing is not None:
            with self.told():
                filing = replace(self._filing, existing=self._same_id, stall=None, user=None, step=Step.NUMBER)
                walk.go_on(self.parts, self._day, filing)

    def is_another(self) -> None:
        """It is another one that happens to bear the same serial."""
        if self._day is not None and self._filing is not None:
            with self.told():
                walk.go_on(self.parts, self._day, self._filing)

    # Elsewhere

    def change_plate(self) -> None:
        """The nameplate is not like the last one."""
        if self._day is not None and self._filing is not None:
            with self.told():
                serial = self.serial if self.typed else ""
                walk.go_to(self.parts, self._day, replace(self._filing, step=Step.PLATE, serial=serial))

    def back(self) -> None:
        """From the question back to the serial; else one step back."""
        if self.state == NumberState.SAME or self._day is None or self._filing is None:
            self.state = NumberState.PAD
            return
        with self.told():
            walk.go_back(self.parts, self._day, self._filing)
