"""The register of one's scope as a file, with the columns of an import."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from flask import Response, stream_with_context

from server.console.routes import blueprint, scope, today
from server.csv_text import csv_lines
from server.database import db
from server.language import t
from server.register_import import service as imports
from server.spreadsheets import TYPE, pieces, workbook


@blueprint.get("/register.csv")
def register_csv() -> Response:
    """Send the register as CSV, while it is read."""
    regions = scope()

    def _lines() -> Iterator[str]:
        rows = (entry.texts() for entry in imports.entries(db.session(), regions))
        yield from csv_lines(chain([imports.heads()], rows))

    return _file(Response(stream_with_context(_lines()), content_type="text/csv; charset=utf-8"), "csv")


@blueprint.get("/register.xlsx")
def register_xlsx() -> Response:
    """Send the register as a workbook."""
    rows = (entry.cells() for entry in imports.entries(db.session(), scope()))
    file = workbook(t("desk_menu.imports_page"), imports.heads(), rows)
    return _file(Response(pieces(file), content_type=TYPE), "xlsx")


def _file(response: Response, ending: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="register-{today()}.{ending}"'
    return response
