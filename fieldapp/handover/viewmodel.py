"""Handing over: the officer whose phone it is agrees by the PIN; only then may a colleague enrol it.

An open phone that somebody finds is thereby not theirs. Signing out asks for nothing: it closes the phone, keeps
everything, and opens again with the same PIN. Whoever has forgotten the PIN hands over by way of the desk.
"""

from __future__ import annotations

from fieldapp.pin.trying import TryingViewModel
from fieldapp.routes import Route
from fieldapp.store.facts import Fact


class HandoverViewModel(TryingViewModel):
    """Asks for the PIN of the officer who is signed in, and goes on to the colleague's code."""

    def asks(self) -> str:
        """Return the sentence that asks for the PIN."""
        return self.t("handover.enter")

    def entered(self, key: bytes) -> None:
        """Stop sending, and let the colleague enrol this phone."""
        self.parts.facts.set(Fact.IS_HANDED_OVER, True)
        self.parts.stop_sync()
        self.parts.path.begin(Route.ENROL)
