"""Every page of the bureau's desk; each stands in the file of its name."""

from __future__ import annotations

from server.console import (
    acts,
    bulletin,
    devices,
    enrolment,
    hiding,
    importing,
    incoming,
    invitation,
    people,
    person,
    recusals,
    register_files,
    reviewing,
    tasks,
    today,
    verification,
    visit,
)
from server.console.routes import blueprint

__all__ = [
    "acts",
    "blueprint",
    "bulletin",
    "devices",
    "enrolment",
    "hiding",
    "importing",
    "incoming",
    "invitation",
    "people",
    "person",
    "recusals",
    "register_files",
    "reviewing",
    "tasks",
    "today",
    "verification",
    "visit",
]
