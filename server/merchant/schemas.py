"""What merchants and operators send by form."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from server.contacts import service as contacts
from shared.wire.strict import StrictSchema, Strokes, Text, Uuid

_CODE = re.compile(r"[0-9]{6}")


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


class Mobile(Text):
    """A mobile number of the mainland, however it is typed; loaded as its eleven digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        try:
            return contacts.normalised(super()._deserialize(value, attr, data, **kwargs))
        except contacts.NotANumber as error:
            raise ValidationError("invalid.mobile") from error


class SixDigits(Text):
    """A code as it stands in an SMS; spaces between its digits do not count."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        digits = super()._deserialize(value, attr, data, **kwargs).replace(" ", "")
        if not _CODE.fullmatch(digits):
            raise ValidationError("invalid.sms_code")
        return digits


class NumberSchema(StrictSchema):
    """A number to which a code is to be sent."""

    number = Mobile(required=True, longest=40)


class CodeSchema(NumberSchema):
    """A code, with the number that it was sent to."""

    code = SixDigits(required=True, longest=20)


class NameSchema(StrictSchema):
    """How somebody who acts for a merchant is called."""

    name = Text(required=True, shortest=1, longest=60)


class StallSchema(StrictSchema):
    """Whose pages are to be opened."""

    party = Uuid(required=True)


class MembershipSchema(StrictSchema):
    """Whose acting for a party is to end."""

    membership = Uuid(required=True)
