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
    """One open task. ``instrument`` None: it is about a place alone."""

    task: campaigns.Task
    place: str | None
    instrument: registry.Whereabouts | None
    assigned_to: str | None

    def is_overdue(self, day: date) -> bool:
        return self.task.due_on is not None and self.task.due_on < day


def task_lines(session: Session, scope: Scope, *kinds: TaskKind) -> list[TaskLine]:
    """Return the open tasks of a scope, the most urgent first."""
    tasks = campaigns.open_tasks(session, scope, *kinds)
    names = accounts.names_of(session, [task.assigned_to for task in tasks])
    places = registry.place_names(session, [task.place_id for task in tasks])
    instruments = registry.whereabouts(session, [task.instrument_id for task in tasks if task.instrument_id])
    return [
        TaskLine(
            task=task,
            place=places.get(task.place_id),
            instrument=instruments.get(task.instrument_id or ""),
            assigned_to=names.get(task.assigned_to),
        )
        for task in tasks
    ]
