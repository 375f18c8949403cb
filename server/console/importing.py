"""Taking in a ledger: the file, which column is what, what would come of it, taking it in, and the way back."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from server import transaction
from server.accounts import service as accounts
from server.clock import now
from server.console import import_forms as forms
from server.console.routes import blueprint, scope, today
from server.csv_text import csv_text
from server.database import begin_write, db
from server.forms import Form, read_form
from server.language import t
from server.problems import NotFound, OtherState
from server.register_import import service as imports
from server.register_import.service import BadFile, Column, FileFault, ImportState
from server.web import csrf
from shared.ids import is_uuid

AROUND_A_FILE, READ_AHEAD = 64 << 10, 512 << 10
SHOWN, SAMPLES = 100, 4
LONGEST_NAME = 200
TAKEN_IN = (ImportState.DONE, ImportState.PARTLY_UNDONE)


@blueprint.get("/imports")
def imports_page() -> Response:
    """Show the unit's imports, the form for another file, and the register as a file."""
    return _list(Form(), 200)


@csrf.exempt  # type: ignore[untyped-decorator]  # the body has a limit of its own; the token in it is checked below
@blueprint.post("/imports")
def upload_register() -> BaseResponse:
    """Read a file and keep its table."""
    most = current_app.extensions["dingpan"].settings.import_bytes
    request.max_content_length = most + AROUND_A_FILE
    request.max_form_memory_size = READ_AHEAD  # the parser counts what it has read of a file beyond a line break
    too_large: dict[str, Any] = {"most": most >> 20}
    try:
        if current_app.config["WTF_CSRF_ENABLED"]:
            csrf.protect()
        form = read_form(forms.NO_FIELDS)
        file = request.files.get("file")
    except RequestEntityTooLarge:
        return _list(Form().wrong("file", f"import_file.{FileFault.TOO_LARGE}", **too_large), 413)
    content = file.read() if file else b""
    if not form.is_good or file is None or not file.filename:
        return _list(form if not form.is_good else form.wrong("file", "imports.choose_file"), 422)
    if len(content) > most:
        return _list(form.wrong("file", f"import_file.{FileFault.TOO_LARGE}", **too_large), 413)
    begin_write()
    try:
        batch = imports.keep(db.session(), g.person, name=_name(file.filename), content=content, now=now())
    except BadFile as error:
        transaction.rollback(db.session())
        return _list(form.wrong("file", f"import_file.{error.fault}", **error.values), 422)
    transaction.commit(db.session(), now())
    return redirect(url_for("console.import_columns", import_id=batch.id), 303)


@blueprint.get("/imports/<import_id>/columns")
def import_columns(import_id: str) -> Response:
    """Show which column is what, as the headers say or somebody chose; another row can be asked for as the headers."""
    batch = _open(import_id)
    grid = _grid(batch)
    header = request.args.get("header", "")
    wanted = int(header) if header.isascii() and header.isdecimal() and len(header) < 9 else None
    return _columns(batch, grid, Form(forms.typed_of(imports.chosen_of(batch, grid, wanted))), 200)


@blueprint.post("/imports/<import_id>/columns")
def choose_columns(import_id: str) -> BaseResponse:
    """Keep which column is what."""
    grid = _grid(_open(import_id))
    form = read_form(forms.MAPPING)
    form = forms.checked(form, grid) if form.is_good else form
    if not form.is_good:
        return _columns(_open(import_id), grid, form, 422)
    begin_write()
    imports.choose(_open(import_id), forms.chosen_in(form))
    transaction.commit(db.session(), now())
    return redirect(url_for("console.show_import", import_id=import_id), 303)


@blueprint.get("/imports/<import_id>")
def show_import(import_id: str) -> BaseResponse:
    """Show what would come of it; or what came of it, and what stays if it is undone."""
    batch = _import(import_id)
    if batch.state == ImportState.READ:
        return redirect(url_for("console.import_columns", import_id=import_id))
    return _result(batch, 200) if batch.state == ImportState.MAPPED else _done(batch, 200)


@blueprint.get("/imports/<import_id>/bad.csv")
def bad_rows_csv(import_id: str) -> Response:
    """Send the bad rows as a file, each with what is wrong in a column of its own."""
    batch = _open(import_id)
    grid = _grid(batch)
    chosen = imports.chosen_of(batch, grid)
    head = next((line for line in grid.lines if line.number == chosen.header), grid.lines[0])
    rows: list[list[str | int]] = [[t("imports.row"), *(cell.text for cell in head.cells), t("imports.reasons")]]
    width = len(head.cells)
    for row, cells in imports.bad_rows(_plan(batch, grid), grid, chosen):
        even: list[str] = (cells + [""] * width)[: max(width, len(cells))]
        rows.append([row.number, *even, " ".join(map(_sentence, row.faults))])
    response = Response(csv_text(rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="bad-rows-{today()}.csv"'
    return response


@blueprint.post("/imports/<import_id>/take-in")
def take_in_import(import_id: str) -> BaseResponse:
    """Take the sound rows in, if that does what the page said."""
    form = read_form(forms.CONFIRM)
    _import(import_id)
    if not form.is_good:
        return _result(_open(import_id), 422)
    begin_write()
    batch, mark = _import(import_id), form.values["mark"]
    with transaction.whole(db.session()):
        plan = imports.take_in(db.session(), scope(), batch, g.person, mark, now=now(), today=today())
        if plan is not None:
            transaction.commit(db.session(), now())
    if plan is None:
        transaction.rollback(db.session())
        return _result(_open(import_id), 409, has_changed=True)
    return redirect(url_for("console.show_import", import_id=import_id), 303)


@blueprint.post("/imports/<import_id>/undo")
def undo_import(import_id: str) -> BaseResponse:
    """Undo the whole, or what can be undone of it where that was asked for."""
    form = read_form(forms.UNDO)
    if _import(import_id).state not in TAKEN_IN:
        raise OtherState
    if not form.is_good:
        return _done(_import(import_id), 422)
    begin_write()
    with transaction.whole(db.session()):
        is_undone = imports.undo(db.session(), _import(import_id), g.person, rest=form.values["rest"] == "1", now=now())
        if is_undone:
            transaction.commit(db.session(), now())
    if not is_undone:
        transaction.rollback(db.session())
        return _done(_import(import_id), 409)
    return redirect(url_for("console.show_import", import_id=import_id), 303)


@blueprint.post("/imports/<import_id>/drop")
def drop_import(import_id: str) -> BaseResponse:
    """Forget a file that was not taken in."""
    form = read_form(forms.NO_FIELDS)
    batch = _open(import_id)
    if not form.is_good:
        return _list(form, 422)
    begin_write()
    imports.drop(db.session(), _open(batch.id))
    transaction.commit(db.session(), now())
    return redirect(url_for("console.imports_page"), 303)


def _name(file_name: str) -> str:
    """Return the name of a file without the folders that some browsers tell, and without what nobody sees."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[:LONGEST_NAME] or "–"


def _import(import_id: str) -> imports.RegisterImport:
    found = imports.import_in(db.session(), g.person.unit_id, import_id) if is_uuid(import_id) else None
    if found is None:
        raise NotFound
    return found


def _open(import_id: str) -> imports.RegisterImport:
    """Return an import that was not taken in yet."""
    batch = _import(import_id)
    if batch.state not in (ImportState.READ, ImportState.MAPPED):
        raise OtherState
    return batch


def _grid(batch: imports.RegisterImport) -> imports.Grid:
    grid = imports.grid_of(batch)
    if grid is None:
        raise OtherState
    return grid


def _plan(batch: imports.RegisterImport, grid: imports.Grid) -> imports.Plan:
    return imports.plan_of(db.session(), scope(), batch, grid, now=now(), today=today())


def _sentence(fault: imports.Fault) -> str:
    return t("imports.in_column", column=t(f"import_column.{fault.column}"), what=_what(fault))


def _what(fault: imports.Fault) -> str:
    return t(f"import_fault.{fault.code}", **fault.values)


def _list(form: Form, status: int) -> Response:
    batches = imports.imports_of(db.session(), g.person.unit_id)
    page = render_template(
        "console/imports.html",
        form=form,
        batches=batches,
        names=accounts.names_of(db.session(), [batch.made_by for batch in batches]),
        most=current_app.extensions["dingpan"].settings.import_bytes >> 20,
        most_rows=imports.MOST_ROWS,
    )
    return make_response(page, status)


def _columns(batch: imports.RegisterImport, grid: imports.Grid, form: Form, status: int) -> Response:
    typed = form.typed.get("header", "")
    header = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 9 else grid.lines[0].number
    head = next((line for line in grid.lines if line.number == header), grid.lines[0])
    places = [(place, imports.letters(place), head.cell(place).text) for place in range(grid.width)]
    page = render_template(
        "console/import_columns.html",
        batch=batch,
        grid=grid,
        form=form,
        places=places,
        rows=imports.header_candidates(grid),
        samples=[line for line in grid.lines if line.number > head.number][:SAMPLES],
        columns=list(Column),
        masses=imports.MASSES,
        units=imports.UNITS,
    )
    return make_response(page, status)


def _result(batch: imports.RegisterImport, status: int, *, has_changed: bool = False) -> Response:
    grid = _grid(batch)
    plan = _plan(batch, grid)
    chosen = imports.chosen_of(batch, grid)
    letters = {column: imports.letters(place) for column, place in chosen.columns.items()}
    page = render_template(
        "console/import_result.html",
        batch=batch,
        grid=grid,
        plan=plan,
        outcomes=imports.Outcome,
        mark=imports.mark_of(plan),
        shown=plan.bad[:SHOWN],
        letters=letters,
        what=_what,
        has_changed=has_changed,
    )
    return make_response(page, status)


def _done(batch: imports.RegisterImport, status: int) -> Response:
    found = imports.examine(db.session(), batch) if batch.state in TAKEN_IN else None
    page = render_template(
        "console/import_done.html",
        batch=batch,
        by=accounts.names_of(db.session(), [batch.made_by]).get(batch.made_by, ""),
        found=found,
        shown=found.stays[:SHOWN] if found else [],
    )
    return make_response(page, status)
