"""Alembic's environment: runs inside the Flask app, on its engine, in batch mode so that SQLite can alter tables."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from server.database import WRITES, Base, Instant

config = context.config


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Write our own column type as the plain one, so that old revisions never import today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def run_offline() -> None:
    """Write the SQL of the revisions instead of running it."""
    url = current_app.extensions["migrate"].db.engine.url.render_as_string(hide_password=False)
    context.configure(url=url, target_metadata=Base.metadata, literal_binds=True, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Run the revisions on the app's engine, in one transaction.

    SQLite alters a table by making it anew, which its foreign keys would forbid: they are off meanwhile, and all are
    checked before the commit (https://sqlite.org/lang_altertable.html, section 7).
    """
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
            transactional_ddl=True,
        )
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            _foreign_keys(connection, is_on=False)
        try:
            with context.begin_transaction():
                context.run_migrations()
                if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"A revision left rows that point nowhere: {broken[:5]}")
        finally:
            if is_sqlite:
                connection.rollback()  # looking at heads begins a transaction, inside which the switch does nothing
                _foreign_keys(connection, is_on=True)


def _foreign_keys(connection: Connection, *, is_on: bool) -> None:
    """Switch on the driver's own connection: inside a transaction SQLite ignores it."""
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    driver.execute("PRAGMA foreign_keys=ON" if is_on else "PRAGMA foreign_keys=OFF")


if context.is_offline_mode():
    run_offline()
else:
    run_online()
