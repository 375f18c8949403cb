"""An instrument that is being filed, in words."""

from __future__ import annotations

from fieldapp.card.wording import title
from fieldapp.labelling.model import Filing, Plate
from fieldapp.parts import Parts
from fieldapp.sync.wording import word
from shared.sentences import grams, kilograms
from shared.texts import Texts

NO_BREAK = "\N{NO-BREAK SPACE}"


def plate_line(texts: Texts, plate: Plate | None) -> str:
    """Say what a nameplate says: on one line what it is, on the next its figures."""
    if plate is None:
        return texts("labelling.no_plate")
    name = " ".join(part for part in (word(texts, "kind", plate.kind), plate.maker, plate.model) if part)
    figures = []
    if plate.accuracy_class:
        figures.append(texts("nameplate.class", name=plate.accuracy_class))
    if plate.max_mg:
        figures.append(texts("labelling.max", max=kilograms(texts, plate.max_mg)))
    if plate.e_mg:
        figures.append(texts("labelling.e", e=grams(texts, plate.e_mg)))
    # A figure stays with its unit.
    return "\n".join(line for line in (name, "  ".join(figure.replace(" ", NO_BREAK) for figure in figures)) if line)


def plate_name(texts: Texts, plate: Plate | None) -> str:
    """Return the first line of what a nameplate says."""
    return plate_line(texts, plate).partition("\n")[0]


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
    """Say which instrument this is, by the register or by what was filed here: make, serial and stall, a line each."""
    texts, register = parts.texts, parts.store.register
    known, filed = register.instrument(id_), parts.store.filings.of_instrument(id_)
    if known is not None:
        stall = register.stall(known.stall)
        name, serial, number = title(texts, known), known.serial, stall.number if stall else ""
    elif filed is not None:
        name, serial, number = f"{filed.maker} {filed.model}".strip(), filed.serial, filed.stall
    else:
        return ""
    where = texts("card.stall", number=number) if number else ""
    return "\n".join(part for part in (name, texts("card.serial", serial=serial), where) if part)


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
