"""Taking in the visits of one push: what they name is read at once, their rows are inserted at once, effects follow.

An honest signed record is never refused. Where the server's verdict differs from the phone's, both are stored, the
check is disputed, a supervisor gets a task, and neither credit nor the public page hears of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from server.campaigns import service as campaigns
from server.certificates import service as certificates
from server.credit import service as credit
from server.evidence import service as evidence
from server.findings import service as findings
from server.inspections.identity import TakenIds
from server.inspections.judging import RuleDays, instant, judge_again, rule_days, standards_of
from server.inspections.known import Body, Known, ids_of
from server.inspections.labels import labels_read, look_at_labels
from server.inspections.officers import Context, Officers, Standing, parties_of
from server.inspections.recording import (
    Row,
    Rows,
    check_row,
    inspection_row,
    participant_rows,
    reading_rows,
    standard_rows,
    visit_row,
)
from server.public import service as public
from server.registry import service as registry
from server.seals import service as seals
from shared import ops
from shared.verdict import Code
from shared.words import TaskKind

CLEAN_CHECK = "clean_check"


@dataclass(frozen=True)
class _Taken:
    """A visit that was taken in and has yet to be followed by its effects; ``checks`` are its rows by id."""

    body: Body
    context: Context
    region: str
    days: RuleDays
    officers: Officers
    checks: Mapping[str, Row]


class Visits:
    """Some visits that are taken in together; ``finish`` stores them with their effects."""

    def __init__(self, session: Session, sent: Sequence[tuple[ops.Op, Body]]) -> None:
        bodies = [body for _, body in sent]
        self._session = session
        self._known = Known(registry.named(session, ids_of(bodies)))
        self._ids = TakenIds(session, bodies)
        self._standing = Standing(session, bodies, {op.person_id for op, _ in sent}, self._known)
        self._unused = {*seals.not_in_use(session, list(labels_read(bodies)))}
        self._rows = Rows()
        self._files: list[Row] = []
        self._taken: list[_Taken] = []
        self._checked: list[tuple[str, date]] = []

    def take_in(self, op: ops.Op, body: Body, context: Context) -> None:
        """Take in a visit of those; raises OutOfScope and Taken, and then nothing of it is."""
        region = self._known.place(body, context.scope)
        self._ids.take(body)
        days = rule_days(instant(body["made_at"]), body["clock_offset_s"], body["clock_doubt_s"], context.received_at)
        officers = self._standing.of(body, self._known, days, op.person_id)
        checks = self._add_rows(op, body, days, context, officers)
        sent = {"record_id": body["id"], "op_id": op.op_id, "person_id": context.person.id, "region": region}
        self._files += evidence.rows_of_files(evidence.files_of_visit(body), **sent)
        self._taken.append(_Taken(body, context, region, days, officers, checks))

    def finish(self) -> None:
        """Store the rows of all, then do what they lead to, in the order in which they were sent."""
        session = self._session
        self._rows.insert(session)
        evidence.keep_names(session, self._files)
        clean: list[credit.Opened] = []
        for one in self._taken:
            now = one.context.received_at
            look_at_labels(session, one.body, self._unused, self._known, now)
            one.officers.review(session, one.body["place"], one.region, one.body["id"], now)
            for inspection in one.body["inspections"]:
                clean += self._follow_inspection(one, inspection)
            campaigns.finish(session, one.body["task"], one.context.scope)
        seen = [row["instrument_id"] for row in self._rows.checks]
        public.checked(session, self._checked)
        public.changed(session, *(row["instrument_id"] for row in self._rows.checks if not _is_clean(row)))
        if self._taken:
            campaigns.finish_comparisons(session, seen)
            credit.open_events(session, clean, self._taken[0].context.received_at)

    def _add_rows(
        self, op: ops.Op, body: Body, days: RuleDays, context: Context, officers: Officers
    ) -> Mapping[str, Row]:
        sent: Row = {"op_id": op.op_id, "unit_id": context.person.unit_id, "received_at": context.received_at}
        visit = visit_row(body, **sent, days=days, of_people=officers.irregularities)
        self._rows.visits.append(visit)
        self._rows.participants += participant_rows(body)
        self._rows.standards += standard_rows(body)
        standards = standards_of(body["standards"])
        checks = {}
        for inspection in body["inspections"]:
            self._rows.inspections.append(inspection_row(inspection, body["id"]))
            for check in inspection["checks"]:
                verdict = judge_again(check, standards, days, self._known.instrument(check).region)
                checks[check["id"]] = row = check_row(check, inspection["id"], verdict, days)
                self._rows.checks.append(row)
                self._rows.readings += reading_rows(check)
                if _is_clean(row) and not visit["irregular"]:
                    self._checked.append((row["instrument_id"], row["civil_day"]))
        return checks

    def _follow_inspection(self, one: _Taken, inspection: Body) -> list[credit.Opened]:
        """Do what an inspection leads to; returns the event of a clean one, which counts once for the party."""
        rows = []
        for check in inspection["checks"]:
            row = one.checks[check["id"]]
            rows.append(row)
            if row["is_disputed"]:
                spot = self._known.instrument(check)
                _assign(self._session, TaskKind.REVIEW_DISPUTE, row["id"], spot, one.context.received_at)
            elif row["verdict"] == Code.BEYOND:
                self._suspect(one, row["id"], self._known.responsible(check, inspection), self._known.instrument(check))
        is_clean = all(map(_is_clean, rows))
        is_partial = bool(one.officers.recused_from & parties_of(inspection, self._known))
        if not rows or not is_clean or is_partial or not inspection["party"]:
            return []
        return [credit.Opened(inspection["party"], CLEAN_CHECK, inspection["id"], one.days.day)]

    def _suspect(self, one: _Taken, check_id: str, party_id: str | None, spot: registry.Spot) -> None:
        """Both say beyond: the instrument is suspected until a document settles it."""
        session, now, day = self._session, one.context.received_at, one.days.day
        registry.hold(session, session.get_one(registry.Instrument, spot.id))
        findings.suspect(session, check_id=check_id, instrument_id=spot.id, party_id=party_id, day=day, now=now)
        if not certificates.settle_late(session, spot.id, day, now):
            _assign(session, TaskKind.VERIFY, check_id, spot, now)


def _is_clean(row: Row) -> bool:
    return row["verdict"] == Code.WITHIN and not row["is_disputed"]


def _assign(session: Session, kind: TaskKind, check_id: str, spot: registry.Spot, now: datetime) -> None:
    about: dict[str, Any] = {"region": spot.region, "place_id": spot.place_id, "instrument_id": spot.id}
    campaigns.assign(session, kind=kind, subject_id=check_id, now=now, **about)
