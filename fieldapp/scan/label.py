"""What a scanned text is: one of our labels with its offline verdict and its instrument, or something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fieldapp.store.rows import Instrument
from fieldapp.store.store import Store
from shared.errors import NotASeal
from shared.seal import LabelVerdict, Seal, binding_of, open_seal

NOTHING_TO_TRUST = (
    LabelVerdict.NOT_A_SEAL,
    LabelVerdict.WRONG_HOST,
    LabelVerdict.UNKNOWN_ALGORITHM,
    LabelVerdict.UNKNOWN_KEY,
    LabelVerdict.FORGED,
)


@dataclass(frozen=True)
class Scan:
    """A text that was scanned. ``instrument`` None: not registered here, or nothing in the label can be trusted."""

    verdict: LabelVerdict
    seal: Seal | None = None
    instrument: Instrument | None = None

    @property
    def is_trusted(self) -> bool:
        """Whether the label's serial may be looked up at all."""
        return self.verdict not in NOTHING_TO_TRUST


def look_up(store: Store, text: str) -> Scan:
    """Judge a text as a label, with the keys, void labels and register that the phone holds."""
    documents = store.documents
    keys = documents.keys
    if keys is None:
        return Scan(LabelVerdict.UNKNOWN_KEY)
    try:
        seal = open_seal(text, keys, documents.revoked, store.label_day())
    except NotASeal:
        return Scan(LabelVerdict.NOT_A_SEAL)
    scan = Scan(seal.verdict, seal)
    if not scan.is_trusted:
        return scan
    return Scan(seal.verdict, seal, store.register.instrument_of_label(seal.payload.serial))


def labels_first(texts: Iterable[str]) -> list[str]:
    """Return the texts that look like labels, or all when none does: a stall's payment code is often in the picture."""
    texts = list(texts)
    return [text for text in texts if is_label(text)] or texts


def is_label(text: str) -> bool:
    """Say whether a text has the look of a label; whose it is, its signature says."""
    return "/V/" in text and text.startswith("HTTPS://")


def borne_by(store: Store, texts: Iterable[str]) -> list[Instrument]:
    """Return the instruments that bear one of some texts as a national code, each once; a label is no such code."""
    found = (one for text in texts if not is_label(text) for one in store.register.instruments_of_code(text))
    return list({one.id: one for one in found}.values())


def binds_to(seal: Seal, instrument: Instrument) -> bool:
    """Say whether the label was made for this serial; a stock label binds to nothing, so it never contradicts."""
    if seal.payload.binding == bytes(4):
        return True
    number = instrument.nozzle.number if instrument.nozzle else None
    numbers = [text for text in (instrument.serial, instrument.own_no) if text]
    return any(seal.payload.binding == binding_of(text, number) for text in numbers) or any(
        seal.payload.binding == binding_of(text) for text in numbers
    )
