"""One party of a visit: its instruments, what is done about it, remarks, and the way to its signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from fieldapp.card.wording import title
from fieldapp.parts import Parts
from fieldapp.routes import Route
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from fieldapp.visit.missing import missing_of, must_be_decided
from fieldapp.visit.model import Inspection, Visit
from fieldapp.visit.recusal import warning_about
from fieldapp.visit.walk import keep, party_of
from fieldapp.visit.wording import state_of_check
from shared.words import Disposition, NotInspected

# A ready sentence, and the word that is short enough for a chip.
TEMPLATES = {
    "told": "remark.short_told",
    "remeasured": "remark.short_remeasured",
    "stopped": "remark.short_stopped",
    "removed": "remark.short_removed",
    "learn": "remark.short_learn",
}
LONGEST_REMARK = 500
INVITING = ("inspector", "supervisor")


class PartyViewModel(ViewModel):
    """Choices are ``key``, ``text`` and whether ``chosen``; every change is kept at once."""

    name = StringProperty("")
    second = StringProperty("")
    rows = ListProperty()
    dispositions = ListProperty()
    reasons = ListProperty()
    templates = ListProperty()
    remark = StringProperty("")
    party_remark = StringProperty("")
    signature = StringProperty("")
    missing = StringProperty("")
    recusal_note = StringProperty("")
    has_measured = BooleanProperty(False)
    is_complete = BooleanProperty(False)
    needs_signature = BooleanProperty(False)
    needs_name = BooleanProperty(False)
    may_invite = BooleanProperty(False)

    def __init__(self, parts: Parts, inspection: str) -> None:
        super().__init__(parts)
        visit = parts.store.drafts.running()
        if visit is None:
            raise KeyError(inspection)
        self.visit: Visit = visit
        self.inspection: Inspection = visit.inspection(inspection)
        self.needs_name = self.inspection.party is None
        self.may_invite = not self.needs_name and parts.me.role in INVITING
        self.remark, self.party_remark = self.inspection.remark, self.inspection.party_remark
        self.recusal_note = warning_about(parts, self.inspection.party)
        self.templates = [{"key": key, "text": self.t(short), "chosen": False} for key, short in TEMPLATES.items()]
        self._look()

    def _look(self) -> None:
        inspection, register = self.inspection, self.parts.store.register
        self.name = inspection.party_name or self.t("visit.nobody")
        stall = register.stall(inspection.stall)
        self.second = self.t("card.stall", number=stall.number) if stall else ""
        self.rows = [self._row(instrument) for instrument in self._instruments()]
        self.has_measured = bool(inspection.measured)
        self.dispositions = [self._choice(one) for one in self._offered()]
        is_absent = inspection.disposition is Disposition.NOT_INSPECTED
        self.reasons = [self._reason(reason) for reason in NotInspected] if is_absent else []
        self.needs_signature = inspection.has_finding
        self.signature = self._signature()
        missing = missing_of(inspection)
        what = self.t("missing.and").join(self.t(f"missing.{one}") for one in missing)
        self.missing = self.t("missing.all", what=what) if missing else ""
        self.is_complete = not missing and (self.has_measured or inspection.disposition is not None)

    def _instruments(self) -> list[Instrument]:
        """Return the party's instruments, and any other that was checked with it."""
        checked = {check.instrument for check in self.inspection.checks}
        key = (self.inspection.party, self.inspection.stall)
        here = self.parts.store.register.instruments_at(self.visit.place)
        return [one for one in here if (party_of(one), one.stall) == key or one.id in checked]

    def _row(self, instrument: Instrument) -> dict[str, Any]:
        check = next((one for one in self.inspection.checks if one.instrument == instrument.id), None)
        state = state_of_check(self.parts.texts, check)
        return {
            "key": instrument.id,
            "title": title(self.parts.texts, instrument),
            "second": "  ".join(part for part in (state.text, instrument.serial) if part),
            "trailing": "",
            "code": state.code,
            "choose": self.choose_instrument,
        }

    def _offered(self) -> list[Disposition]:
        """Offer what fits: a finding is never without consequence, a measured party was inspected."""
        if self.has_measured:
            without = {Disposition.NOT_INSPECTED} | ({Disposition.NONE} if self.inspection.has_finding else set())
            return [one for one in Disposition if one not in without]
        return list(Disposition)

    def _choice(self, one: Disposition) -> dict[str, Any]:
        is_default = one is Disposition.NONE and self.has_measured and not must_be_decided(self.inspection)
        chosen = self.inspection.disposition is one or (self.inspection.disposition is None and is_default)
        return {"key": one.value, "text": self.t(f"disposition.{one}"), "chosen": chosen}

    def _reason(self, reason: NotInspected) -> dict[str, Any]:
        chosen = self.inspection.not_inspected is reason
        return {"key": reason.value, "text": self.t(f"not_inspected.{reason}"), "chosen": chosen}

    def _signature(self) -> str:
        signature = self.inspection.signature
        if signature is None:
            return ""
        if signature.refused:
            return self.t("party.refused")
        return self.t("party.signed", name=signature.name or self.inspection.party_name)

    def _keep(self, **changes: Any) -> None:
        with self.told():
            inspection = replace(self.inspection, **changes)
            visit = self.visit.with_inspection(inspection)
            keep(self.parts, visit)
            self.visit, self.inspection = visit, inspection
            self._look()

    def choose_disposition(self, key: str) -> None:
        """Take what is done about this party."""
        chosen = Disposition(key)
        is_absent = chosen is Disposition.NOT_INSPECTED
        self._keep(disposition=chosen, not_inspected=self.inspection.not_inspected if is_absent else None)

    def choose_reason(self, key: str) -> None:
        """Take why this party could not be inspected."""
        self._keep(not_inspected=NotInspected(key))

    def add_template(self, key: str) -> None:
        """Add a ready sentence to the remark: typing Chinese on a phone in a market is slow."""
        sentence = self.t(f"remark.{key}")
        if sentence not in self.remark:
            self.remark = (self.remark + sentence)[:LONGEST_REMARK]
            self._keep(remark=self.remark)

    def write_remark(self, text: str) -> None:
        """Keep the remark."""
        if text != self.inspection.remark:
            self.remark = text[:LONGEST_REMARK]
            self._keep(remark=self.remark)

    def write_party_remark(self, text: str) -> None:
        """Keep what the party says."""
        if text != self.inspection.party_remark:
            self.party_remark = text[:LONGEST_REMARK]
            self._keep(party_remark=self.party_remark)

    def write_name(self, text: str) -> None:
        """Keep the name of a party that the register does not know."""
        if self.needs_name and text != self.inspection.party_name:
            self._keep(party_name=text.strip()[:120])

    def choose_instrument(self, key: str) -> None:
        """Go to the check of an instrument, or to its card when none was begun."""
        check = next((one for one in self.inspection.checks if one.instrument == key), None)
        if check is not None and check.readings:
            self.go(Route.CHECK, check=check.id)
        else:
            self.go(Route.CARD, instrument=key, link="")

    def sign(self) -> None:
        """Hand the phone to the party."""
        self.go(Route.SIGNATURE, inspection=self.inspection.id)

    def invite(self) -> None:
        """Show the merchant a code that opens its own page, without a network."""
        self.go(Route.INVITATION, party=self.inspection.party, name=self.name)

    def finish(self) -> None:
        """Back to the register of the visit."""
        self.parts.path.back_to(Route.VISIT)
