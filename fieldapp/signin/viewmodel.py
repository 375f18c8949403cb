"""Signing in: the right PIN opens the store; a wrong one is told, and the next try waits longer each time."""

from __future__ import annotations

from enum import StrEnum

from kivy.properties import NumericProperty, OptionProperty, StringProperty

from fieldapp.labelling.walk import ROUTES
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.facts import Fact
from fieldapp.store.trouble import StorageTrouble
from fieldapp.store.vault import PIN_DIGITS, MustWait, WrongPin
from fieldapp.viewmodel import ViewModel

Answer = bytes | WrongPin | MustWait | StorageTrouble


class SignInState(StrEnum):
    """The PIN is being typed, it is being tried, or nothing may be tried for a while."""

    TYPING = "typing"
    WORKING = "working"
    WAITING = "waiting"


class SignInViewModel(ViewModel):
    """``wait_s`` counts down by ``tick``, which the screen calls every second."""

    state = OptionProperty(SignInState.TYPING.value, options=[state.value for state in SignInState])
    typed = StringProperty("")
    sentence = StringProperty("")
    wait_s = NumericProperty(0)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.sentence = self.t("signin.enter")
        with self.told():
            self._wait(parts.vault.wait_s(parts.clock.now()))

    def press(self, key: str) -> None:
        """Take a digit, or ``erase`` the last."""
        if self.state != SignInState.TYPING:
            return
        self.typed = self.typed[:-1] if key == "erase" else self.typed + key
        if len(self.typed) == PIN_DIGITS:
            pin, self.typed = self.typed, ""
            self.state, self.sentence = SignInState.WORKING, self.t("signin.working")
            expected = (WrongPin, MustWait, StorageTrouble)
            self.parts.off_thread(lambda: self._try(pin), self._answered, *expected)

    def _try(self, pin: str) -> bytes:
        return self.parts.vault.unlock(pin, self.parts.clock.now())

    def _answered(self, answer: Answer) -> None:
        with self.told():
            self.state, self.sentence = SignInState.TYPING, self.t("signin.enter")
            if isinstance(answer, StorageTrouble):
                raise answer
            if isinstance(answer, bytes):
                self._enter(answer)
                return
            self.sentence = self.t("signin.wrong")
            self._wait(answer.wait_s)

    def _wait(self, seconds: int) -> None:
        self.wait_s = seconds
        if seconds:
            self.state, self.sentence = SignInState.WAITING, self.t("signin.wait", seconds=seconds)

    def tick(self) -> None:
        """Count a second down."""
        if self.state != SignInState.WAITING:
            return
        if self.wait_s > 1:
            self._wait(int(self.wait_s) - 1)
        else:
            self.wait_s, self.state, self.sentence = 0, SignInState.TYPING, self.t("signin.enter")

    def _enter(self, key: bytes) -> None:
        """Go where the person was: a phone that is not registered goes on with that, what was in hand is resumed."""
        store, path = self.parts.open(key), self.parts.path
        if self.parts.facts.get(Fact.IS_HANDED_OVER):
            path.begin(Route.ENROL)
            return
        if self.parts.facts.get(Fact.SUSPENDED_AT):
            self.parts.start_sync()
            path.begin(Route.SUSPENDED)
            return
        if not self.parts.facts.get(Fact.IS_ENROLLED) or not self.parts.facts.get(Fact.IS_FILLED):
            path.begin(Route.JOINING)
            return
        self.parts.start_sync()
        visit = store.drafts.running()
        path.begin(Route.TODAY)
        if visit is not None:
            path.go(Route.VISIT)
            if visit.open_check is not None:
                path.go(Route.CHECK, check=visit.open_check)
        elif (filing := store.labelling.of(self.parts.me.id).filing) is not None:
            path.go(Route.LABELLING)
            path.go(ROUTES[filing.step])
