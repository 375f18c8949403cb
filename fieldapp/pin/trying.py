"""Trying the PIN that closes this phone: a wrong one is told, and the next try waits longer each time.

Signing in opens the store with it; handing the phone over asks by it whether the officer whose phone it is agrees.
"""

from __future__ import annotations

from enum import StrEnum

from kivy.properties import NumericProperty, OptionProperty, StringProperty

from fieldapp.parts import Parts
from fieldapp.store.trouble import StorageTrouble
from fieldapp.store.vault import PIN_DIGITS, MustWait, WrongPin
from fieldapp.viewmodel import ViewModel

Answer = bytes | WrongPin | MustWait | StorageTrouble


class TryState(StrEnum):
    """The PIN is being typed, it is being tried, or nothing may be tried for a while."""

    TYPING = "typing"
    WORKING = "working"
    WAITING = "waiting"


class TryingViewModel(ViewModel):
    """``wait_s`` counts down by ``tick``, which the screen calls every second. Failures count for all screens alike."""

    state = OptionProperty(TryState.TYPING.value, options=[state.value for state in TryState])
    typed = StringProperty("")
    sentence = StringProperty("")
    wait_s = NumericProperty(0)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.sentence = self.asks()
        with self.told():
            self._wait(parts.vault.wait_s(parts.clock.now()))

    def asks(self) -> str:
        """Return the sentence that asks for the PIN."""
        return self.t("signin.enter")

    def entered(self, key: bytes) -> None:
        """Go on: the PIN was right; ``key`` is the data key that it opened."""
        raise NotImplementedError  # each screen has its own way on

    def press(self, key: str) -> None:
        """Take a digit, or ``erase`` the last."""
        if self.state != TryState.TYPING:
            return
        self.typed = self.typed[:-1] if key == "erase" else self.typed + key
        if len(self.typed) == PIN_DIGITS:
            pin, self.typed = self.typed, ""
            self.state, self.sentence = TryState.WORKING, self.t("pin.trying")
            expected = (WrongPin, MustWait, StorageTrouble)
            self.parts.off_thread(lambda: self._try(pin), self._answered, *expected)

    def _try(self, pin: str) -> bytes:
        return self.parts.vault.unlock(pin, self.parts.clock.now())

    def _answered(self, answer: Answer) -> None:
        with self.told():
            self.state, self.sentence = TryState.TYPING, self.asks()
            if isinstance(answer, StorageTrouble):
                raise answer
            if isinstance(answer, bytes):
                self.entered(answer)
                return
            self.sentence = self.t("signin.wrong")
            self._wait(answer.wait_s)

    def _wait(self, seconds: int) -> None:
        self.wait_s = seconds
        if seconds:
            self.state, self.sentence = TryState.WAITING, self.t("signin.wait", seconds=seconds)

    def tick(self) -> None:
        """Count a second down."""
        if self.state != TryState.WAITING:
            return
        if self.wait_s > 1:
            self._wait(int(self.wait_s) - 1)
        else:
            self.wait_s, self.state, self.sentence = 0, TryState.TYPING, self.asks()
