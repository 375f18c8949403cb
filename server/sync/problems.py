"""Problems of single ops, as they stand in an entry of a push's answer: slug, sentence, and pointers for a bad body."""

from __future__ import annotations

from typing import Any

from server.language import t

SLUGS = (
    "bad-signature",
    "unknown-device",
    "not-enrolled",
    "device-suspended",
    "quarantine-full",
    "upgrade-server",
    "bad-body",
    "out-of-scope",
    "same-op-other-bytes",
    "same-record-other-body",
    "waits-for",
    "depends-on-refused",
    "try-later",
)


def op_problem(slug: str, *, errors: list[dict[str, str]] | None = None, **values: object) -> dict[str, Any]:
    """Return the problem object of an entry."""
    body: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": t(f"op.{slug}.title"),
        "detail": t(f"op.{slug}.detail", **values),
    }
    return body | ({"errors": errors} if errors else {})
