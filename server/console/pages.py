"""Every page of the bureau's desk; each stands in the file of its name."""

from __future__ import annotations

from server.console import (
    bulletin,
    devices,
    enrolment,
    hiding,
    incoming,
    invitation,
    tasks,
    today,
    verification,
    visit,
)
from server.console.routes import blueprint

__all__ = [
    "blueprint",
    "bulletin",
    "devices",
    "enrolment",
    "hiding",
    "incoming",
    "invitation",
    "tasks",
    "today",
    "verification",
    "visit",
]
