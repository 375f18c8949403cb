"""The stalls of the place, from the one after the last; and on what terms who uses a scale there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.labelling import walk
from fieldapp.labelling.model import Day, Filing
from fieldapp.labelling.number.viewmodel import ANYWHERE
from fieldapp.labelling.wording import party_name
from fieldapp.nameplate.lists import choices
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.rows import Stall
from fieldapp.viewmodel import ViewModel
from shared.words import CustodyKind, Use

MOST_PARTIES = 8


class StallViewModel(ViewModel):
    """``rows`` are those of ``PlainRow``: stalls, or parties while the terms are looked at."""

    second = StringProperty("")
    rows = ListProperty()
    asked = StringProperty("")
    has_terms = BooleanProperty(False)
    custodies = ListProperty()
    uses = ListProperty()
    parties = ListProperty()
    party_asked = StringProperty("")
    user = StringProperty("")

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._day: Day | None = None
        self._filing: Filing | None = None
        self._stalls: list[Stall] = []
        self._tenants: dict[str, str | None] = {}

    def opened(self) -> None:
        """Read the stalls with whoever has them."""
        with self.told():
            register = self.parts.store.register
            self._day = walk.day_of(self.parts)
            self._filing = walk.in_hand(self._day)
            self._stalls = _from(register.stalls_at(self._day.place), self._day.stall)
            self._tenants = walk.tenants(self.parts, self._stalls)
            self.second = self._filing.serial
            self.fbind("asked", self._look)
            self._look()
            self._look_at_terms()

    def _look(self, *_: object) -> None:
        wanted = self.asked.strip().upper()
        found = [self._row(stall) for stall in self._stalls if wanted in stall.number.upper()]
        self.rows = [*found, _choice_row(ANYWHERE, self.t("labelling.no_stall"), "", self.choose)]

    def _row(self, stall: Stall) -> dict[str, Any]:
        tenant = party_name(self.parts, self._tenants.get(stall.id))
        return _choice_row(stall.id, self.t("card.stall", number=stall.number), tenant, self.choose)

    def choose(self, key: str) -> None:
        """Take a stall; the serial that was typed goes with it."""
        self.parts.path.stops.pop()
        self.parts.path.replace(Route.LABELLING_NUMBER, stall=key, user=self.user or None)

    # The terms

    def show_terms(self) -> None:
        """Look at the terms, or at the stalls again."""
        self.has_terms = not self.has_terms

    def _look_at_terms(self) -> None:
        filing = self._filing
        if filing is None:
            return
        self.custodies = choices([(kind.value, self.t(f"custody.{kind}")) for kind in CustodyKind], filing.custody)
        self.uses = choices([(use.value, self.t(f"use.{use}")) for use in Use], filing.use)
        self._look_at_parties()

    def choose_custody(self, key: str) -> None:
        """Take on what terms it is used, for this one and those that follow."""
        self._keep(custody=key)

    def choose_use(self, key: str) -> None:
        """Take what it is used for."""
        self._keep(use=key)

    def _keep(self, **changes: Any) -> None:
        if self._day is not None and self._filing is not None:
            with self.told():
                self._filing = replace(self._filing, **changes)
                self._day = walk.keep(self.parts, replace(self._day, filing=self._filing))
                self._look_at_terms()

    def ask_party(self, text: str) -> None:
        """Look for a party by a part of its name."""
        if text != self.party_asked:
            self.party_asked = text
            with self.told():
                self._look_at_parties()

    def choose_party(self, key: str) -> None:
        """Take another user than the one who has the stall; again: whoever has it."""
        self.user = "" if key == self.user else key
        self._look_at_parties()

    def _look_at_parties(self) -> None:
        wanted = self.party_asked.strip()
        register = self.parts.store.register
        named = register.parties_named(wanted, MOST_PARTIES) if wanted else []
        user = register.party(self.user)
        found = named if user is None or user in named else [user, *named]
        self.parties = choices([(one.id, one.name) for one in found[:MOST_PARTIES]], self.user)


def _from(stalls: list[Stall], last: str | None) -> list[Stall]:
    """Return the stalls from the one after the last on, then those before it."""
    places = [place for place, stall in enumerate(stalls) if stall.id == last]
    start = places[0] + 1 if places else 0
    return [*stalls[start:], *stalls[:start]]


def _choice_row(key: str, title: str, second: str, choose: Any) -> dict[str, Any]:
    return {"key": key, "title": title, "second": second, "trailing": "", "code": "", "choose": choose}
