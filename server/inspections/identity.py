"""The ids inside a visit: each names one inspection or one check for life."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.evidence import service as evidence
from server.inspections.models import Check, Inspection

Messages = dict[Any, Any]


class Taken(Exception):
    """Something in the record has the id of what another record brought, or of what the register held before."""


def doubled_ids(body: dict[str, Any]) -> Messages:
    """Return marshmallow messages for the ids that stand twice in a visit; empty when each stands once."""
    messages: Messages = {}
    seen: set[str] = set()
    for path, id_ in _ids(body):
        if id_ in seen:
            at = messages
            for step in path:
                at = at.setdefault(step, {})
            at["id"] = ["invalid.other"]
        seen.add(id_)
    return messages


def _ids(body: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, inspection in enumerate(body["inspections"]):
        yield ("inspections", place), inspection["id"]
        for number, check in enumerate(inspection["checks"]):
            yield ("inspections", place, "checks", number), check["id"]


def refuse_taken(session: Session, body: dict[str, Any]) -> None:
    """Raise Taken when a row of the visit is there already, or another record names files under its id."""
    if evidence.files_of_visit(body) and evidence.names_files(session, body["id"]):
        raise Taken
    ids = [id_ for _, id_ in _ids(body)]
    for table in (Inspection, Check):
        for start in range(0, len(ids), 500):
            if session.scalar(select(table.id).where(table.id.in_(ids[start : start + 500])).limit(1)):
                raise Taken
