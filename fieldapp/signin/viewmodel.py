"""Signing in: the right PIN opens the store."""

from __future__ import annotations

from fieldapp.labelling.walk import ROUTES
from fieldapp.physical_seals.walk import in_hand
from fieldapp.pin.trying import TryingViewModel
from fieldapp.routes import Route
from fieldapp.store.facts import Fact


class SignInViewModel(TryingViewModel):
    """Asks for the PIN, and goes where the person was."""

    def entered(self, key: bytes) -> None:
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
        self._resume_seal()

    def _resume_seal(self) -> None:
        """Go back to what was being filled in about a seal, over all else: it was in hand last."""
        path, move = self.parts.path, in_hand(self.parts)
        if move is not None:
            path.go(Route.CARD, instrument=move.instrument)
            path.go(Route.PHYSICAL_SEALS, instrument=move.instrument)
            path.go(Route.SEAL_MOVE, instrument=move.instrument, position=move.position.value, act=move.act.value)
