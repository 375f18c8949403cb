"""Tasks: made for a person or for whoever is responsible for a region; they travel to phones in the feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server import feed
from server.accounts.service import Scope
from server.bulk import among
from server.campaigns.models import Task
from server.clock import new_id
from server.public import service as public
from shared.words import TaskKind, TaskState

__all__ = ["Task"]


def assign(
    session: Session,
    *,
    kind: TaskKind,
    region: str,
    now: datetime,
    place_id: str | None = None,
    instrument_id: str | None = None,
    subject_id: str | None = None,
    assigned_to: str | None = None,
    due_on: date | None = None,
    note: str = "",
) -> Task:
    """Make a task. ``subject_id`` is the record it is about."""
    task = Task(
        id=new_id(now),
        kind=kind,
        state=TaskState.OPEN,
        region=region,
        place_id=place_id,
        instrument_id=instrument_id,
        subject_id=subject_id,
        assigned_to=assigned_to,
        due_on=due_on,
        note=note,
        made_at=now,
        rev=1,
    )
    session.add(task)
    feed.changed(session, "task", task.id)
    return task


def about(session: Session, kind: TaskKind, subject_id: str) -> list[Task]:
    """Return every task of a kind that was made about a record, whatever became of it, from the first."""
    query = select(Task).where(Task.subject_id == subject_id, Task.kind == kind)
    return list(session.scalars(query.order_by(Task.made_at, Task.id)))


def count_open(session: Session, kind: TaskKind) -> int:
    """Return how many tasks of a kind are open, wherever."""
    query = select(func.count()).select_from(Task).where(Task.state == TaskState.OPEN, Task.kind == kind)
    return session.scalar(query) or 0


def name_instrument(session: Session, task: Task, instrument_id: str) -> None:
    """Say which instrument a task is about, once somebody stood before it."""
    task.instrument_id, task.rev = instrument_id, task.rev + 1
    feed.changed(session, "task", task.id)


def set_state(session: Session, task: Task, state: TaskState) -> None:
    """Move a task; every phone that shows it hears of it."""
    if task.state != state:
        task.state, task.rev = state, task.rev + 1
        feed.changed(session, "task", task.id)
        if task.kind == TaskKind.COMPARE_LABEL and task.instrument_id:
            public.changed(session, task.instrument_id)  # its page asks to compare as long as the task is open


def finish(session: Session, task_id: str | None, scope: Scope) -> None:
    """Mark the task a visit was made for as done, where it is within the scope of whoever made it."""
    if task_id:
        query = select(Task).where(Task.id == task_id, scope.of(Task.region), Task.state == TaskState.OPEN)
        for task in session.scalars(query):
            set_state(session, task, TaskState.DONE)


def review_of(session: Session, scope: Scope, visit_id: str, *, hold: bool = False) -> Task | None:
    """Return the open task to review a visit; None when there is none in the scope. ``hold`` locks it to be ended."""
    query = select(Task).where(Task.subject_id == visit_id, Task.kind == TaskKind.REVIEW_VISIT)
    query = query.where(scope.of(Task.region), Task.state == TaskState.OPEN)
    return session.scalar(query.with_for_update() if hold else query)


def finish_review(session: Session, task: Task, note: str) -> None:
    """Mark a review as done, with what came of it."""
    task.note = note
    set_state(session, task, TaskState.DONE)


def finish_verifications(session: Session, instrument_id: str) -> None:
    """Mark the open tasks to verify an instrument as done."""
    query = select(Task).where(
        Task.instrument_id == instrument_id, Task.kind == TaskKind.VERIFY, Task.state == TaskState.OPEN
    )
    for task in session.scalars(query):
        set_state(session, task, TaskState.DONE)


def finish_comparisons(session: Session, instruments: Iterable[str]) -> None:
    """Mark the open tasks to compare the labels of some instruments as done: somebody stood before them."""
    query = select(Task).where(Task.kind == TaskKind.COMPARE_LABEL, Task.state == TaskState.OPEN)
    query = query.where(among(session, Task.instrument_id, set(instruments))).order_by(Task.id)
    for task in session.scalars(query):
        set_state(session, task, TaskState.DONE)


def comparison(session: Session, scope: Scope, task_id: str, *, hold: bool = False) -> Task | None:
    """Return an open task to compare a label; None when there is none in the scope. ``hold`` locks it to be ended."""
    query = select(Task).where(Task.id == task_id, Task.kind == TaskKind.COMPARE_LABEL)
    query = query.where(scope.of(Task.region), Task.state == TaskState.OPEN)
    return session.scalar(query.with_for_update() if hold else query)


def finish_by_hand(session: Session, task: Task, note: str) -> None:
    """Mark a task as done from the desk, with what came of it."""
    task.note = note
    set_state(session, task, TaskState.DONE)


def open_tasks(session: Session, scope: Scope, *kinds: TaskKind) -> list[Task]:
    """Return the open tasks of a scope, the most urgent first."""
    query = select(Task).where(scope.of(Task.region), Task.state == TaskState.OPEN)
    if kinds:
        query = query.where(Task.kind.in_(kinds))
    return list(session.scalars(query.order_by(Task.due_on.is_(None), Task.due_on, Task.id)))


@feed.builds("task")
def task_rows(session: Session, ids: list[str]) -> Iterable[feed.Row]:
    """Build the feed rows of some tasks."""
    for start in range(0, len(ids), 500):
        for task in session.scalars(select(Task).where(Task.id.in_(ids[start : start + 500]))):
            body = {
                "id": task.id,
                "kind": task.kind,
                "state": task.state,
                "place": task.place_id,
                "instrument": task.instrument_id,
                "assigned_to": task.assigned_to,
                "due_on": task.due_on.isoformat() if task.due_on else None,
                "note": task.note,
                "region": task.region,
            }
            yield feed.Row("task", task.id, task.region, task.rev, body)
