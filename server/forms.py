"""HTML forms: every error at once, each beside its field, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from server.language import t
from server.problems import field_sentence


@dataclass(frozen=True)
class Form:
    """What was typed, one sentence for each field that is wrong, and the loaded values when none is."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return not self.errors

    def wrong(self, name: str, key: str, **values: object) -> Form:
        """Return the form with one more error, a sentence of the catalogue."""
        return replace(self, errors=dict(self.errors) | {name: t(key, **values)})


def read_form(schema: Schema) -> Form:
    """Read the posted form by a schema; surrounding white space is dropped and an empty field counts as missing.

    Of a password every character counts.
    """
    typed = {name: value if "password" in name else value.strip() for name, value in request.form.items()}
    typed.pop("csrf_token", None)
    try:
        return Form(typed, {}, schema.load({name: value for name, value in typed.items() if value}))
    except ValidationError as error:
        messages: Mapping[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        return Form(typed, {name: field_sentence(_first(below)) for name, below in messages.items()})


def _first(messages: Any) -> str:
    """Return the first message below a field: one sentence is enough for one field."""
    while not isinstance(messages, str):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return messages
