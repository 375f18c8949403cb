"""The rows of a visit's record, as its body tells them, and the server's own verdict beside the phone's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from server.bulk import insert_rows
from server.inspections.judging import RuleDays, instant
from server.inspections.models import Check, Inspection, Participant, ReadingRow, StandardRow, Visit
from shared.verdict import Verdict

IRREGULAR = ("one_officer", "no_card", "no_recusal", "clock", "recused", "card_expired")
Row = dict[str, Any]


@dataclass
class Rows:
    """The rows of some visits by table, in the order in which they must be inserted."""

    visits: list[Row] = field(default_factory=list)
    participants: list[Row] = field(default_factory=list)
    standards: list[Row] = field(default_factory=list)
    inspections: list[Row] = field(default_factory=list)
    checks: list[Row] = field(default_factory=list)
    readings: list[Row] = field(default_factory=list)

    def insert(self, session: Session) -> None:
        """Insert them, table by table."""
        first = (Visit, self.visits), (Participant, self.participants), (StandardRow, self.standards)
        for table, rows in (*first, (Inspection, self.inspections), (Check, self.checks), (ReadingRow, self.readings)):
            insert_rows(session, table, rows)


def visit_row(
    body: Row, *, op_id: str, unit_id: str | None, received_at: Any, days: RuleDays, of_people: Iterable[str] = ()
) -> Row:
    """Return the visit's own row; ``of_people`` are irregularities that only the list of people can tell."""
    plain = ("id", "cause", "approval_no", "clock_offset_s", "clock_doubt_s", "card_shown", "recusal_told")
    return {name: body[name] for name in plain} | {
        "op_id": op_id,
        "place_id": body["place"],
        "unit_id": unit_id,
        "task_id": body["task"],
        "started_at": instant(body["started_at"]),
        "made_at": instant(body["made_at"]),
        "received_at": received_at,
        "civil_day": days.day,
        "irregular": " ".join((*_irregularities(body, days), *of_people)),
    }


def _irregularities(body: Row, days: RuleDays) -> Iterator[str]:
    """Name what makes a record weak as evidence; a supervisor sees it, nothing is refused for it."""
    officers = {row["person"] for row in body["participants"] if row["capacity"] == "officer"}
    if len(officers) < 2:
        yield "one_officer"
    if not body["card_shown"]:
        yield "no_card"
    if not body["recusal_told"]:
        yield "no_recusal"
    if days.is_doubtful:
        yield "clock"


def participant_rows(body: Row) -> list[Row]:
    """Return who took part; somebody named twice counts once."""
    people = {row["person"]: row for row in body["participants"]}.values()
    return [
        {
            "visit_id": body["id"],
            "person_id": row["person"],
            "place_in_list": number,
            "capacity": row["capacity"],
            "card_no": row["card_no"],
        }
        for number, row in enumerate(people)
    ]


def standard_rows(body: Row) -> list[Row]:
    """Return the weights that were carried."""
    return [
        {
            "visit_id": body["id"],
            "place_in_list": number,
            "weight_class": row["weight_class"],
            "certificate_no": row["certificate_no"],
            "valid_until": date.fromisoformat(row["valid_until"]),
        }
        for number, row in enumerate(body["standards"])
    ]


def inspection_row(row: Row, visit_id: str) -> Row:
    """Return the row of one party's inspection."""
    signature = row["signature"] or {}
    plain = ("id", "party_name", "disposition", "not_inspected", "remark", "party_remark")
    return {name: row[name] for name in plain} | {
        "visit_id": visit_id,
        "party_id": row["party"],
        "stall_id": row["stall"],
        "signer_name": signature.get("name"),
        "signature_refused": signature.get("refused", False),
        "strokes": json.dumps(signature["strokes"]) if signature else None,
    }


def check_row(row: Row, inspection_id: str, verdict: Verdict, days: RuleDays) -> Row:
    """Return the row of one check with both verdicts."""
    plain = ("id", "label", "label_verdict", "photo_matches", "tested_by")
    plate: Row = row["nameplate"]
    return (
        {name: row[name] for name in plain}
        | plate
        | {
            "inspection_id": inspection_id,
            "instrument_id": row["instrument"],
            "custody_id": row["custody"],
            "measured_at": instant(row["measured_at"]),
            "civil_day": days.day,
            "device_verdict": row["verdict"],
            "device_ruleset": row["ruleset"],
            "verdict": verdict.code,
            "ruleset": verdict.ruleset,
            "is_disputed": verdict.code != row["verdict"],
        }
    )


def reading_rows(row: Row) -> list[Row]:
    """Return the points of a check in the order in which they were measured."""
    return [{"check_id": row["id"], "place_in_list": number, **point} for number, point in enumerate(row["readings"])]
