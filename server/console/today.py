"""The first page of the desk: today's visits, what came in, and what is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template

from server.accounts import service as accounts
from server.console.incoming import FEW, arrivals
from server.console.routes import blueprint, scope, today
from server.console.task_lines import task_lines
from server.database import db
from server.findings import service as findings
from server.inspections import service as inspections
from server.language import t
from server.registry import service as registry
from server.statistics import service as statistics
from shared.verdict import Code
from shared.words import Disposition


@dataclass(frozen=True)
class VisitLine:
    """One visit in a list: who went where, how many parties and instruments, and what the tests said.

    ``verdicts`` holds (code, count) in the order of the codes, ``findings`` (state, count).
    """

    visit: inspections.Visit
    place: registry.Place
    people: str
    parties: int
    instruments: int
    verdicts: tuple[tuple[str, int], ...]
    disputed: int
    findings: tuple[tuple[str, int], ...]
    irregular: tuple[str, ...]


@blueprint.get("/", endpoint="today")
def today_page() -> str:
    """Show today."""
    session = db.session()
    return render_template(
        "console/today.html",
        figures=statistics.bulletin(session, scope(), today()).whole,
        visits=visit_lines(),
        last_day=inspections.last_day(session, scope()),
        arrivals=arrivals(FEW),
        tasks=task_lines(session, scope())[:FEW],
    )


def visit_lines() -> list[VisitLine]:
    """Return today's visits, the newest first."""
    session = db.session()
    visits = inspections.visits_on(session, scope(), today())
    names = accounts.names_of(session, [row.person_id for visit, _ in visits for row in visit.participants])
    tests = [check.id for visit, _ in visits for check in _checks(visit)]
    found = findings.by_check(session, tests)
    return [_line(visit, place, names, found) for visit, place in visits]


def _checks(visit: inspections.Visit) -> list[inspections.Check]:
    return [check for inspection in visit.inspections for check in inspection.checks]


def _line(
    visit: inspections.Visit,
    place: registry.Place,
    names: Mapping[str | None, str],
    found: Mapping[str, findings.Finding],
) -> VisitLine:
    checks = _checks(visit)
    verdicts = Counter(check.verdict for check in checks)
    states = Counter(found[check.id].state for check in checks if check.id in found)
    return VisitLine(
        visit=visit,
        place=place,
        people=t("site.between").join(names.get(row.person_id, row.card_no) for row in visit.participants),
        parties=sum(row.disposition != Disposition.NOT_INSPECTED for row in visit.inspections),
        instruments=len({check.instrument_id for check in checks}),
        verdicts=tuple((code.value, verdicts[code]) for code in Code if verdicts[code]),
        disputed=sum(check.is_disputed for check in checks),
        findings=tuple(sorted(states.items())),
        irregular=tuple(visit.irregular.split()),
    )
