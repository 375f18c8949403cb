"""What happened to the seal at one position: numbers, by whose authority, who saw it; then it is recorded and signed.

Every change is kept at once, so an app that is killed or left comes back to what was typed. What lacks is told at its
field; what contradicts this phone's own records is asked once, and the second touch records it all the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from kivy.properties import BooleanProperty, DictProperty, ListProperty, StringProperty

from fieldapp.card.wording import number, title
from fieldapp.parts import Parts
from fieldapp.physical_seals import entries, wording
from fieldapp.physical_seals.faults import Doubt, doubts, faults
from fieldapp.physical_seals.model import ASKED, Move
from fieldapp.store.chain import Author
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from shared.physical_seals import SealedPosition
from shared.words import SealAct, SealOwner, SealPosition

VERIFIER = "verifier"
SAID_AT = ("act", "old_number", "new_number", "authority", "witnesses")


class SealMoveViewModel(ViewModel):
    """``asks`` are the fields of the act, ``problems`` what is said at each, ``notice`` what to do about it.

    ``known`` is the number that stands here by this phone's records, "" when none does.
    """

    title = StringProperty("")
    second = StringProperty("")
    state = StringProperty("")
    acts = ListProperty()
    owners = ListProperty()
    asks = ListProperty()
    known = StringProperty("")
    old_number = StringProperty("")
    new_number = StringProperty("")
    authority = StringProperty("")
    document_no = StringProperty("")
    witnesses = StringProperty("")
    note = StringProperty("")
    who = StringProperty("")
    problems = DictProperty(dict.fromkeys(SAID_AT, ""))
    notice = StringProperty("")
    is_doubt = BooleanProperty(False)
    is_begun = BooleanProperty(False)

    def __init__(self, parts: Parts, instrument: str, position: str, act: str) -> None:
        super().__init__(parts)
        self._me = parts.me
        self._is_over = False
        self._asked: dict[str, Doubt] = {}
        self._instrument = parts.store.register.instrument(instrument)
        place = SealPosition(position)
        self._here: SealedPosition | None = parts.store.seal_moves.standing(instrument).get(place)
        kept = parts.store.seal_moves.draft(self._me.id, instrument, place)
        self.is_begun = kept is not None
        fresh = Move(instrument=instrument, position=place, act=SealAct(act), owner=self._owner(SealAct(act)))
        self._move = replace(kept, act=SealAct(act)) if kept else fresh
        self._look()

    def _owner(self, act: SealAct) -> SealOwner:
        """Return whose seal it most likely is: that which stands here, or one of our own."""
        if self._here is not None and act is not SealAct.APPLIED:
            return self._here.fact.owner
        return SealOwner.VERIFICATION if self._me.role == VERIFIER else SealOwner.SUPERVISION

    def _look(self) -> None:
        move, texts = self._move, self.parts.texts
        self.title = self.t(f"seal_position.{move.position}")
        if self._instrument is not None:
            names = (title(texts, self._instrument), number(texts, self._instrument))
            self.second = "  ".join(" ".join(names).split("\n"))
        shown = wording.spot(texts, self._here)
        self.who = self.t("physical_seals.who", name=self._me.name)
        self.state = self.t("physical_seals.so_far", state=shown.state)
        self.known = self._here.number or "" if self._here else ""
        self.acts = [_choice(act, self.t(f"seal_act.{act}"), move.act) for act in SealAct]
        self.owners = [_choice(owner, self.t(f"seal_owner.{owner}"), move.owner) for owner in SealOwner]
        self.asks = sorted(ASKED[move.act])
        for name in ("old_number", "new_number", "authority", "document_no", "witnesses", "note"):
            setattr(self, name, getattr(move, name))

    def _change(self, **changes: Any) -> None:
        """Take a change and keep it; what was said of the move before is about it no longer.

        A change that storage refuses stands on the screen all the same, and is recorded with the rest.
        """
        move = replace(self._move, **changes)
        if self._is_over or move == self._move:
            return
        self._move, self.is_begun = move, not move.is_empty
        self._say({})
        self._look()
        with self.told():
            if move.is_empty:
                self.parts.store.seal_moves.give_up(self._me.id, move.instrument, move.position)
            else:
                self.parts.store.seal_moves.keep(self._me.id, move, self.parts.clock.now())

    def choose_act(self, key: str) -> None:
        """Take what happened; what was typed stays."""
        self._change(act=SealAct(key))

    def choose_owner(self, key: str) -> None:
        """Take whose seal it is."""
        self._change(owner=SealOwner(key))

    def write(self, name: str, text: str) -> None:
        """Keep a field as it is typed, without the characters that no database keeps alike."""
        kept = "".join(one for one in text if one != "\0" and not "\ud800" <= one <= "\udfff")
        self._change(**{name: kept})

    def take_known(self) -> None:
        """The number on the seal is the one that this phone has on record."""
        self._change(old_number=self.known)

    def save(self) -> None:
        """Record the move, unless something lacks, or contradicts what this phone knows and was not asked yet."""
        if self._is_over:
            return
        if self._instrument is None:
            self.notice = self.t("card.gone")
            return
        with self.told():
            now = self.parts.clock.now()
            wrong = faults(self._move)
            asked = {} if wrong else self._doubts(now)
            if wrong:
                self._say({name: self.t(f"physical_seals.fault_{fault}") for name, fault in wrong.items()})
                self.notice = self.t("physical_seals.put_right")
            elif asked != self._asked:
                self._say({name: self._sentence(doubt) for name, doubt in asked.items()})
                self._asked, self.is_doubt, self.notice = asked, True, self.t("physical_seals.sure")
            else:
                self._record(self._instrument, now)

    def _say(self, problems: dict[str, str]) -> None:
        """Say what is wrong at each field, and nothing at the others."""
        self._asked, self.is_doubt, self.notice = {}, False, ""
        self.problems = dict.fromkeys(SAID_AT, "") | problems

    def _doubts(self, now: datetime) -> dict[str, Doubt]:
        return doubts(self._move, self._here, is_in_use=bool(self._bearers()), now=now)

    def _bearers(self) -> list[tuple[str, SealPosition]]:
        """Return where else the new number stands: about its own place there are other questions."""
        new, here = self._move.told("new_number"), (self._move.instrument, self._move.position)
        found = self.parts.store.seal_moves.bearers(new) if new else []
        return [one for one in found if one != here]

    def _sentence(self, doubt: Doubt) -> str:
        if doubt is not Doubt.NUMBER_IN_USE:
            return self.t(f"physical_seals.doubt_{doubt}", number=self.known)
        id_, position = self._bearers()[0]
        instrument = self.parts.store.register.instrument(id_)
        serial = instrument.serial if instrument else ""
        where = self.t("physical_seals.where", serial=serial, position=self.t(f"seal_position.{position}"))
        return self.t("physical_seals.doubt_number_in_use", number=self._move.told("new_number"), where=where)

    def _record(self, instrument: Instrument, now: datetime) -> None:
        entry = entries.entry(self.parts, instrument, self._move, now)
        author = Author(self.parts.device, self._me, now, self.parts.store.offset())
        self.parts.store.seal_moves.save(entry, self._move, author)
        self._is_over = True
        self.parts.sync_soon()
        self.back()

    def give_up(self) -> None:
        """Forget what was filled in, and go back."""
        with self.told():
            self.parts.store.seal_moves.give_up(self._me.id, self._move.instrument, self._move.position)
            self._is_over = True
            self.back()


def _choice(one: str, text: str, chosen: str) -> dict[str, Any]:
    return {"key": str(one), "text": text, "chosen": one == chosen}
