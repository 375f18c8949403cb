"""Rows of the violation catalogue: what is forbidden to whom, where it stands, what it may cost, and when it may be let
off. Amounts are whole yuan.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.rules.rows.row import Row


@dataclass(frozen=True, kw_only=True)
class Violation(Row):
    """An entry of the catalogue, under the document that forbids it.

    It is suggested where any fact of ``when`` and every fact of ``also`` was found; empty ``parties`` or ``places``
    mean everybody or everywhere. ``by_hand``: never suggested, a person chooses it. ``cited`` false: there is no legal
    basis to print. ``needs`` are the documents that must confirm it first.
    """

    code: str
    name_zh: str
    name_en: str
    severity: str
    when: tuple[str, ...]
    kind: str = "administrative"
    also: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    by_hand: bool = False
    cited: bool = True


@dataclass(frozen=True, kw_only=True)
class Basis(Row):
    """A further document that forbids the same act, at these places (empty: everywhere)."""

    code: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Penalty(Row):
    """One limb of what an act may cost; with ``when`` only once any of these facts was found.

    ``fine_to_yuan`` 0: no fixed fine; ``gains_to_percent`` is the highest fine as a share of the gains, 0: none.
    """

    code: str
    limb: int
    text_zh: str
    text_en: str
    measures: tuple[str, ...] = ()
    fine_from_yuan: int = 0
    fine_to_yuan: int = 0
    gains_to_percent: int = 0
    per_instrument: bool = False
    when: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Leniency(Row):
    """A reason to impose no penalty that may apply: for acts of these severities, unless one of these facts was found.

    Empty ``severities`` mean every act.
    """

    code: str
    text_zh: str
    text_en: str
    severities: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FineAuthority(Row):
    """A fine under this row's document from ``from_yuan`` on is for the provincial authority to decide."""

    from_yuan: int


TABLES: dict[str, type[Row]] = {
    "violation": Violation,
    "violation_basis": Basis,
    "penalty": Penalty,
    "leniency": Leniency,
    "fine_authority": FineAuthority,
}
