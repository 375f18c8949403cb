"""Bodies of the device routes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields

from shared import signing
from shared.wire.strict import StrictSchema, Text, Uuid


class Base64Bytes(fields.Field[bytes]):
    """Bytes of one length in base64."""

    def __init__(self, *, length: int, **options: Any) -> None:
        super().__init__(**options)
        self.length = length

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            content = signing.decode_base64(value)
        except (ValueError, AttributeError) as error:
            raise ValidationError("invalid.base64") from error
        if len(content) != self.length:
            raise ValidationError("invalid.base64")
        return content


class EnrolSchema(StrictSchema):
    """A phone asks to be enrolled: the code of the QR, its own id and public key, and a proof that it holds the key."""

    code = Text(required=True, shortest=1, longest=100)
    device_id = Uuid(required=True)
    public = Base64Bytes(required=True, length=32)
    name = Text(required=True, longest=60)
    signature = Base64Bytes(required=True, length=signing.SIGNATURE_BYTES)


class TokenSchema(StrictSchema):
    """A phone asks for an access token by signing a challenge."""

    device_id = Uuid(required=True)
    person_id = Uuid(required=True)
    challenge = Text(required=True, shortest=1, longest=200)
    signature = Base64Bytes(required=True, length=signing.SIGNATURE_BYTES)


class PersonSchema(Schema):
    """Somebody of the staff."""

    id = fields.String()
    name = fields.String()
    role = fields.String()
    card_no = fields.String()
    unit_name = fields.String()


class EnrolledSchema(Schema):
    """What a phone pins and stores."""

    person = fields.Nested(PersonSchema)
    root = fields.String()
    keys = fields.Dict()
    revoked = fields.Dict()
    server_time = fields.String()


class ChallengeSchema(Schema):
    challenge = fields.String()
    server_time = fields.String()


class TokenAnswerSchema(Schema):
    token = fields.String()
    expires_in_s = fields.Integer()
    server_time = fields.String()
    person = fields.Nested(PersonSchema)
    colleagues = fields.List(fields.Nested(PersonSchema))
