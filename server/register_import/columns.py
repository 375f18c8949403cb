"""What a column of a ledger can be, and what can be wrong with a file or a row: closed lists of words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ImportState(StrEnum):
    """How far an import has come."""

    READ = "read"
    MAPPED = "mapped"
    DONE = "done"
    PARTLY_UNDONE = "partly_undone"
    UNDONE = "undone"


class Column(StrEnum):
    """What a column can be; in this order they stand in an export."""

    PLACE = "place"
    STALL = "stall"
    MERCHANT = "merchant"
    CODE = "code"
    KIND = "kind"
    SERIAL = "serial"
    OWN_NO = "own_no"
    MAKER = "maker"
    MODEL = "model"
    MAX = "max_mg"
    MIN = "min_mg"
    E = "e_mg"
    D = "d_mg"
    CLASS = "accuracy_class"
    USE = "use"
    PRODUCTION_CODE = "production_code"
    REPAIR_CODE = "repair_code"
    VERIFICATION_CODE = "verification_code"
    VERIFIED_ON = "verified_on"
    VALID_UNTIL = "valid_until"
    DOCUMENT_NO = "document_no"
    BODY = "body"
    NOTE = "note"
    PLACE_KIND = "place_kind"
    REGION = "region"
    ADDRESS = "address"
    ID = "id"


CODES = (Column.PRODUCTION_CODE, Column.REPAIR_CODE, Column.VERIFICATION_CODE)
MASSES = (Column.MAX, Column.MIN, Column.E, Column.D)
UNITS = ("kg", "g")


class FileFault(StrEnum):
    """Why a file is not read at all; the sentences stand under ``import_file.``."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OLD_EXCEL = "old_excel"
    ENCRYPTED = "encrypted"
    NO_TABLE = "no_table"
    UTF16 = "utf16"
    BINARY = "binary"
    DAMAGED = "damaged"
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    ENTITIES = "entities"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    NO_ROWS = "no_rows"
    BAD_QUOTES = "bad_quotes"


class BadFile(Exception):
    """A file that cannot be read; the sentence says why and what to do."""

    def __init__(self, fault: FileFault, **values: object) -> None:
        super().__init__(fault, values)
        self.fault, self.values = fault, values


class FaultCode(StrEnum):
    """What can be wrong with a row; the sentences stand under ``import_fault.`` and say what to do."""

    MISSING = "missing"
    FORMULA = "formula"
    ERROR_VALUE = "error_value"
    CONTROL_CHARACTERS = "control_characters"
    INVISIBLE_CHARACTERS = "invisible_characters"
    TOO_LONG = "too_long"
    DIGITS_LOST = "digits_lost"
    IS_A_DATE = "is_a_date"
    NOT_A_NUMBER = "not_a_number"
    UNIT_MISSING = "unit_missing"
    UNIT_UNCLEAR = "unit_unclear"
    TOO_FINE = "too_fine"
    NEGATIVE = "negative"
    ZERO = "zero"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_DATE = "not_a_date"
    DATE_UNCLEAR = "date_unclear"
    NO_SUCH_DAY = "no_such_day"
    DAY_IMPLAUSIBLE = "day_implausible"
    FUTURE_DAY = "future_day"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_USE = "unknown_use"
    UNKNOWN_CLASS = "unknown_class"
    UNKNOWN_PLACE_KIND = "unknown_place_kind"
    BAD_CODE = "bad_code"
    IDENTITY_CARD = "identity_card"
    CODE_WITHOUT_NAME = "code_without_name"
    NO_NUMBER = "no_number"
    MIN_NOT_BELOW_MAX = "min_not_below_max"
    E_NOT_BELOW_MAX = "e_not_below_max"
    D_ABOVE_E = "d_above_e"
    VALID_BEFORE_VERIFIED = "valid_before_verified"
    VERIFICATION_INCOMPLETE = "verification_incomplete"
    DUPLICATE = "duplicate"
    UNKNOWN_PLACE = "unknown_place"
    SEVERAL_PLACES = "several_places"
    REGION_NOT_YOURS = "region_not_yours"
    NAME_DIFFERS = "name_differs"
    SEVERAL_MERCHANTS = "several_merchants"
    UNKNOWN_BODY = "unknown_body"
    SEVERAL_INSTRUMENTS = "several_instruments"
    OWN_NO_TAKEN = "own_no_taken"
    UNKNOWN_ID = "unknown_id"
    OTHER_PLACE = "other_place"
    OTHER_KIND = "other_kind"
    DOCUMENT_TAKEN = "document_taken"
    DOCUMENT_DIFFERS = "document_differs"


@dataclass(frozen=True)
class Fault:
    """One mistake: in which column, what, and the values of its sentence."""

    column: Column
    code: FaultCode
    values: Mapping[str, object] = field(default_factory=dict)


class Outcome(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BAD = "bad"


@dataclass(frozen=True)
class Chosen:
    """Which column of the file is what (counted from 0), the unit of each mass without one, and the header's row."""

    header: int
    columns: Mapping[Column, int]
    units: Mapping[Column, str]
