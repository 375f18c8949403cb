"""The ids inside a visit: each names one inspection or one check for life."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.bulk import among
from server.evidence import service as evidence
from server.inspections.models import Check, Inspection

Messages = dict[Any, Any]
Body = dict[str, Any]
CHUNK = 500


class Taken(Exception):
    """Something in the record has the id of what another record brought, or of what the register held before."""


def doubled_ids(body: Body) -> Messages:
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


def _ids(body: Body) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, inspection in enumerate(body["inspections"]):
        yield ("inspections", place), inspection["id"]
        for number, check in enumerate(inspection["checks"]):
            yield ("inspections", place, "checks", number), check["id"]


class TakenIds:
    """The ids that records brought: those that were there before, and of each visit that is taken in."""

    def __init__(self, session: Session, bodies: Sequence[Body]) -> None:
        named = [body["id"] for body in bodies if evidence.files_of_visit(body)]
        self._with_files = evidence.records_with_files(session, named) if named else set()
        self._rows: set[str] = set()
        ids = sorted({id_ for body in bodies for _, id_ in _ids(body)})
        for table in (Inspection, Check):
            for start in range(0, len(ids), CHUNK):
                some = among(session, table.id, ids[start : start + CHUNK])
                self._rows.update(session.scalars(select(table.id).where(some)))

    def take(self, body: Body) -> None:
        """Take the ids of a visit; raises Taken when one is there, or another record names files under the visit's."""
        ids = {id_ for _, id_ in _ids(body)}
        if body["id"] in self._with_files and evidence.files_of_visit(body):
            raise Taken
        if ids & self._rows:
            raise Taken
        self._rows |= ids
