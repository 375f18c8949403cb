"""Tonight's bulletin: the day's figures, a sentence to paste, and the same as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Response, g, render_template, request

from server.console.routes import blueprint, scope, today
from server.csv_text import csv_text
from server.database import db
from server.inspections import service as inspections
from server.language import t
from server.problems import BadRequest
from server.registry import service as registry
from server.statistics import service as statistics

COLUMNS = ("people", "parties", "instruments", "nozzles", "clean", "share", "orders")


def _day() -> date:
    asked = request.args.get("day") or today().isoformat()
    try:
        return date.fromisoformat(asked)
    except ValueError as error:
        raise BadRequest from error


@blueprint.get("/bulletin")
def bulletin() -> str:
    """Show a day's figures."""
    found = statistics.bulletin(db.session(), scope(), _day())
    return render_template(
        "console/bulletin.html",
        bulletin=found,
        last_day=inspections.last_day(db.session(), scope()),
        regions=_regions(found),
        sentence=_sentence(found),
    )


@blueprint.get("/bulletin.csv")
def bulletin_csv() -> Response:
    """Send a day's figures as a file: one line for each place, then the whole."""
    found = statistics.bulletin(db.session(), scope(), _day())
    response = Response(csv_text(_rows(found)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="bulletin-{found.day}.csv"'
    return response


def _regions(found: statistics.Bulletin) -> dict[str, str]:
    return registry.region_names(db.session(), [row.place.region for row in found.by_place])


def _sentence(found: statistics.Bulletin) -> str:
    figures = found.whole
    key = "bulletin.sentence" if figures.instruments else "bulletin.sentence_untested"
    unit = g.person.unit.name if g.person.unit else t("product.name")
    return t(key, unit=unit, day=found.day, share=figures.share_text, **_counts(figures))


def _counts(figures: statistics.Figures) -> dict[str, int]:
    names = ("people", "places", "parties", "instruments", "nozzles", "clean", "orders")
    return {name: getattr(figures, name) for name in names}


def _rows(found: statistics.Bulletin) -> Iterator[list[str | int]]:
    regions = _regions(found)
    yield [t("bulletin.day"), t("bulletin.region"), t("bulletin.place"), *(t(f"bulletin.{name}") for name in COLUMNS)]
    day = found.day.isoformat()
    for row in found.by_place:
        yield [day, regions.get(row.place.region, row.place.region), row.place.name, *_cells(row.figures)]
    yield [day, "", t("bulletin.whole", places=found.whole.places), *_cells(found.whole)]


def _cells(figures: statistics.Figures) -> list[str | int]:
    counts = _counts(figures)
    return [figures.share_text if name == "share" else counts[name] for name in COLUMNS]
