"""One visit as it is kept: who took part, what was read and concluded, what was signed, and the server's receipt."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, make_response, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from server.accounts import service as accounts
from server.campaigns import service as campaigns
from server.console.routes import blueprint, scope
from server.database import db
from server.evidence import service as evidence
from server.findings import service as findings
from server.forms import Form
from server.inspections import service as inspections
from server.language import current, t
from server.look import margin_bar_svg
from server.problems import NotFound
from server.registry import service as registry
from server.signatures import strokes_svg
from server.sync import service as sync
from shared import sentences
from shared.ids import is_uuid
from shared.verdict import Code, Reason, Verdict
from shared.words import Disposition


@dataclass(frozen=True)
class CheckPart:
    """One test with its reasons. ``sentence`` is "" where today's rules no longer give the stored verdict."""

    check: inspections.Check
    instrument: registry.Whereabouts
    points: tuple[Reason, ...]
    sentence: str
    bar: Markup | None
    is_confirmed: bool
    finding: findings.Finding | None


@dataclass(frozen=True)
class InspectionPart:
    """One party within the visit, with its tests and what it signed."""

    inspection: inspections.Inspection
    party: str
    stall: str | None
    checks: tuple[CheckPart, ...]
    signature: Markup | None

    @property
    def verdicts(self) -> tuple[tuple[str, int], ...]:
        """How many tests said what, in the order of the codes."""
        counts = Counter(part.check.verdict for part in self.checks)
        return tuple((code.value, counts[code]) for code in Code if counts[code])

    @property
    def is_clean(self) -> bool:
        """Say whether one line tells all of it: nothing found, nothing done, nothing said, nothing disputed."""
        said = self.inspection.remark or self.inspection.party_remark or self.inspection.signer_name
        found = any(part.check.verdict != Code.WITHIN or part.check.is_disputed for part in self.checks)
        return self.inspection.disposition == Disposition.NONE and not said and not found


@blueprint.get("/visit/<visit_id>")
def visit(visit_id: str) -> Response:
    """Show a visit."""
    return show_visit(*visit_found(visit_id), Form(), 200)


def visit_found(visit_id: str) -> tuple[inspections.Visit, registry.Place]:
    """Return a visit and its place; raises NotFound for one outside the scope."""
    found = inspections.visit_in(db.session(), scope(), visit_id) if is_uuid(visit_id) else None
    if found is None:
        raise NotFound
    return found


def show_visit(kept: inspections.Visit, place: registry.Place, form: Form, status: int) -> Response:
    """Show a visit, with the form that ends its review where one is open."""
    op = sync.op_of(db.session(), kept.op_id)
    corrections = inspections.corrections_of(db.session(), kept.op_id)
    people = [row.person_id for row in kept.participants] + [row.person_id for row in corrections]
    page = render_template(
        "console/visit.html",
        form=form,
        review=campaigns.review_of(db.session(), scope(), kept.id),
        visit=kept,
        place=place,
        names=accounts.names_of(db.session(), people),
        inspections=_inspections(kept, place),
        op=op,
        receipt=json.loads(op.receipt_body) if op else None,
        corrections=corrections,
    )
    return make_response(page, status)


def _inspections(kept: inspections.Visit, place: registry.Place) -> list[InspectionPart]:
    session = db.session()
    checks = [check for row in kept.inspections for check in row.checks]
    where = registry.whereabouts(session, [check.instrument_id for check in checks])
    found = findings.by_check(session, [check.id for check in checks])
    parts = {check.id: _check(check, kept, where, found) for check in checks}
    parties = registry.party_names(session, [row.party_id for row in kept.inspections])
    stalls = registry.stall_numbers(session, [row.stall_id for row in kept.inspections])
    return [
        InspectionPart(
            inspection=row,
            party=parties.get(row.party_id) or row.party_name,
            stall=stalls.get(row.stall_id),
            checks=tuple(parts[check.id] for check in row.checks),
            signature=_signature(row),
        )
        for row in kept.inspections
    ]


def _signature(row: inspections.Inspection) -> Markup | None:
    strokes: list[list[int]] = json.loads(row.strokes) if row.strokes else []
    return strokes_svg(strokes, t("visit.signature_of", name=row.signer_name or "")) if strokes else None


def _check(
    check: inspections.Check,
    kept: inspections.Visit,
    where: Mapping[str, registry.Whereabouts],
    found: Mapping[str, findings.Finding],
) -> CheckPart:
    instrument = where[check.instrument_id]
    verdict = inspections.reasons_of(check, kept, instrument.instrument.region)
    agrees = verdict.code == check.verdict
    return CheckPart(
        check=check,
        instrument=instrument,
        points=tuple(reason for reason in verdict.reasons if reason.is_point),
        sentence=sentences.verdict_sentence(current(), verdict, check.d_mg) if agrees else "",
        bar=_bar(check, verdict) if agrees else None,
        is_confirmed=verdict.is_confirmed,
        finding=found.get(check.id),
    )


def _bar(check: inspections.Check, verdict: Verdict) -> Markup | None:
    worst = verdict.worst
    if worst is None:
        return None
    values: dict[str, Any] = {"value": worst.error_mg, "limit": worst.limit_mg, "uncertainty": worst.doubt_mg}
    limit = sentences.grams(current(), worst.limit_mg)
    label = sentences.reason_sentence(current(), worst, check.d_mg)
    return margin_bar_svg(**values, tone=check.verdict, label=label, low_text=f"−{limit}", high_text=f"+{limit}")


@blueprint.get("/pictures/<sha256>")
def picture(sha256: str) -> Response:
    """Send the original of a picture to the staff of its scope."""
    if not evidence.may_see(db.session(), sha256, person_id=g.person.id, scope=scope()):
        raise NotFound
    return evidence.send(sha256)
