"""The seals of one instrument: each position with what this phone knows of it, and the four things that can happen."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty, StringProperty

from fieldapp.card.wording import number, title
from fieldapp.parts import Parts
from fieldapp.physical_seals import wording
from fieldapp.routes import Route
from fieldapp.store.rows import Instrument
from fieldapp.viewmodel import ViewModel
from shared.physical_seals import SealedPosition
from shared.words import SealAct, SealPosition


class PhysicalSealsViewModel(ViewModel):
    """``spots`` are mappings of a position's ``key`` and ``name``, the state's ``shape``, ``tone``, ``state`` and

    ``second``, ``draft`` (a sentence when something is filled in and not recorded), and ``choices`` of the acts.
    """

    name = StringProperty("")
    second = StringProperty("")
    spots = ListProperty()

    def __init__(self, parts: Parts, instrument: str) -> None:
        super().__init__(parts)
        self._id = instrument

    def opened(self) -> None:
        """Read what is known now."""
        with self.told():
            instrument = self.parts.store.register.instrument(self._id)
            if instrument is None:
                self.name = self.t("card.gone")
                return
            self._show(instrument)

    def _show(self, instrument: Instrument) -> None:
        moves = self.parts.store.seal_moves
        self.name, self.second = title(self.parts.texts, instrument), number(self.parts.texts, instrument)
        known, drafts = moves.standing(instrument.id), moves.drafts_at(self.parts.me.id, instrument.id)
        places = wording.positions(instrument)
        # A newer app may have recorded a position that this kind of instrument did not have for us.
        others = [place for place in known if place not in places]
        self.spots = [self._spot(place, known.get(place), is_begun=place in drafts) for place in (*places, *others)]

    def _spot(self, place: SealPosition, here: SealedPosition | None, *, is_begun: bool) -> dict[str, Any]:
        shown = wording.spot(self.parts.texts, here)
        return {
            "key": place.value,
            "name": self.t(f"seal_position.{place}"),
            "shape": shown.shape,
            "tone": shown.tone.value,
            "state": shown.state,
            "second": shown.second,
            "draft": self.t("physical_seals.begun") if is_begun else "",
            "choices": [{"key": act.value, "text": self.t(f"seal_act.{act}"), "chosen": False} for act in SealAct],
        }

    def choose(self, position: str, act: str) -> None:
        """Fill in what happened at a position."""
        self.go(Route.SEAL_MOVE, instrument=self._id, position=position, act=act)
