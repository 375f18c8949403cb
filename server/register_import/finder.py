"""Finding what a row means in the register: its instrument, place, merchant and document; or why it cannot be told."""

from __future__ import annotations

from dataclasses import dataclass

from server.register_import.columns import Column, FaultCode
from server.register_import.known import Known, KnownInstrument, KnownParty, name_key, number_key
from server.register_import.rows import Wanted
from shared.words import VerificationResult


@dataclass(frozen=True)
class Spot:
    """Where an instrument stands; ``id`` None: a place to be added in ``region``."""

    id: str | None
    region: str = ""


@dataclass(frozen=True)
class Found:
    """What a sound row means. None: an instrument or merchant to be added, and no verification to be kept."""

    spot: Spot
    instrument: KnownInstrument | None
    party: KnownParty | None
    new_body_id: str | None


class Finder:
    """Looks rows up one after the other; an instrument that a row is about is no other row's."""

    def __init__(self, known: Known) -> None:
        self.known = known

    def find(self, row: Wanted) -> Found | None:
        """Return what a row means, or None with the reasons added to its faults."""
        item = self._by_id(row)
        spot = self._spot(row, item)
        if item is None and spot is not None and Column.ID not in row.says:
            item = self._by_numbers(row, spot)
        if item is not None and item.claimed_by is not None:
            row.wrong(_number_column(row), FaultCode.DUPLICATE, row=item.claimed_by)
        party = self._party(row, spot, item)
        body_id = self._verification(row, item)
        if row.faults or spot is None:
            return None
        if item is not None:
            item.claimed_by = row.number
        return Found(spot, item, party, body_id)

    def _by_id(self, row: Wanted) -> KnownInstrument | None:
        id_ = row.get(Column.ID)
        if id_ is None:
            return None
        item = self.known.instruments.get(id_.lower())
        if item is None:
            row.wrong(Column.ID, FaultCode.UNKNOWN_ID)
        elif row.get(Column.KIND) not in (None, item.kind):
            row.wrong(Column.KIND, FaultCode.OTHER_KIND)
        return item

    def _spot(self, row: Wanted, item: KnownInstrument | None) -> Spot | None:
        name = row.get(Column.PLACE)
        if name is None:
            if item is None and not any(fault.column is Column.PLACE for fault in row.faults):
                row.wrong(Column.PLACE, FaultCode.MISSING)
            return Spot(item.place_id, item.region) if item else None
        if item is not None:
            there = self.known.place_names.get(item.place_id or "", "")
            if name_key(there) != name_key(name):
                row.wrong(Column.PLACE, FaultCode.OTHER_PLACE)
            return Spot(item.place_id, item.region)
        return self._place(row, name)

    def _place(self, row: Wanted, name: str) -> Spot | None:
        codes = self._codes(row)
        if codes is None:
            return None
        places = self.known.places.get(name_key(name), [])
        if codes:
            places = [place for place in places if place[1].startswith(_prefix(codes[0]))]
        if len(places) > 1:
            row.wrong(Column.PLACE, FaultCode.SEVERAL_PLACES)
            return None
        if places:
            return Spot(*places[0])
        if not codes or Column.PLACE_KIND not in row.says:
            row.wrong(Column.PLACE, FaultCode.UNKNOWN_PLACE)
            return None
        return Spot(None, codes[0])

    def _codes(self, row: Wanted) -> list[str] | None:
        """Return the code of the region that a row names, nothing for none; None for one that is not ours."""
        region = row.get(Column.REGION)
        if region is None:
            return []
        codes = self.known.regions.get(region) or self.known.regions.get(name_key(region), [])
        if len(codes) != 1:
            row.wrong(Column.REGION, FaultCode.REGION_NOT_YOURS)
            return None
        return codes

    def _by_numbers(self, row: Wanted, spot: Spot) -> KnownInstrument | None:
        kind, serial, own_no = row.get(Column.KIND), number_key(row.get(Column.SERIAL)), row.get(Column.OWN_NO)
        if spot.id is None or kind is None:
            return None
        own = number_key(own_no)
        if serial:
            with_it = self.known.by_serial.get((spot.id, kind, serial), [])
            found = [item for item in with_it if _fits(item.values.get("own_no"), own)]
            if len(found) > 1 and own:
                found = [item for item in found if number_key(item.values.get("own_no")) == own] or found
        else:
            found = self.known.by_own_no.get((spot.id, kind, own), []) if own else []
        if len(found) > 1:
            row.wrong(_number_column(row), FaultCode.SEVERAL_INSTRUMENTS)
            return None
        if not found and own and self.known.by_own_no.get((spot.id, kind, own)):
            row.wrong(Column.OWN_NO, FaultCode.OWN_NO_TAKEN)
        return found[0] if found else None

    def _party(self, row: Wanted, spot: Spot | None, item: KnownInstrument | None) -> KnownParty | None:
        """Return whom the row names; None for nobody, or for somebody new."""
        name, code = row.get(Column.MERCHANT), row.get(Column.CODE)
        if name is None:
            return None
        key = name_key(name)
        user = self.known.parties.get(item.custody.user_id or "") if item and item.custody else None
        if user is not None and name_key(user.name) == key and code in (None, user.code):
            return user
        if code is not None:
            return self._by_code(row, code, key)
        here = self.known.by_name.get((spot.id, key), {}) if spot and spot.id else {}
        if len(here) > 1:
            row.wrong(Column.MERCHANT, FaultCode.SEVERAL_MERCHANTS)
        return next(iter(here.values()), None)

    def _by_code(self, row: Wanted, code: str, key: str) -> KnownParty | None:
        party = self.known.by_code.get(code)
        if party is None and row.code_fault is not None:
            row.faults.append(row.code_fault)
        if party is not None and name_key(party.name) != key:
            row.wrong(Column.MERCHANT, FaultCode.NAME_DIFFERS)
        return party

    def _verification(self, row: Wanted, item: KnownInstrument | None) -> str | None:
        """Return the body whose verification is to be added; None where there is none, or it is there already."""
        if not row.has_verification or Column.BODY not in row.says:
            return None
        bodies = self.known.bodies.get(name_key(row.says[Column.BODY]), [])
        if len(bodies) != 1:
            row.wrong(Column.BODY, FaultCode.UNKNOWN_BODY)
            return None
        document = self.known.documents.get((bodies[0], row.get(Column.DOCUMENT_NO) or ""))
        if document is None:
            return bodies[0]
        if item is None or document.instrument_id != item.id:
            row.wrong(Column.DOCUMENT_NO, FaultCode.DOCUMENT_TAKEN)
            return None
        told = (row.get(Column.VERIFIED_ON), row.get(Column.VALID_UNTIL), VerificationResult.PASSED)
        if told != (document.done_on, document.valid_until, document.result):
            row.wrong(Column.DOCUMENT_NO, FaultCode.DOCUMENT_DIFFERS)
        return None


def _fits(known_own_no: str | None, own: str) -> bool:
    """Two instruments with one serial are two when both have an own number and these differ."""
    return not own or number_key(known_own_no) in ("", own)


def _number_column(row: Wanted) -> Column:
    numbers = (Column.ID, Column.SERIAL, Column.OWN_NO)
    return next((column for column in numbers if column in row.says), Column.SERIAL)


def _prefix(code: str) -> str:
    """Return what the codes of a region and of those below it begin with."""
    while code.endswith("00"):
        code = code[:-2]
    return code
