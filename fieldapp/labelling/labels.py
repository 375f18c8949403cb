"""Whether a scanned label may be put on an instrument here, asked before anything is filed.

The phone knows the signature, the void labels, the register as of the last sync, and what it filed itself since.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldapp.scan.label import look_up
from fieldapp.store.rows import Instrument, Place
from fieldapp.store.store import Store
from shared.seal import BINDING_BYTES, Kind, LabelVerdict, Seal, binding_of
from shared.words import InstrumentKind

UNBOUND = bytes(BINDING_BYTES)


class Unfit(StrEnum):
    """Why not; the sentence is ``labelling.unfit_<code>`` of the catalogue."""

    NOT_GENUINE = "not_genuine"
    OTHER_BUREAU = "other_bureau"
    OUT_OF_LIFE = "out_of_life"
    OTHER_KIND = "other_kind"
    TAKEN = "taken"


_BY_VERDICT = {
    LabelVerdict.GENUINE: None,
    LabelVerdict.GENUINE_STALE: None,
    LabelVerdict.UNKNOWN_KEY: Unfit.OTHER_BUREAU,
    LabelVerdict.REVOKED: Unfit.OUT_OF_LIFE,
    LabelVerdict.EXPIRED: Unfit.OUT_OF_LIFE,
}
_KINDS = {Kind.STOCK: None, Kind.SCALE: InstrumentKind.SCALE}


@dataclass(frozen=True)
class Fitness:
    """What was found. ``unfit`` None: it may be put on. ``on`` is the instrument that bears it already, if one does."""

    verdict: LabelVerdict
    unfit: Unfit | None
    seal: Seal | None = None
    on: str = ""


def fitness(store: Store, place: Place | None, link: str) -> Fitness:
    """Judge a scanned text as a label for an instrument of a place."""
    scan = look_up(store, link)
    unfit = _BY_VERDICT.get(scan.verdict, Unfit.NOT_GENUINE)
    if scan.seal is None or unfit is not None:
        return Fitness(scan.verdict, unfit, scan.seal)
    if not _is_ours(store, place, scan.seal.payload.region):
        return Fitness(scan.verdict, Unfit.OTHER_BUREAU, scan.seal)
    if on := bearer(store, scan.seal.payload.serial):
        return Fitness(scan.verdict, Unfit.TAKEN, scan.seal, on)
    if scan.seal.payload.kind not in _KINDS:
        return Fitness(scan.verdict, Unfit.OTHER_KIND, scan.seal)
    return Fitness(scan.verdict, None, scan.seal)


def bearer(store: Store, serial: int) -> str:
    """Return the id of the instrument that bears a label by the register, or by what was filed here; "" for none."""
    if filed := store.filings.of_label(serial):
        return filed.instrument
    known = store.register.instrument_of_label(serial)
    return known.id if known else ""


def contradicts(seal: Seal, serial: str) -> bool:
    """Say whether a label was made for another serial; a stock label was made for none."""
    return seal.payload.binding not in (UNBOUND, binding_of(serial))


def _is_ours(store: Store, place: Place | None, region: str) -> bool:
    """Say whether labels of a region are used here: that of the place, one above it, or any that the phone looks after.

    Labels are ordered for a division with all that lie in it: 411600 is for every 4116xx, and a
    development zone uses those of the division it belongs to.
    """
    ours = {one.region for one in store.register.places()} | ({place.region} if place else set())
    ours |= {store.register.parent_of(one) for one in ours}
    above = region
    while above.endswith("00"):
        above = above[:-2]
    return any(one.startswith(above) for one in ours)


def same_serial(store: Store, serial: str, maker: str) -> Instrument | None:
    """Return the instrument of the register that bears a serial, of the same maker as far as makers are known."""
    found = store.register.instruments_of_serial(serial)
    return next((one for one in found if not maker or not one.maker or one.maker == maker), None)
