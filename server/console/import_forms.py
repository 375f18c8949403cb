"""The forms of an import: the file, which column is what, and the way back."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate

from server.forms import Form
from server.query import Count
from server.register_import import service as imports
from server.register_import.service import MASSES, UNITS, Chosen, Column
from shared.wire.strict import StrictSchema, Text, one_of

LAST_ROW = 1_048_576
COLUMN, UNIT = "column_", "unit_"
NEEDED = (Column.KIND,)
NUMBERS = (Column.SERIAL, Column.OWN_NO, Column.ID)


class NoFieldsSchema(StrictSchema):
    """A form of one button, or of one file."""


class UndoSchema(StrictSchema):
    """``rest``: undo what can be undone though some rows stay."""

    rest = Text(longest=1, load_default="", validate=one_of("", "1"))


class ConfirmSchema(StrictSchema):
    """``mark`` stands for what the page said that would be done."""

    mark = Text(required=True, longest=64, validate=validate.Regexp(r"[0-9a-f]{64}\Z", error="invalid.other"))


def _mapping_schema() -> Schema:
    fields: dict[str, Any] = {"header": Count(required=True, least=1, most=LAST_ROW)}
    fields |= {COLUMN + column: Count(least=0, most=imports.MOST_COLUMNS) for column in Column}
    fields |= {UNIT + column: Text(longest=2, validate=one_of(*UNITS)) for column in MASSES}
    about = {"__doc__": "Which column of the file is what.", "__module__": __name__}
    made: Schema = type("MappingSchema", (StrictSchema,), fields | about)()
    return made


MAPPING, NO_FIELDS, UNDO, CONFIRM = _mapping_schema(), NoFieldsSchema(), UndoSchema(), ConfirmSchema()


def typed_of(chosen: Chosen) -> dict[str, str]:
    """Return a choice as the form shows it."""
    typed = {"header": str(chosen.header)}
    typed |= {COLUMN + column: str(place) for column, place in chosen.columns.items()}
    return typed | {UNIT + column: unit for column, unit in chosen.units.items()}


def checked(form: Form, grid: imports.Grid) -> Form:
    """Add what the file can tell: the columns are there, each is one thing, and what an instrument needs is named."""
    taken: dict[int, str] = {}
    for column in Column:
        place = form.values.get(COLUMN + column)
        if place is None:
            continue
        if place >= grid.width:
            form = form.wrong(COLUMN + column, "import_map.no_such_column")
        elif place in taken:
            form = form.wrong(COLUMN + column, "import_map.twice")
        taken[place] = column
    for column in NEEDED:
        if COLUMN + column not in form.values:
            form = form.wrong(COLUMN + column, "import_map.needed")
    if not any(COLUMN + column in form.values for column in NUMBERS):
        form = form.wrong(COLUMN + Column.SERIAL, "import_map.number_needed")
    if form.values["header"] not in imports.header_candidates(grid):
        form = form.wrong("header", "import_map.no_such_row")
    return form


def chosen_in(form: Form) -> Chosen:
    """Return what a good form chooses."""
    columns = {column: form.values[COLUMN + column] for column in Column if COLUMN + column in form.values}
    units = {column: form.values[UNIT + column] for column in MASSES if UNIT + column in form.values}
    return Chosen(form.values["header"], columns, {column: unit for column, unit in units.items() if column in columns})
