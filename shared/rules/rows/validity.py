"""Rows about mandatory verification: what is under it, how long one lasts, and what changes on which day."""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class Period(Row):
    """The longest interval between two verifications of a kind, in months."""

    kind: str
    months: int


@dataclass(frozen=True, kw_only=True)
class Catalogued(Row):
    """A kind under mandatory verification: for which ``uses`` of the register, where it is met, how it is verified.

    ``kind`` is a word of the register or, for what the register does not keep yet, of this table alone. ``mode`` is one
    of ``periodic``, ``first_then_rotation``, ``first_then_scrap``. ``is_listed`` False: what was read of the list
    leaves the kind out, which is no proof that it is free. How long a verification lasts stands in ``Period``.
    """

    kind: str
    uses: tuple[str, ...]
    place: str
    item: str
    regulation: str
    mode: str
    is_listed: bool = True


@dataclass(frozen=True, kw_only=True)
class Transition(Row):
    """What holds for a while, or from a day on, between two regulations; its sentence is ``transition.<code>``."""

    code: str
    kind: str
    price_computing: tuple[bool, ...]


TABLES: dict[str, type[Row]] = {
    "period": Period,
    "catalogue": Catalogued,
    "transition": Transition,
}
