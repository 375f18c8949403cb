"""The push: at most 100 ops; an envelope that is not of this form refuses the whole push, which is then halved."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from shared import ops, signing
from shared.wire import quick
from shared.wire.strict import Counted, Hex64, OpKind, StrictSchema, Uuid, Uuid7, Whole, at_least


class _Signature(fields.Field[bytes]):
    """The 64 bytes of an Ed25519 signature in base64."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            signature = signing.decode_base64(value)
        except (ValueError, AttributeError) as error:
            raise ValidationError("invalid.signature") from error
        if len(signature) != signing.SIGNATURE_BYTES:
            raise ValidationError("invalid.signature")
        return signature


class _Body(fields.Field[str]):
    """The JSON text exactly as signed, at most 64 KiB of UTF-8; what it says is judged op by op.

    A lone surrogate has no UTF-8, so nobody can have signed it.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("invalid.text")
        try:
            size = len(value.encode())
        except UnicodeEncodeError as error:
            raise ValidationError("invalid.characters") from error
        if size > ops.MAX_BODY_BYTES:
            raise ValidationError("invalid.body_size")
        return value


class OpSchema(StrictSchema):
    """One op of a push, loaded as ``shared.ops.Op``."""

    op_id = Uuid7(required=True)
    device_id = Uuid(required=True)
    person_id = Uuid(required=True)
    device_seq = Whole(required=True, least=1)
    prev = Hex64(required=True)
    kind = OpKind(required=True)
    depends_on = fields.List(Uuid7(), required=True, validate=at_least(0, 100))
    body = _Body(required=True)
    signature = _Signature(required=True)

    @post_load
    def _make(self, values: dict[str, Any], **kwargs: Any) -> ops.Op:
        return ops.Op(**values | {"depends_on": tuple(values["depends_on"])})


class PushSchema(StrictSchema):
    """``{"ops": [...]}``."""

    ops = Counted(
        fields.Nested(OpSchema()),
        required=True,
        validate=validate.Length(min=1, max=ops.MAX_OPS, error=f"invalid.count|1|{ops.MAX_OPS}"),
    )

    def load(self, data: Any, **options: Any) -> Any:
        """Load as any schema does, quicker where the push is sound."""
        return super().load(data, **options) if any(options.values()) else quick.load(self, data, super().load)
