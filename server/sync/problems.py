"""Problems of single ops, as they stand in an entry of a push's answer: slug, sentence, and pointers for a bad body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.language import t
from server.problems import pointers

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
    "not-a-verifier",
    "document-number-used",
    "swap-too-early",
    "waits-for",
    "depends-on-refused",
    "try-later",
)


class Refused(Exception):
    """An op that is well formed and cannot be taken in; what was changed for it before must be nothing.

    ``errors`` are marshmallow messages for the fields that are wrong, ``values`` what the sentence names.
    """

    def __init__(self, slug: str, *, errors: Mapping[str, list[str]] | None = None, **values: object) -> None:
        super().__init__(slug)
        self.slug, self.errors, self.values = slug, errors or {}, values

    def problem(self) -> dict[str, Any]:
        return op_problem(self.slug, errors=list(pointers(self.errors)), **self.values)


def op_problem(slug: str, *, errors: list[dict[str, str]] | None = None, **values: object) -> dict[str, Any]:
    """Return the problem object of an entry."""
    body: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": t(f"op.{slug}.title"),
        "detail": t(f"op.{slug}.detail", **values),
    }
    return body | ({"errors": errors} if errors else {})
