"""The rights of the role that the server runs as, on PostgreSQL: what was logged it can only add to."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from server.mending import CannotDo

STATEMENTS = Path(__file__).with_name("role.sql")


class CannotGrant(CannotDo):
    """The database or the role is not of the kind; the message says what to do."""


def grant(session: Session, role: str) -> None:
    """Give a role the rights of ``role.sql``, and no more on what was logged; raises CannotGrant."""
    bind = session.get_bind()
    if bind.dialect.name != "postgresql":
        raise CannotGrant("SQLite has no roles. Guard the database file itself, and keep heads on phones.")
    found = session.execute(
        text("SELECT rolsuper, current_user = rolname FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).one_or_none()
    if found is None:
        raise CannotGrant(f"There is no role {role}. Make it with CREATE ROLE ... LOGIN, then try again.")
    if any(found):
        raise CannotGrant(f"{role} is a superuser or owns the tables. Make a role of its own for the server.")
    quoted = bind.dialect.identifier_preparer.quote_identifier(role)
    for statement in _statements():
        session.execute(text(statement.replace(":role", quoted)))
    session.commit()


def _statements() -> list[str]:
    lines = [line for line in STATEMENTS.read_text("utf-8").splitlines() if not line.startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]
