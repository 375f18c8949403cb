"""An instrument that is being filed, in words."""

from __future__ import annotations

from fieldapp.card.wording import title
from fieldapp.labelling.model import Filing, Plate
from fieldapp.parts import Parts
from fieldapp.sync.wording import word
from shared.sentences import grams, kilograms
from shared.texts import Texts


def plate_line(texts: Texts, plate: Plate | None) -> str:
    """Say on one line what a nameplate says."""
    if plate is None:
        return texts("labelling.no_plate")
    parts = [word(texts, "kind", plate.kind), plate.maker, plate.model]
    if plate.accuracy_class:
        parts.append(texts("nameplate.class", name=plate.accuracy_class))
    if plate.max_mg:
        parts.append(texts("labelling.max", max=kilograms(texts, plate.max_mg)))
    if plate.e_mg:
        parts.append(texts("labelling.e", e=grams(texts, plate.e_mg)))
    return " ".join(part for part in parts if part)


def party_name(parts: Parts, party: str | None) -> str:
    """Return the name of a party; "" when the register knows nobody."""
    known = parts.store.register.party(party)
    return known.name if known else ""


def spot(parts: Parts, stall: str | None, user: str | None) -> str:
    """Say where something stands and who uses it there."""
    known = parts.store.register.stall(stall)
    where = parts.texts("card.stall", number=known.number) if known else parts.texts("labelling.no_stall")
    return "  ".join(part for part in (where, party_name(parts, user)) if part)


def instrument(parts: Parts, id_: str) -> str:
    """Say which instrument this is: by the register, or by what was filed here."""
    known = parts.store.register.instrument(id_)
    if known is not None:
        stall = parts.store.register.stall(known.stall)
        where = parts.texts("card.stall", number=stall.number) if stall else ""
        pieces = [title(parts.texts, known), known.serial, where]
    else:
        filed = parts.store.filings.of_instrument(id_)
        where = parts.texts("card.stall", number=filed.stall) if filed and filed.stall else ""
        pieces = [filed.maker, filed.model, filed.serial, where] if filed else []
    return " ".join(piece for piece in pieces if piece)


def verified_line(parts: Parts, filing: Filing) -> str:
    """Say what the verification of a filing found; "" without one."""
    verified = filing.verified
    if verified is None:
        return ""
    texts = parts.texts
    pieces = [word(texts, "verification", verified.result), verified.document_no]
    if verified.mark_no:
        pieces.append(texts("labelling.mark", number=verified.mark_no))
    return "  ".join(pieces)
