"""What each problem means, for people who follow the address that an answer of the API names."""

from __future__ import annotations

from dataclasses import dataclass

from server import problems
from server.language import t
from server.sync.service import OP_PROBLEMS

BLANKS = dict.fromkeys(
    (
        *("code", "count", "header", "height", "kind", "least", "mib", "number", "op"),
        *("serial", "since", "state", "wanted", "what", "why", "width"),
    ),
    "…",
)


@dataclass(frozen=True)
class Words:
    """``status`` None: the problem of a single op, which has no HTTP status of its own."""

    slug: str
    title: str
    detail: str
    status: int | None


def explain(slug: str) -> Words | None:
    """Return the words of a problem; None for a slug that no answer ever names."""
    status = next((kind.status for kind in problems.known() if kind.slug == slug), None)
    if status is None and slug not in OP_PROBLEMS:
        return None
    table = "op" if status is None else "problem"
    return Words(slug, t(f"{table}.{slug}.title"), t(f"{table}.{slug}.detail", **BLANKS), status)
