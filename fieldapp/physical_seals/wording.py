"""Physical seals in words: what stands at a position as far as this phone knows."""

from __future__ import annotations

from dataclasses import dataclass

from fieldapp.store.rows import Instrument
from fieldapp.sync import wording
from shared.look import Tone
from shared.physical_seals import SealedPosition, positions_of
from shared.texts import Texts
from shared.words import InstrumentKind, SealAct, SealPosition


@dataclass(frozen=True)
class SpotShown:
    """The shape of a state, its words in the tone of the shape, and who put the seal there or dealt with it, when."""

    shape: str
    tone: Tone
    state: str
    second: str = ""


def positions(instrument: Instrument) -> tuple[SealPosition, ...]:
    """Return where an instrument may be sealed; of a kind that only a newer server knows, where any may be."""
    if instrument.kind in list(InstrumentKind):
        return positions_of(instrument.kind)
    return SealPosition.ADJUSTER, SealPosition.HOUSING, SealPosition.OTHER


def spot(texts: Texts, here: SealedPosition | None) -> SpotShown:
    """Say what stands at a position; None: this phone recorded nothing of it."""
    if here is None:
        return SpotShown("unknown", Tone.UNKNOWN, texts("physical_seals.nothing_known"))
    owner, at = texts(f"seal_owner.{here.fact.owner}"), wording.moment(texts, here.fact.at)
    second = texts("physical_seals.by", owner=owner, at=at)
    if here.number is not None:
        return SpotShown("within", Tone.WITHIN, texts("physical_seals.stands", number=here.number), second)
    if here.fact.act is SealAct.FOUND_BROKEN:
        return SpotShown("beyond", Tone.BEYOND, texts("physical_seals.broken"), second)
    return SpotShown("indeterminate", Tone.INDETERMINATE, texts("physical_seals.opened"), second)
