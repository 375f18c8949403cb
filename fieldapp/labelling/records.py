"""A filing as the records that travel: the instrument, then its label, then its verification.

Also that two instruments changed places. What nobody knows is left out.
"""

from __future__ import annotations

from typing import Any

from fieldapp.labelling.model import Day, Filing, Plate, Verified
from fieldapp.labelling.walk import last_day_of, today
from fieldapp.nameplate.lists import MIN_IN_E
from fieldapp.parts import Parts
from fieldapp.store.chain import Author, Entry
from fieldapp.store.filings import About
from fieldapp.store.forms import BIND, REGISTER, SWAP, VERIFICATION
from fieldapp.store.rows import Place
from fieldapp.visit.model import Evidence
from shared.words import CustodyKind, InstrumentKind, VerificationResult

USERS_OWN = (CustodyKind.OWN, CustodyKind.SPARE)
OPERATORS = (CustodyKind.MARKET_PROVIDED, CustodyKind.SHARED, CustodyKind.ROTATION_POOL)


def author(parts: Parts) -> Author:
    """Return who signs now."""
    return Author(parts.device, parts.me, parts.clock.now(), parts.store.offset())


def entries(parts: Parts, day: Day, filing: Filing) -> list[Entry]:
    """Return the records of a filing, each after the one it depends on."""
    place = parts.store.register.place(day.place)
    bodies = [] if filing.existing else [(REGISTER, _register(day, filing, place))]
    bodies.append((BIND, _bind(filing)))
    if filing.verified is not None:
        bodies.append((VERIFICATION, _verification(parts, filing, filing.verified, place)))
    return [Entry(kind=kind, body=body, name=filing.serial, place=day.place) for kind, body in bodies]


def about(parts: Parts, day: Day, filing: Filing) -> About:
    """Return what a filing is found by again on this phone."""
    register = parts.store.register
    known = register.instrument(filing.existing)
    stall = register.stall(known.stall if known else filing.stall)
    plate = filing.plate or Plate()
    return About(
        instrument=filing.instrument,
        label=filing.label_serial,
        serial=filing.serial,
        maker=known.maker if known else plate.maker,
        model=known.model if known else plate.model,
        place=day.place,
        stall=stall.number if stall else "",
        document_no=filing.verified.document_no if filing.verified else "",
    )


def swap(parts: Parts, first: str, second: str, *, name: str) -> Entry:
    """Return the record that two instruments stand in each other's place from today."""
    body = {"id": parts.clock.new_id(), "first": first, "second": second, "on": today(parts).isoformat()}
    return Entry(kind=SWAP, body=body, name=name, place=None)


def _register(day: Day, filing: Filing, place: Place | None) -> dict[str, Any]:
    plate = filing.plate or Plate()
    is_scale = plate.kind == InstrumentKind.SCALE
    body: dict[str, Any] = {
        "id": filing.id,
        "kind": plate.kind,
        "serial": filing.serial,
        "production_code": filing.production_code,
        "maker": plate.maker,
        "model": plate.model,
        "use": filing.use,
        "place": day.place,
        "stall": filing.stall,
        "custody": _custody(filing, place),
        "evidence": _files(filing.plate_photo),
    }
    if is_scale:
        body |= {"price_computing": plate.price_computing} | _masses(plate)
    return {name: value for name, value in body.items() if value not in (None, "", [])}


def _masses(plate: Plate) -> dict[str, Any]:
    """Return class and masses; d is e and Min is the least that the class allows, as on most scales."""
    least = MIN_IN_E.get(plate.accuracy_class or "")
    min_mg = least * plate.e_mg if least and plate.e_mg else None
    masses = {"max_mg": plate.max_mg, "min_mg": min_mg, "e_mg": plate.e_mg, "d_mg": plate.e_mg}
    return masses | {"accuracy_class": plate.accuracy_class}


def _custody(filing: Filing, place: Place | None) -> dict[str, Any]:
    operator = place.operator if place else None
    kind = CustodyKind(filing.custody)
    owner = filing.user if kind in USERS_OWN else operator if kind in OPERATORS else None
    custody = {"kind": kind.value, "owner": owner, "user": filing.user}
    return {name: value for name, value in custody.items() if value}


def _bind(filing: Filing) -> dict[str, Any]:
    """Return that the label is on the instrument; one that is not registered now brings its nameplate here."""
    photos = _files(filing.plate_photo if filing.existing else None) + _files(filing.place_photo)
    body = {"instrument": filing.instrument, "serial": filing.label_serial, "evidence": photos}
    return {name: value for name, value in body.items() if value != []}


def _verification(parts: Parts, filing: Filing, verified: Verified, place: Place | None) -> dict[str, Any]:
    known = parts.store.register.instrument(filing.existing)
    kind = known.kind if known else (filing.plate or Plate()).kind
    passed = verified.result == VerificationResult.PASSED
    until = last_day_of(parts, kind, place.region if place else "") if passed else None
    return {
        "id": parts.clock.new_id(),
        "instrument": filing.instrument,
        "kind": verified.kind,
        "result": verified.result,
        "document_no": verified.document_no,
        "mark_no": verified.mark_no,
        "done_on": today(parts).isoformat(),
        "valid_until": until.isoformat() if until else None,
    }


def _files(photo: Evidence | None) -> list[dict[str, Any]]:
    return [photo.to_wire()] if photo else []
