"""Open tasks as lines of a list: about what, for whom, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.service import Scope
from server.campaigns import service as campaigns
from server.registry import service as registry
from shared.words import TaskKind


@dataclass(frozen=True)
class TaskLine:
    """One open task. ``instrument`` None: it is about a place alone.

    ``recused`` names those at the place whom its officer must not inspect.
    """

    task: campaigns.Task
    place: str | None
    instrument: registry.Whereabouts | None
    assigned_to: str | None
    recused: tuple[str, ...] = ()

    def is_overdue(self, day: date) -> bool:
        return self.task.due_on is not None and self.task.due_on < day


def task_lines(session: Session, scope: Scope, *kinds: TaskKind) -> list[TaskLine]:
    """Return the open tasks of a scope, the most urgent first."""
    tasks = campaigns.open_tasks(session, scope, *kinds)
    names = accounts.names_of(session, [task.assigned_to for task in tasks])
    places = registry.place_names(session, [task.place_id for task in tasks])
    instruments = registry.whereabouts(session, [task.instrument_id for task in tasks if task.instrument_id])
    recused = _recused(session, tasks)
    return [
        TaskLine(
            task=task,
            place=places.get(task.place_id),
            instrument=instruments.get(task.instrument_id or ""),
            assigned_to=names.get(task.assigned_to),
            recused=recused.get(task.id, ()),
        )
        for task in tasks
    ]


def _recused(session: Session, tasks: list[campaigns.Task]) -> dict[str, tuple[str, ...]]:
    """Return the names of those at the place of a task from whom its officer stands back, by task."""
    relations = accounts.recusals_of(session, [task.assigned_to for task in tasks if task.assigned_to])
    if not relations:
        return {}
    there = registry.parties_of_places(session, [task.place_id for task in tasks])
    names = registry.party_names(session, [row.party_id for row in relations])
    found: dict[str, tuple[str, ...]] = {}
    for task in tasks:
        at_place = there.get(task.place_id or "", set())
        held = {row.party_id for row in relations if row.person_id == task.assigned_to} & at_place
        if held:
            found[task.id] = tuple(sorted(names[party] for party in held if party in names))
    return found
