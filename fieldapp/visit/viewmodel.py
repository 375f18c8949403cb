"""The register of a visit: every party of the place with what was found, and saving it all."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.records import NotComplete, TooLarge
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.missing import missing_of, missing_to_save
from fieldapp.visit.model import Inspection, Visit
from fieldapp.visit.walk import inspection_of, keep, party_of
from fieldapp.visit.wording import state_of

PartyKey = tuple[str | None, str | None]


class VisitViewModel(ViewModel):
    """``rows`` are those of ``PlainRow``: parties that were looked at first, then the others."""

    place_name = StringProperty("")
    second = StringProperty("")
    rows = ListProperty()
    missing = StringProperty("")
    can_save = BooleanProperty(False)
    can_discard = BooleanProperty(False)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.visit: Visit | None = None
        self._keys: dict[str, PartyKey] = {}
        self._recused_from: set[str] = set()

    def opened(self) -> None:
        """Read the running visit."""
        with self.told():
            self.visit = self.parts.store.drafts.running()
            if self.visit is None:
                self.parts.path.begin(Route.TODAY)
                return
            self._look(self.visit)

    def _look(self, visit: Visit) -> None:
        register = self.parts.store.register
        self._recused_from = set(self.parts.store.kept.recused_from)
        place = register.place(visit.place)
        self.place_name = place.name if place else ""
        names = [person.name for person in self.parts.store.kept.colleagues]
        known = {person.id: person.name for person in self.parts.store.kept.colleagues} | {
            self.parts.me.id: self.parts.me.name
        }
        names = [known.get(participant.person, "") for participant in visit.participants]
        self.second = self.t(
            "visit.second", cause=self.t(f"cause.{visit.cause}"), names=self.t("visit.and").join(names)
        )
        self.rows = self._rows(visit, register.instruments_at(visit.place))
        missing = missing_to_save(visit)
        self.can_save = not missing
        what = self.t("missing.and").join(self.t(f"missing.{one}") for one in missing)
        self.missing = self.t("missing.all", what=what) if missing else ""
        self.can_discard = not any(inspection.measured for inspection in visit.inspections)

    def _rows(self, visit: Visit, instruments: list[Instrument]) -> list[dict[str, Any]]:
        held: dict[PartyKey, int] = defaultdict(int)
        for instrument in instruments:
            held[party_of(instrument), instrument.stall] += 1
        begun = {(one.party, one.stall): one for one in visit.inspections}
        others = sorted((key for key in held if key not in begun), key=self._number)
        keys = [*begun, *others]
        self._keys = {str(place): key for place, key in enumerate(keys)}
        return [self._row(str(place), key, begun.get(key), held.get(key, 0)) for place, key in enumerate(keys)]

    def _number(self, key: PartyKey) -> str:
        stall = self.parts.store.register.stall(key[1])
        return stall.number if stall else "\uffff"

    def _row(self, place: str, key: PartyKey, inspection: Inspection | None, count: int) -> dict[str, Any]:
        register = self.parts.store.register
        party, stall = register.party(key[0]), register.stall(key[1])
        name = (inspection.party_name if inspection else "") or (party.name if party else self.t("visit.nobody"))
        state = state_of(self.parts.texts, inspection)
        lacks = bool(inspection) and bool(missing_of(inspection)) if inspection else False
        told = (
            self.t("visit.recused") if key[0] in self._recused_from else "",
            state.text,
            self.t("visit.to_do") if lacks else "",
        )
        return {
            "key": place,
            "title": self.t("visit.party", name=name, number=stall.number) if stall else name,
            "second": "  ".join(filter(None, told)),
            "trailing": self.t("today.instruments", count=count),
            "code": state.code,
            "choose": self.choose,
        }

    def choose(self, key: str) -> None:
        """Go to a party; its inspection begins when something is written down."""
        if self.visit is None:
            return
        with self.told():
            party, stall = self._keys[key]
            inspection = inspection_of(self.parts, self.visit, party, stall)
            keep(self.parts, self.visit.with_inspection(inspection))
            self.go(Route.PARTY, inspection=inspection.id)

    def scan(self) -> None:
        """Scan the next label."""
        self.go(Route.SCAN)

    def save(self) -> None:
        """Save the visit for good, and send it when there is a network."""
        if self.visit is None:
            return
        with self.told():
            try:
                self._save(self.visit)
            except NotComplete:
                self.opened()
            except TooLarge:
                self.missing = self.t("visit.too_large")

    def _save(self, visit: Visit) -> None:
        parts = self.parts
        parts.store.records.save(
            visit, name=self.place_name, device=parts.device, person=parts.me, offset=parts.store.offset()
        )
        parts.sync_soon()
        parts.path.begin(Route.TODAY)

    def discard(self) -> None:
        """Give up a visit in which nothing was measured."""
        if self.can_discard:
            with self.told():
                self.parts.store.drafts.discard()
                self.parts.path.begin(Route.TODAY)
