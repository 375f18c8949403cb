"""Judging one cell: text, mass, day or word. Nothing is rounded, and nothing that can be read in two ways is taken."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

from server.register_import.columns import Column, Fault, FaultCode
from server.register_import.grid import Cell, CellKind
from server.register_import.words import day_marks, known, word_of
from shared.errors import NotANumber, TooFine
from shared.quantities import mass_mg, plain_decimal

MOST_MG = 10**12
MOST_DIGITS = 15
FIRST_YEAR, YEARS_TO_COME = 1980, 20
HIDDEN = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
BREAKS = "\n\r\t"
WHITE = BREAKS + " \u00a0" + chr(0x3000)
SHOWN = 60
MOST_KEPT = 4_096  # a ledger says the same thing thousands of times

_MASS = re.compile(r"([^a-z\u4e00-\u9fff]*?)\s*([a-z\u4e00-\u9fff]*)")
_ORDERED = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?: 00:00(?::00)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TURNED = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{2}[-/.]\d{1,2}[-/.]\d{1,2}")


class Wrong(Exception):
    """A cell that is not taken."""

    def __init__(self, code: FaultCode, **values: object) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values

    def at(self, column: Column) -> Fault:
        return Fault(column, self.code, self.values)


def shown(text: str) -> str:
    """Return a text short enough for a sentence, its hidden characters spelled out."""
    plain = "".join(one if one.isprintable() else f"U+{ord(one):04X}" for one in text)
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"


def text_of(cell: Cell, *, most: int, may_break: bool = False) -> str | None:
    """Return a text with single spaces; None for an empty cell. Raises Wrong."""
    _refuse_broken(cell)
    if cell.kind is CellKind.DAY:
        raise Wrong(FaultCode.IS_A_DATE, text=cell.text)
    if cell.kind is CellKind.NUMBER and sum(one.isdigit() for one in cell.text) > MOST_DIGITS:
        raise Wrong(FaultCode.DIGITS_LOST, text=shown(cell.text))
    text = cell.text.strip(HIDDEN + WHITE)
    for one in "" if text.isprintable() else text:
        category = unicodedata.category(one)
        if category == "Cc" and one not in BREAKS:
            raise Wrong(FaultCode.CONTROL_CHARACTERS, text=shown(one))
        if category in ("Cf", "Co", "Cn", "Cs"):
            raise Wrong(FaultCode.INVISIBLE_CHARACTERS, text=f"U+{ord(one):04X}")
    lines = [" ".join(line.split()) for line in text.splitlines()] if may_break else [" ".join(text.split())]
    text = "\n".join(lines).strip()
    if len(text) > most:
        raise Wrong(FaultCode.TOO_LONG, most=most)
    return text or None


@lru_cache(MOST_KEPT)
def mass_of(cell: Cell, unit: str) -> int | None:
    """Return whole milligrams; None for an empty cell. ``unit`` is the column's, "" for none. Raises Wrong."""
    text = _plain(cell)
    if text is None:
        return None
    if cell.kind is CellKind.DAY:
        raise Wrong(FaultCode.IS_A_DATE, text=cell.text)
    found = _MASS.fullmatch(text.casefold())
    if found is None:
        raise Wrong(FaultCode.NOT_A_NUMBER, text=shown(cell.text))
    figure = found[1].removeprefix("+")
    own = word_of("units", found[2]) if found[2] else unit
    try:
        plain_decimal(figure)
        value = mass_mg(figure, own) if own else None
    except NotANumber as error:
        raise Wrong(FaultCode.NOT_A_NUMBER, text=shown(cell.text)) from error
    except TooFine as error:
        raise Wrong(FaultCode.TOO_FINE, text=shown(cell.text)) from error
    if value is None:
        raise Wrong(FaultCode.UNIT_UNCLEAR if found[2] else FaultCode.UNIT_MISSING, text=shown(cell.text))
    if value < 0:
        raise Wrong(FaultCode.NEGATIVE, text=shown(cell.text))
    if value > MOST_MG:
        raise Wrong(FaultCode.OUT_OF_RANGE, text=shown(cell.text))
    return value


@lru_cache(MOST_KEPT)
def day_of(cell: Cell, today: date) -> date | None:
    """Return a civil day; None for an empty cell. Raises Wrong."""
    text = _plain(cell)
    if text is None:
        return None
    groups = _parts(text)
    if groups is None:
        is_turned = _TURNED.fullmatch(text) is not None
        raise Wrong(FaultCode.DATE_UNCLEAR if is_turned else FaultCode.NOT_A_DATE, text=shown(cell.text))
    try:
        day = date(*groups)
    except ValueError as error:
        raise Wrong(FaultCode.NO_SUCH_DAY, text=shown(cell.text)) from error
    if not FIRST_YEAR <= day.year <= today.year + YEARS_TO_COME:
        raise Wrong(FaultCode.DAY_IMPLAUSIBLE, text=shown(cell.text))
    return day


def _parts(text: str) -> tuple[int, int, int] | None:
    year, month, day = day_marks()
    spelled = rf"(\d{{4}}){year}(\d{{1,2}}){month}(\d{{1,2}}){day}?"
    compact = "".join(text.split()) if year in text else text
    if found := _ORDERED.fullmatch(text):
        return int(found[1]), int(found[3]), int(found[4])
    if found := re.fullmatch(spelled, compact) or _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    return None


@lru_cache(MOST_KEPT)
def one_of(cell: Cell, name: str, unknown: FaultCode) -> str | None:
    """Return the word of a list that an entry means; None for an empty cell. Raises Wrong."""
    text = text_of(cell, most=120)
    if text is None:
        return None
    found = word_of(name, text)
    if found is None:
        raise Wrong(unknown, text=shown(text), known=known(name))
    return found


def _plain(cell: Cell) -> str | None:
    """Return what a figure is read from: ordinary digits and signs, whatever their width."""
    text = text_of(Cell(CellKind.TEXT, cell.text) if cell.kind is CellKind.DAY else _unlimited(cell), most=SHOWN)
    return unicodedata.normalize("NFKC", text) if text else None


def _unlimited(cell: Cell) -> Cell:
    """A long figure is out of range, and not a number with its digits lost."""
    _refuse_broken(cell)
    return Cell(CellKind.TEXT, cell.text)


def _refuse_broken(cell: Cell) -> None:
    if cell.kind is CellKind.FORMULA:
        raise Wrong(FaultCode.FORMULA)
    if cell.kind is CellKind.ERROR:
        raise Wrong(FaultCode.ERROR_VALUE, text=cell.text)
