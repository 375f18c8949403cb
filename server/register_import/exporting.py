"""The register of a scope as a ledger, with the columns of an import: taken in again it changes nothing.

A certificate is told where the last verification passed and holds until a day; no other is one of an import's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from server.accounts.service import Scope
from server.certificates import service as certificates
from server.language import t
from server.register_import.columns import CODES, MASSES, Column
from server.registry.service import Custody, Instrument, Party, Place, Stall
from server.spreadsheets import CellValue
from shared.quantities import mass_text
from shared.words import VerificationResult

CHUNK = 500
UNIT_OF = {Column.MAX: "kg", Column.MIN: "g", Column.E: "g", Column.D: "g"}


@dataclass(frozen=True)
class Entry:
    """One row of the ledger, by column; what nobody knows is missing."""

    says: dict[Column, Any]

    def cells(self) -> list[CellValue]:
        """Return the row with figures and days as what they are."""
        return [self._cell(column) for column in Column]

    def texts(self) -> list[str]:
        """Return the row as texts."""
        return [str(cell) for cell in self.cells()]

    def _cell(self, column: Column) -> CellValue:
        value = self.says.get(column)
        if value is None:
            return ""
        if column in MASSES:
            return Decimal(mass_text(value, unit=UNIT_OF[column]))
        if column in (Column.KIND, Column.USE, Column.PLACE_KIND):
            return t(f"{column.value}.{value}")
        return value if isinstance(value, date) else str(value)


def heads() -> list[str]:
    """Return the headers, those of masses with their unit."""
    return [t(f"import_column.{column}") + (f" ({UNIT_OF[column]})" if column in MASSES else "") for column in Column]


def entries(session: Session, scope: Scope) -> Iterator[Entry]:
    """Yield the instruments of a scope in order of place, stall and number, some hundred in memory at a time."""
    order = (Place.region, Place.name, Place.id, Stall.number, Instrument.serial, Instrument.id)
    query = select(Instrument.id).outerjoin(Place, Place.id == Instrument.place_id)
    query = query.outerjoin(Custody, _is_current()).outerjoin(Stall, Stall.id == Custody.stall_id)
    ids = list(dict.fromkeys(session.scalars(query.where(scope.of(Instrument.region)).order_by(*order))))
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        rows = _rows(session, some)
        verified = certificates.latest_of(session, some)
        yield from (Entry(rows[id_] | _certificate(verified.get(id_))) for id_ in some if id_ in rows)
        session.expunge_all()


def _is_current() -> Any:
    return and_(Custody.instrument_id == Instrument.id, Custody.last_day.is_(None))


def _rows(session: Session, ids: list[str]) -> dict[str, dict[Column, Any]]:
    query = (
        select(Instrument, Place, Stall.number, Party.name, Party.public_code)
        .outerjoin(Place, Place.id == Instrument.place_id)
        .outerjoin(Custody, _is_current())
        .outerjoin(Stall, Stall.id == Custody.stall_id)
        .outerjoin(Party, Party.id == Custody.user_id)
        .where(Instrument.id.in_(ids))
        .order_by(Custody.first_day)
    )
    return {row[0].id: _says(*row) for row in session.execute(query)}


def _says(
    item: Instrument, place: Place | None, stall: str | None, merchant: str | None, code: str | None
) -> dict[Column, Any]:
    plain = (Column.KIND, Column.SERIAL, Column.OWN_NO, Column.MAKER, Column.MODEL, *MASSES, Column.CLASS, Column.USE)
    says = {column: getattr(item, column.value) for column in (*plain, *CODES, Column.NOTE, Column.ID)}
    says |= {Column.STALL: stall, Column.MERCHANT: merchant, Column.CODE: code}
    if place is not None:
        says |= {Column.PLACE: place.name, Column.PLACE_KIND: place.kind, Column.REGION: place.region}
        says[Column.ADDRESS] = place.address
    return says


def _certificate(last: certificates.Dated | None) -> dict[Column, Any]:
    if last is None or last.result != VerificationResult.PASSED or last.valid_until is None:
        return {}
    return {
        Column.VERIFIED_ON: last.done_on,
        Column.VALID_UNTIL: last.valid_until,
        Column.DOCUMENT_NO: last.document_no,
        Column.BODY: last.body_name,
    }
