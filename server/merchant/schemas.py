"""What a merchant sends by form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from shared.wire.strict import StrictSchema, Strokes, Text


class StrokesText(Strokes):
    """A drawn signature as JSON text, as a hidden field of a form carries it; at least one stroke."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[list[int]]:
        try:
            strokes = super()._deserialize(json.loads(value), attr, data, **kwargs)
        except (ValueError, RecursionError) as error:
            if isinstance(error, ValidationError):
                raise
            raise ValidationError("invalid.strokes") from error
        if not strokes:
            raise ValidationError("form.not_signed")
        return strokes


class PledgeSchema(StrictSchema):
    """A pledge about to be signed. ``text_id`` and ``sha256`` name the text that was on the screen."""

    text_id = Text(required=True, longest=40)
    sha256 = Text(required=True, longest=64)
    signer_name = Text(required=True, shortest=1, longest=60)
    strokes = StrokesText(required=True, error_messages={"required": "form.not_signed"})
