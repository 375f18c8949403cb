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

NAME = b"body_of"
STATEMENT = b"SELECT body FROM public_record WHERE serial = $1"


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
        if not self._is_postgresql:
            return self._through_the_engine(serial)
        connection = self._take()
        try:
            answer = connection.pgconn.exec_prepared(NAME, [b"%d" % serial])
            if answer.status != ExecStatus.TUPLES_OK:
                raise Unread
            body = answer.get_value(0, 0) if answer.ntuples else None
        except BaseException as error:
            connection.close()
            self.close()  # the others were opened to the same server
            if isinstance(error, psycopg.Error):
                raise Unread from error
            raise
        self._idle.append(connection)
        return body

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
            if connection.pgconn.prepare(NAME, STATEMENT).status != ExecStatus.COMMAND_OK:
                connection.close()
                raise Unread
        except (SQLAlchemyError, psycopg.Error) as error:
            raise Unread from error
        return connection

    def _through_the_engine(self, serial: int) -> bytes | None:
        try:
            with self._engine.connect() as connection:
                body = connection.scalar(select(PublicRecord.body).where(PublicRecord.serial == serial))
        except SQLAlchemyError as error:
            raise Unread from error
        return None if body is None else body.encode()
