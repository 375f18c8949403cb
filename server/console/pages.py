"""Every page of the bureau's desk; each stands in the file of its name."""

from __future__ import annotations

from server.console import (
    acts,
    bulletin,
    comparing,
    devices,
    enrolment,
    feedback,
    hiding,
    importing,
    incoming,
    invitation,
    labels,
    people,
    person,
    physical_seals,
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
    "comparing",
    "devices",
    "enrolment",
    "feedback",
    "hiding",
    "importing",
    "incoming",
    "invitation",
    "labels",
    "people",
    "person",
    "physical_seals",
    "recusals",
    "register_files",
    "reviewing",
    "tasks",
    "today",
    "verification",
    "visit",
]
