"""The finished record of one label, as it was written, over connections that do nothing else.

On PostgreSQL a statement that the server has prepared is sent as it is: one round trip, a tenth of what the same read
costs through a session. Each read is a transaction of its own, so it sees whatever was committed before it, by any
process. What goes wrong here is told to nobody: the page is then answered as every other page is, trouble included.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import SQLAlchemyError

from server.public.models import PublicRecord

BODY, BOTH = b"body_of", b"body_and_words_of"
STATEMENTS = {
    BODY: b"SELECT body FROM public_record WHERE serial = $1",
    BOTH: b"SELECT body, words FROM public_record WHERE serial = $1",
}
COLUMNS = {BODY: (PublicRecord.body,), BOTH: (PublicRecord.body, PublicRecord.words)}


class Unread(Exception):
    """The record could not be read."""


class Bodies:
    """Reads records of one database; as many connections as threads ever read at once are kept open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[psycopg.Connection[Any]] = []
        self._is_postgresql = engine.dialect.name == "postgresql"
        event.listen(engine, "engine_disposed", lambda _: self.close())

    def body(self, serial: int) -> bytes | None:
        """Return the record of a label as JSON in UTF-8; None when the office knows nothing of it; raises Unread."""
        return self._row(BODY, serial)[0]

    def body_and_words(self, serial: int) -> tuple[bytes | None, bytes | None]:
        """Return the record of a label, and the finished words of its page where there are any; raises Unread."""
        body, words = self._row(BOTH, serial)
        return body, words

    def _row(self, name: bytes, serial: int) -> list[bytes | None]:
        if not self._is_postgresql:
            return self._through_the_engine(name, serial)
        connection = self._take()
        try:
            answer = connection.pgconn.exec_prepared(name, [b"%d" % serial])
            if answer.status != ExecStatus.TUPLES_OK:
                raise Unread
            columns = range(answer.nfields)
            row = [answer.get_value(0, column) if answer.ntuples else None for column in columns]
        except BaseException as error:
            connection.close()
            self.close()  # the others were opened to the same server
            if isinstance(error, psycopg.Error):
                raise Unread from error
            raise
        self._idle.append(connection)
        return row

    def close(self) -> None:
        """Close every connection that waits; those that are needed later are opened anew."""
        while True:
            connection = self._pop()
            if connection is None:
                return
            connection.close()

    def _pop(self) -> psycopg.Connection[Any] | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _take(self) -> psycopg.Connection[Any]:
        connection = self._pop()
        return self._open() if connection is None else connection

    def _open(self) -> psycopg.Connection[Any]:
        """Open a connection as the engine does, and keep it from its pool."""
        try:
            own = self._engine.raw_connection()
            connection: psycopg.Connection[Any] = own.driver_connection  # type: ignore[assignment]
            own.detach()
            connection.autocommit = True
            connection.execute("SET client_encoding TO 'UTF8'")
            for name, statement in STATEMENTS.items():
                if connection.pgconn.prepare(name, statement).status != ExecStatus.COMMAND_OK:
                    connection.close()
                    raise Unread
        except (SQLAlchemyError, psycopg.Error) as error:
            raise Unread from error
        return connection

    def _through_the_engine(self, name: bytes, serial: int) -> list[bytes | None]:
        columns = COLUMNS[name]
        try:
            with self._engine.connect() as connection:
                row = connection.execute(select(*columns).where(PublicRecord.serial == serial)).one_or_none()
        except SQLAlchemyError as error:
            raise Unread from error
        return [None if value is None else value.encode() for value in row or [None] * len(columns)]
