"""What a plan writes: whole rows to add, and changed columns with what stood there before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from server.clock import new_id
from server.database import Base
from server.register_import.columns import Column
from server.register_import.finder import Found
from server.register_import.known import (
    Known,
    KnownCustody,
    KnownDocument,
    KnownInstrument,
    KnownParty,
    name_key,
    number_key,
)
from server.register_import.rows import Wanted
from shared.national_codes import CODES
from shared.words import CustodyKind, InstrumentStatus, PhoneZone, PlaceKind, VerificationKind, VerificationResult

# In the order in which rows may be added: what names a row comes after it. They go in the opposite order.
TABLES = ("place", "stall", "party", "instrument", "instrument_status", "custody", "verification")
NOT_COMPARED = frozenset({"rev"})
# Columns younger than the first imports: an empty one is what it always was, so that those can still be undone.
YOUNGER = frozenset({"mark_no", *CODES})


@dataclass(frozen=True)
class Write:
    """One row of the register: ``values`` are all its columns, or with ``before`` those that are changed."""

    number: int
    table: str
    row_id: str
    values: dict[str, Any]
    before: dict[str, Any] | None = None


def digest(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row's columns, but for the count of its revisions."""
    left_out = NOT_COMPARED | {name for name in YOUNGER if values.get(name) is None}
    plain = {name: value for name, value in values.items() if name not in left_out}
    text = json.dumps(plain, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


@dataclass
class Writes:
    """Everything that a file's sound rows write, in order; earlier rows are known to later ones."""

    all_: list[Write] = field(default_factory=list)
    import_id: str | None = None

    def __len__(self) -> int:
        return len(self.all_)

    def of(self, table: str, *, added: bool) -> list[Write]:
        """Return the rows that are added to a table, or changed in it."""
        return [one for one in self.all_ if one.table == table and (one.before is None) is added]

    def take(self, known: Known, row: Wanted, found: Found, *, now: datetime, today: date, by: str) -> None:
        """Add what one sound row writes."""
        place_id, region = found.spot.id, found.spot.region
        if place_id is None and found.instrument is None:
            place_id = self._place(known, row, region, now)
        stall_id = self._stall(known, row, place_id, now)
        party = found.party
        if party is None and Column.MERCHANT in row.says:
            party = self._party(known, row, place_id, region, now)
        item = found.instrument
        if item is None:
            item = self._instrument(known, row, place_id, region, now, today)
        else:
            self._change(row, item)
        self._custody(row, item, party, stall_id, now, today)
        if found.new_body_id is not None:
            self._verification(known, row, item, found.new_body_id, now, by)

    def _add(self, number: int, table: str, values: dict[str, Any]) -> str:
        """Add a row with every column of its table, those that nothing is said of as None."""
        nothing: dict[str, Any] = dict.fromkeys(column.name for column in Base.metadata.tables[table].columns)
        id_: str = values["id"]
        self.all_.append(Write(number, table, id_, nothing | values))
        return id_

    def _place(self, known: Known, row: Wanted, region: str, now: datetime) -> str:
        """A forecourt is assumed to forbid phones until somebody says otherwise (AQ 3010-2022)."""
        kind, name = row.says[Column.PLACE_KIND], row.says[Column.PLACE]
        zone = PhoneZone.FORBIDDEN if kind == PlaceKind.FILLING_STATION else PhoneZone.ALLOWED
        about = {"kind": kind, "name": name, "address": row.get(Column.ADDRESS) or "", "phone_zone": zone.value}
        id_ = self._add(row.number, "place", {"id": new_id(now), "region": region, "rev": 1} | about)
        known.places.setdefault(name_key(name), []).append((id_, region))
        known.place_names[id_] = name
        return id_

    def _stall(self, known: Known, row: Wanted, place_id: str | None, now: datetime) -> str | None:
        number = row.get(Column.STALL)
        if number is None or place_id is None:
            return None
        key = place_id, name_key(number)
        if key not in known.stalls:
            about = {"id": new_id(now), "place_id": place_id, "number": number, "rev": 1}
            known.stalls[key] = self._add(row.number, "stall", about)
        return known.stalls[key]

    def _party(self, known: Known, row: Wanted, place_id: str | None, region: str, now: datetime) -> KnownParty:
        """Whoever has no business number is kept as a natural person, whom no public page names."""
        party = KnownParty(new_id(now), row.says[Column.MERCHANT], row.get(Column.CODE))
        about = {"name": party.name, "identity_kind": row.identity_kind.value, "public_code": party.code}
        self._add(row.number, "party", {"id": party.id, "region": region, "rev": 1} | about)
        known.add_party(party, place_id)
        return party

    def _instrument(
        self, known: Known, row: Wanted, place_id: str | None, region: str, now: datetime, today: date
    ) -> KnownInstrument:
        values: dict[str, Any] = {"serial": "", "note": ""} | row.instrument_values()
        about = {"kind": row.says[Column.KIND], "place_id": place_id, "region": region, "price_computing": False}
        item = KnownInstrument(new_id(now), row.says[Column.KIND], place_id, region, values, claimed_by=row.number)
        status = InstrumentStatus.IN_USE.value
        self._add(row.number, "instrument", values | about | {"id": item.id, "status": status, "rev": 1})
        entry = {"id": new_id(now), "instrument_id": item.id, "status": status, "first_day": today}
        self._add(row.number, "instrument_status", entry)
        known.add(item)
        return item

    def _change(self, row: Wanted, item: KnownInstrument) -> None:
        """Change what the row says otherwise; a number that differs in spacing or case alone is the same."""
        new = {name: value for name, value in row.instrument_values().items() if not _is_same(item, name, value)}
        if new:
            before = {name: item.values[name] for name in new}
            self.all_.append(Write(row.number, "instrument", item.id, new, before))

    def _custody(
        self,
        row: Wanted,
        item: KnownInstrument,
        party: KnownParty | None,
        stall_id: str | None,
        now: datetime,
        today: date,
    ) -> None:
        """Say who uses it from today on; what was before is ended and stays, and what a row does not say goes on."""
        old = item.custody
        user_id = party.id if party else (old.user_id if old else None)
        stall_id = stall_id or (old.stall_id if old else None)
        if (user_id, stall_id) == ((old.user_id, old.stall_id) if old else (None, None)):
            return
        if old is not None:
            ended = max(old.first_day, today - timedelta(days=1))
            self.all_.append(Write(row.number, "custody", old.id, {"last_day": ended}, {"last_day": None}))
        about = {"instrument_id": item.id, "kind": CustodyKind.OWN.value, "owner_id": user_id, "user_id": user_id}
        id_ = self._add(row.number, "custody", about | {"id": new_id(now), "stall_id": stall_id, "first_day": today})
        item.custody = KnownCustody(id_, user_id, stall_id, today)

    def _verification(
        self, known: Known, row: Wanted, item: KnownInstrument, body_id: str, now: datetime, by: str
    ) -> None:
        """Keep a verification as the ledger tells it: passed, because it is valid until a day."""
        days = {"done_on": row.says[Column.VERIFIED_ON], "valid_until": row.says[Column.VALID_UNTIL]}
        document_no, result = row.says[Column.DOCUMENT_NO], VerificationResult.PASSED
        about = {"kind": VerificationKind.PERIODIC.value, "result": result.value, "document_no": document_no}
        about |= {"id": new_id(now), "instrument_id": item.id, "body_id": body_id, "import_id": self.import_id}
        self._add(row.number, "verification", about | days | {"entered_by": by, "entered_at": now})
        known.documents[body_id, document_no] = KnownDocument(item.id, days["done_on"], days["valid_until"], result)


def _is_same(item: KnownInstrument, name: str, value: Any) -> bool:
    old = item.values.get(name)
    if name in ("serial", "own_no") and old:
        return number_key(old) == number_key(str(value))
    return bool(old == value)
