"""Judging one row by itself: what it says of an instrument, and everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from stdnum.cn import ric, uscc

from server.register_import.columns import CODES, MASSES, Chosen, Column, Fault, FaultCode
from server.register_import.grid import Cell, Line
from server.register_import.values import MOST_KEPT, Wrong, day_of, mass_of, one_of, shown, text_of
from shared import national_codes
from shared.words import IdentityKind

TEXTS = {
    Column.PLACE: 120,
    Column.STALL: 20,
    Column.MERCHANT: 120,
    Column.CODE: 32,
    Column.SERIAL: 60,
    Column.OWN_NO: 60,
    Column.MAKER: 120,
    Column.MODEL: 60,
    Column.DOCUMENT_NO: 60,
    Column.BODY: 120,
    Column.NOTE: 2000,
    Column.REGION: 60,
    Column.ADDRESS: 200,
    Column.ID: 36,
    **dict.fromkeys(CODES, national_codes.LONGEST),
}
WORDS = {
    Column.KIND: FaultCode.UNKNOWN_KIND,
    Column.USE: FaultCode.UNKNOWN_USE,
    Column.CLASS: FaultCode.UNKNOWN_CLASS,
    Column.PLACE_KIND: FaultCode.UNKNOWN_PLACE_KIND,
}
DAYS = (Column.VERIFIED_ON, Column.VALID_UNTIL)
VERIFICATION = (Column.VERIFIED_ON, Column.VALID_UNTIL, Column.DOCUMENT_NO, Column.BODY)
OF_INSTRUMENT = (
    *(Column.SERIAL, Column.OWN_NO, Column.MAKER, Column.MODEL, *MASSES, Column.CLASS, Column.USE, *CODES),
    Column.NOTE,
)
OLD_NUMBER_DIGITS = 15


@dataclass
class Wanted:
    """What a row says: only what stands in it; an empty cell says nothing. ``faults`` are those of the row alone.

    ``code_fault`` counts where the register does not know the code; ``identity_kind`` is what the code is.
    """

    number: int
    says: dict[Column, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    identity_kind: IdentityKind = IdentityKind.IDENTITY_CARD
    code_fault: Fault | None = None

    def get(self, column: Column) -> Any:
        return self.says.get(column)

    def wrong(self, column: Column, code: FaultCode, **values: object) -> None:
        self.faults.append(Fault(column, code, values))

    @property
    def has_verification(self) -> bool:
        return any(column in self.says for column in VERIFICATION)

    def instrument_values(self) -> dict[str, Any]:
        """Return what the row says of the instrument itself, by the names of the table's columns."""
        return {column.value: self.says[column] for column in OF_INSTRUMENT if column in self.says}


def judge_row(line: Line, chosen: Chosen, today: date) -> Wanted:
    """Read one row; every mistake in it is told."""
    wanted = Wanted(line.number)
    for column, place in chosen.columns.items():
        cell = line.cell(place)
        try:
            value = _value(column, cell, chosen.units, today)
        except Wrong as error:
            wanted.faults.append(error.at(column))
        else:
            if value is not None:
                wanted.says[column] = value
    for check in (_kind, _numbers, _masses, _code, _verification):
        check(wanted, today)
    return wanted


def _value(column: Column, cell: Cell, units: Mapping[Column, str], today: date) -> Any:
    if column in CODES:
        return national_codes.clean(text_of(cell, most=TEXTS[column]) or "") or None
    if column in TEXTS:
        return text_of(cell, most=TEXTS[column], may_break=column is Column.NOTE)
    if column in MASSES:
        return mass_of(cell, units.get(column, ""))
    if column in DAYS:
        return day_of(cell, today)
    return one_of(cell, column.value, WORDS[column])


def _is_faulty(wanted: Wanted, column: Column) -> bool:
    return any(fault.column is column for fault in wanted.faults)


def _kind(wanted: Wanted, _: date) -> None:
    if Column.KIND not in wanted.says and not _is_faulty(wanted, Column.KIND):
        wanted.wrong(Column.KIND, FaultCode.MISSING)


def _numbers(wanted: Wanted, _: date) -> None:
    """An instrument is known by its serial, else by a number of its owner's, else by our own id."""
    numbers = (Column.SERIAL, Column.OWN_NO, Column.ID)
    if not any(column in wanted.says or _is_faulty(wanted, column) for column in numbers):
        wanted.wrong(Column.SERIAL, FaultCode.NO_NUMBER)


def _masses(wanted: Wanted, _: date) -> None:
    """What no nameplate can say: nothing to weigh, a smallest load above the largest, steps larger than the range."""
    most, least, e, d = (wanted.get(column) for column in MASSES)
    for column, value in zip((Column.MAX, Column.E, Column.D), (most, e, d), strict=True):
        if value == 0:
            wanted.wrong(column, FaultCode.ZERO)
    _below(wanted, least, most, Column.MIN, FaultCode.MIN_NOT_BELOW_MAX)
    _below(wanted, e, most, Column.E, FaultCode.E_NOT_BELOW_MAX)
    if e and d and d > e:
        wanted.wrong(Column.D, FaultCode.D_ABOVE_E)


def _below(wanted: Wanted, low: int | None, high: int | None, column: Column, code: FaultCode) -> None:
    if low and high and low >= high:
        wanted.wrong(column, code)


def _code(wanted: Wanted, _: date) -> None:
    """A merchant's number is a business number; an identity card's is never taken into a column that is shown."""
    code = wanted.get(Column.CODE)
    if code is None:
        return
    code = wanted.says[Column.CODE] = "".join(code.split()).upper()
    if Column.MERCHANT not in wanted.says:
        wanted.wrong(Column.MERCHANT, FaultCode.CODE_WITHOUT_NAME)
    if _is_credit_code(code):
        wanted.identity_kind = IdentityKind.USCC
    elif ric.is_valid(code):
        wanted.wrong(Column.CODE, FaultCode.IDENTITY_CARD)
    elif len(code) == OLD_NUMBER_DIGITS and code.isascii() and code.isdigit():
        wanted.identity_kind = IdentityKind.OLD_NUMBER
    else:
        wanted.code_fault = Fault(Column.CODE, FaultCode.BAD_CODE, {"text": shown(code)})


@lru_cache(MOST_KEPT)
def _is_credit_code(code: str) -> bool:
    return bool(uscc.is_valid(code))


def _verification(wanted: Wanted, today: date) -> None:
    """A verification is known by its document and body, and tells two days: all four or none."""
    if not wanted.has_verification:
        return
    for column in VERIFICATION:
        if column not in wanted.says and not _is_faulty(wanted, column):
            wanted.wrong(column, FaultCode.VERIFICATION_INCOMPLETE)
    done_on, until = wanted.get(Column.VERIFIED_ON), wanted.get(Column.VALID_UNTIL)
    if done_on and done_on > today:
        wanted.wrong(Column.VERIFIED_ON, FaultCode.FUTURE_DAY)
    if done_on and until and until < done_on:
        wanted.wrong(Column.VALID_UNTIL, FaultCode.VALID_BEFORE_VERIFIED)
