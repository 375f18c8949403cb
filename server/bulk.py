"""Many rows of one table at once: COPY or arrays on PostgreSQL, one prepared statement on SQLite.

What the columns fill in by themselves is filled in here as well, and values are bound as SQLAlchemy binds them, so a
row is the same whichever way it came. Rows that other work of the session is about to write are written before.

Arrays, because a statement with a parameter for each value is another statement for each number of values: it is put
together anew, read anew and planned anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import ARRAY, ColumnElement, Dialect, Integer, Table, Uuid, any_, insert, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from server.database import Base


class Many(TypeDecorator[Any]):
    """An array that the driver gets as text: neither an id nor a number holds what would have to be quoted."""

    impl = ARRAY
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        if not isinstance(self.impl_instance.item_type, Uuid | Integer):  # type: ignore[attr-defined]
            return super().bind_processor(dialect)
        return lambda values: f"{{{','.join(map(str, values))}}}"


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


def replace_rows(session: Session, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows, each in the place of the one with its primary key where there is one; no key stands twice.

    A column that a row does not name takes its default, in the place of what stood there.
    """
    if not rows:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        statement, columns = _replacement(model)
        values = tuple([bind(row.get(name, default)) for row in rows] for name, default, bind in columns)
        session.connection().exec_driver_sql(statement, values)
        return
    new = sqlite.insert(model)
    table = _table(model)
    others = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
    values_of = [{name: row.get(name, default) for name, default, _ in _plan(model)[1]} for row in rows]
    session.execute(new.on_conflict_do_update(index_elements=[*table.primary_key.columns], set_=others), values_of)


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Return the condition that a column is one of many values, as one array on PostgreSQL."""
    found: ColumnElement[bool]
    if session.get_bind().dialect.name != "postgresql":
        found = column.in_(values)
    else:
        found = column == any_(literal(list(values), _array_of(column.type)))
    return found


@cache
def _array_of(type_: Any) -> Many:
    """Return the array of a column's type, which is as dear to make as a question is to ask."""
    return Many(type_)


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
    table, dialect = _table(model), _dialect()
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    columns = [(column.name, _default(column), _binding(column.type, dialect)) for column in table.columns]
    return f"COPY {quote(table.name)} ({names}) FROM STDIN", columns


@cache
def _replacement(model: type[Base]) -> tuple[str, list[tuple[str, Any, Callable[[Any], Any]]]]:
    """Return the statement that replaces rows given as an array for each column, and the columns as ``_plan`` does."""
    table, dialect = _table(model), _dialect()
    quote = dialect.identifier_preparer.quote
    names = [quote(column.name) for column in table.columns]
    arrays = ", ".join(f"%s::{column.type.compile(dialect=dialect)}[]" for column in table.columns)
    key = ", ".join(quote(column.name) for column in table.primary_key.columns)
    new = ", ".join(f"{quote(one.name)} = excluded.{quote(one.name)}" for one in table.columns if not one.primary_key)
    into = f"INSERT INTO {quote(table.name)} ({', '.join(names)}) SELECT * FROM unnest({arrays})"  # noqa: S608 - our tables
    return f"{into} ON CONFLICT ({key}) DO UPDATE SET {new}", _plan(model)[1]


def _table(model: type[Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError("rows go into a table")
    return table


@cache
def _dialect() -> Dialect:
    dialect: Dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]
    return dialect


def _default(column: Any) -> Any:
    if column.default is None:
        return None
    if not column.default.is_scalar:
        raise TypeError(f"{column} is filled in by more than a value")
    return column.default.arg


def _binding(type_: Any, dialect: Dialect) -> Callable[[Any], Any]:
    """Return what makes a value ready for the driver; an id is sent as the text that it is."""
    if isinstance(type_, Uuid):
        return _as_it_is
    found: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return found or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
