"""Many new rows of one table at once: COPY on PostgreSQL, one prepared statement on SQLite.

What the columns fill in by themselves is filled in here as well, and values are bound as SQLAlchemy binds them, so a
row is the same whichever way it came. Rows that other work of the session is about to write are written before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Dialect, Table, insert
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.database import Base

Row = Mapping[str, Any]


def insert_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows; every key names a column. Raises DBAPIError as a statement does."""
    if not rows:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, model, rows)
    else:
        session.execute(insert(model).execution_options(render_nulls=True), rows)


def _copy(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    connection = session.connection()
    statement, columns = _plan(model)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([bind(row.get(name, default)) for name, default, bind in columns])
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@cache
def _plan(model: type[Base]) -> tuple[str, list[tuple[str, Any, Callable[[Any], Any]]]]:
    """Return the COPY of a table, and for each column its name, what fills it in, and how a value is bound."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError("rows go into a table")
    dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    columns = [(column.name, _default(column), _binding(column.type, dialect)) for column in table.columns]
    return f"COPY {quote(table.name)} ({names}) FROM STDIN", columns


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    if not column.default.is_scalar:
        raise TypeError(f"{column} is filled in by more than a value")
    return column.default.arg


def _binding(type_: Any, dialect: Dialect) -> Callable[[Any], Any]:
    """Return what makes a value ready for the driver."""
    found: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return found or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
