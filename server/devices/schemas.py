"""Bodies of the device routes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields

from server.answer_forms import KeySetSchema, RevokedSchema
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


class RefreshSchema(StrictSchema):
    """A phone asks for its next tokens with the refresh token it was given last."""

    device_id = Uuid(required=True)
    refresh_token = Text(required=True, shortest=1, longest=200)
    signature = Base64Bytes(required=True, length=signing.SIGNATURE_BYTES)


class PersonSchema(Schema):
    """Somebody of the staff."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    card_no = fields.String(required=True)
    unit_name = fields.String(required=True)


class EnrolledSchema(Schema):
    """What a phone pins and stores."""

    person = fields.Nested(PersonSchema, required=True)
    root = fields.String(required=True)
    keys = fields.Nested(KeySetSchema, required=True)
    revoked = fields.Nested(RevokedSchema, required=True)
    server_time = fields.String(required=True)


class ChallengeSchema(Schema):
    """A text to sign."""

    challenge = fields.String(required=True)
    server_time = fields.String(required=True)


class TokenAnswerSchema(Schema):
    """A token, the one to get the next with, whose they are, and who may take part in a visit.

    ``recused_from``: ids of the parties that this person must not inspect (回避). ``suspended``: the phone may leave
    its records and nothing else, and is to remove its register.
    """

    token = fields.String(required=True)
    expires_in_s = fields.Integer(required=True)
    refresh_token = fields.String(required=True)
    suspended = fields.Boolean(required=True)
    server_time = fields.String(required=True)
    person = fields.Nested(PersonSchema, required=True)
    colleagues = fields.List(fields.Nested(PersonSchema), required=True)
    recused_from = fields.List(fields.String(), required=True)
