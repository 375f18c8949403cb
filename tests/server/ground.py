"""The database of a filled world as it stood: put back after whatever a test wrote, on either engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import g
from sqlalchemy import make_url

from server.database import Base, db
from tests.server.databases import copied

# What anybody leaves who only asks: how often an address did, when a browser or phone was last seen, and the receipts
# of records that were refused. Whatever has an effect stands in other tables as well.
TRACES = {"rate_count", "failed_sign_ins", "op", "leaf", "tree_node", "log_state"}
SEEN = {"seen_at"}


@dataclass
class Ground:
    """Keeps one state of a database; ``sql`` runs a statement of PostgreSQL beside it."""

    url: str
    sql: Callable[[str], None]

    def keep(self, name: str) -> None:
        """Remember how the database stands now, instead of what was kept under the name before."""
        self._let_go()
        if self._file:
            shutil.copy(self._file, f"{self._file}.{name}")
        else:
            self.sql(f"DROP DATABASE IF EXISTS {self._name}_{name} WITH (FORCE)")
            self.sql(copied(f"{self._name}_{name}", self._name))

    def restore(self, name: str) -> None:
        """Put it back as it was kept."""
        self._let_go()
        if self._file:
            shutil.copy(f"{self._file}.{name}", self._file)
        else:
            self.sql(f"DROP DATABASE {self._name} WITH (FORCE)")
            self.sql(copied(self._name, f"{self._name}_{name}"))

    @property
    def _file(self) -> Path | None:
        return Path(self._name) if self.url.startswith("sqlite") else None

    @property
    def _name(self) -> str:
        return make_url(self.url).database or ""

    @staticmethod
    def _let_go() -> None:
        for name in list(g):
            g.pop(name)
        db.session.remove()
        db.engine.dispose()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, without the traces that asking leaves."""
    db.session.rollback()
    found = {}
    for name, table in Base.metadata.tables.items():
        if name not in TRACES:
            columns = [column for column in table.columns if column.name not in SEEN]
            rows = db.session.execute(table.select().with_only_columns(*columns))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    db.session.rollback()
    return found
