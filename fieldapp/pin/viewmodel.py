"""Choosing a PIN: typed twice, not one that everybody tries first."""

from __future__ import annotations

import os
from enum import StrEnum
from sqlite3 import Connection

from kivy.properties import OptionProperty, StringProperty

from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.kept import Enrolment
from fieldapp.store.trouble import StorageTrouble
from fieldapp.store.vault import PIN_DIGITS, is_weak
from fieldapp.viewmodel import ViewModel


class PinState(StrEnum):
    """CHOOSE it, REPEAT it, and the key is being made."""

    CHOOSE = "choose"
    REPEAT = "repeat"
    WORKING = "working"


class PinViewModel(ViewModel):
    """``typed`` are the digits so far; screens show only how many."""

    state = OptionProperty(PinState.CHOOSE.value, options=[state.value for state in PinState])
    typed = StringProperty("")
    sentence = StringProperty("")

    def __init__(self, parts: Parts, enrolment: Enrolment) -> None:
        super().__init__(parts)
        self._enrolment = enrolment
        self._chosen = ""
        self.sentence = self.t("pin.choose")

    def press(self, key: str) -> None:
        """Take a digit, or ``erase`` the last."""
        if self.state == PinState.WORKING:
            return
        self.typed = self.typed[:-1] if key == "erase" else self.typed + key
        if len(self.typed) == PIN_DIGITS:
            self._take(self.typed)

    def _take(self, pin: str) -> None:
        self.typed = ""
        if self.state == PinState.CHOOSE:
            if is_weak(pin):
                self.sentence = self.t("pin.weak")
                return
            self._chosen, self.state, self.sentence = pin, PinState.REPEAT, self.t("pin.repeat")
        elif pin == self._chosen:
            self.state, self.sentence = PinState.WORKING, self.t("pin.working")
            self.parts.off_thread(lambda: self._make(pin), self._made, StorageTrouble)
        else:
            self._chosen, self.state, self.sentence = "", PinState.CHOOSE, self.t("pin.different")

    def _make(self, pin: str) -> bytes:
        if self.parts.opened is None:
            return self.parts.vault.create(pin)
        self.parts.opened.kept.enrolment = self._enrolment
        self.parts.vault.rewrap(self.parts.key, pin, self._take_over)
        return self.parts.key

    def _take_over(self, connection: Connection) -> None:
        """With the new PIN the phone belongs to whoever chose it, and has yet to be registered for them."""
        for name in (Fact.IS_HANDED_OVER, Fact.IS_ENROLLED, Fact.IS_FILLED):
            self.parts.facts.put(connection, name, False)

    def _made(self, key: bytes | StorageTrouble) -> None:
        with self.told():
            if isinstance(key, StorageTrouble):
                self.state, self.sentence = PinState.CHOOSE, self.t("pin.choose")
                raise key
            from fieldapp.sync.enrol import device_of

            store = self.parts.opened or self.parts.open(key)
            device_of(store, os.urandom(32))
            store.kept.enrolment = self._enrolment
            self.parts.path.begin(Route.JOINING)
