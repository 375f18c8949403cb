"""Sealing anew under the current data key what is sealed under an older one, batch by batch, while people work.

Each batch is a transaction of its own, and what it did is never to be done again: a run that is cut off goes on where
it stood. Afterwards no cell needs the older key, and it may be taken out of the settings.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, LargeBinary, Select, func, select, update
from sqlalchemy.orm import Session

from server import privacy, transaction
from server.administration import service as administration
from server.clock import now
from server.contacts.service import COLUMN
from server.database import Base, begin_write

BATCH = 200


@dataclass(frozen=True)
class Cell:
    """A column of sealed texts, and the name each text is bound to beside the id of its row."""

    table: str
    name: str
    bound_to: str

    @property
    def shown(self) -> str:
        return f"{self.table}.{self.name}"


CELLS = (
    Cell("party", "sealed_code", "party.sealed_code"),
    Cell("person", "totp_sealed", ""),
    Cell("contact", "sealed", COLUMN),
)


@dataclass(frozen=True)
class Batch:
    """What one transaction did to a column: cells sealed anew, and ids of rows whose cell no key opens."""

    cell: Cell
    done: int
    unreadable: tuple[str, ...]


def rotate(session: Session, key: bytes, *, with_index: bool = False, batch: int = BATCH) -> Generator[Batch]:
    """Seal every older cell under the current key and yield each batch; ``with_index``: contacts under it as well."""
    for cell in CELLS:
        last, everything = "", with_index and cell.table == "contact"
        while True:
            begin_write()
            rows = session.execute(_next(cell, key, last, batch, everything=everything)).all()
            if not rows:
                session.rollback()
                break
            last = rows[-1][0]
            unreadable = tuple(id_ for id_, sealed in rows if not _anew(session, key, cell, id_, sealed))
            transaction.commit(session, now())
            yield Batch(cell, len(rows) - len(unreadable), unreadable)


def record(session: Session, key: bytes, done: dict[str, int], at: datetime) -> None:
    """Log that a rotation came to its end, with how many cells of each column it sealed."""
    begin_write()
    kind = administration.ActKind.KEY_ROTATED
    administration.record(session, kind, by=None, about=("key", str(privacy.data_key(key).id)), now=at, **done)
    transaction.commit(session, at)


def left(session: Session, key: bytes) -> dict[str, int]:
    """Return how many cells of each column are sealed under an older key."""
    counts = {cell.shown: select(func.count()).select_from(_table(cell)).where(_is_older(cell, key)) for cell in CELLS}
    return {name: session.scalar(query) or 0 for name, query in counts.items()}


def check_keys(session: Session, key: bytes) -> None:
    """Raise NoSuchKey where a cell is sealed under a key that the settings do not name."""
    for cell in CELLS:
        header = _header(cell)
        for (found,) in session.execute(select(header).where(_column(cell).is_not(None)).distinct()):
            if privacy.key_id_of(bytes(found)) not in privacy.data_key(key).by_id:
                raise privacy.NoSuchKey(
                    f"{cell.shown} holds data sealed under key {privacy.key_id_of(bytes(found))}. "
                    "Add that key to DINGPAN_DATA_KEYS, or restore it from the backup."
                )


def _anew(session: Session, key: bytes, cell: Cell, id_: str, sealed: bytes) -> bool:
    """Seal one cell under the current key; False when no key opens it, which is told and left as it is."""
    try:
        text = privacy.open_text(key, sealed, row_id=id_, column=cell.bound_to)
    except (InvalidTag, privacy.NoSuchKey, ValueError):
        return False
    values: dict[str, Any] = {cell.name: privacy.seal_text(key, text, row_id=id_, column=cell.bound_to)}
    table = _table(cell)
    if cell.table == "contact":
        values["key_id"] = privacy.data_key(key).id
        session.execute(
            update(table)
            .where(table.c.id == id_, table.c.blind_index != "")
            .values(blind_index=privacy.blind_indexes(key, text)[0])
        )
    session.execute(update(table).where(table.c.id == id_).values(values))
    return True


def _next(cell: Cell, key: bytes, after: str, batch: int, *, everything: bool) -> Select[Any, Any]:
    table = _table(cell)
    which = _column(cell).is_not(None) if everything else _is_older(cell, key)
    query = select(table.c.id, _column(cell)).where(which).order_by(table.c.id).limit(batch).with_for_update()
    return query.where(table.c.id > after) if after else query


def _is_older(cell: Cell, key: bytes) -> ColumnElement[bool]:
    current = privacy.VERSION + privacy.data_key(key).id.to_bytes(privacy.KEY_ID_BYTES, "big")
    return _column(cell).is_not(None) & (_header(cell) != current)


def _header(cell: Cell) -> ColumnElement[bytes]:
    return func.substr(_column(cell), 1, privacy.HEADER_BYTES, type_=LargeBinary)


def _column(cell: Cell) -> ColumnElement[Any]:
    found: ColumnElement[Any] = _table(cell).c[cell.name]
    return found


def _table(cell: Cell) -> Any:
    return Base.metadata.tables[cell.table]
