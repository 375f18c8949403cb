"""How the fields of the wire look in the API's description: types, lengths, bounds and patterns (JSON Schema)."""

from __future__ import annotations

from typing import Any

from marshmallow.fields import Field

from server.calculators.fields import LONGEST, REGION, Quantity, Region, every_quantity
from server.devices.schemas import Base64Bytes
from server.query import Count
from shared import ops, signing
from shared.wire import push, strict

UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID7 = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
INSTANT = "^(19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
KIND = r"^[a-z_]+(\.[a-z_]+)*/[1-9][0-9]*$"
BASE64_64 = "^[A-Za-z0-9+/]{85}[AQgw]==$"
BASE64_32 = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
STROKE = {"type": "array", "minItems": 2, "items": {"type": "integer", "minimum": 0, "maximum": 9999}}

TYPES: dict[type[Field[Any]], tuple[str, str | None]] = {
    strict.Text: ("string", None),
    strict.Uuid: ("string", None),
    strict.Uuid7: ("string", None),
    strict.Instant: ("string", None),
    strict.Day: ("string", "date"),
    strict.Hex64: ("string", None),
    strict.OpKind: ("string", None),
    strict.Flag: ("boolean", None),
    strict.Strokes: ("array", None),
    strict.Whole: ("integer", None),
    Count: ("integer", None),
    Base64Bytes: ("string", None),
    push._Body: ("string", None),
    push._Signature: ("string", None),
    Region: ("string", None),
    **dict.fromkeys(every_quantity(), ("object", None)),
}

FIXED: dict[type[Field[Any]], dict[str, Any]] = {
    strict.Uuid: {"pattern": UUID},
    strict.Uuid7: {"pattern": UUID7},
    strict.Instant: {"pattern": INSTANT},
    strict.Hex64: {"pattern": "^[0-9a-f]{64}$"},
    strict.OpKind: {"pattern": KIND, "maxLength": 64},
    strict.Strokes: {"items": STROKE},
    push._Body: {"maxLength": ops.MAX_BODY_BYTES, "contentMediaType": "application/json"},
    push._Signature: {"pattern": BASE64_64},
}


def form_of(_: Any, field: Field[Any], **__: Any) -> dict[str, Any]:
    """Return what JSON Schema says of a field beyond its type; apispec calls it for every field."""
    if isinstance(field, Quantity):
        return _quantity(field)
    if isinstance(field, Region):
        return {"pattern": REGION, "maxLength": field.longest}
    if isinstance(field, strict.Text):
        return {"minLength": field.shortest, "maxLength": field.longest}
    if isinstance(field, strict.Whole | Count):
        return {"minimum": field.least, "maximum": field.most}
    if isinstance(field, Base64Bytes):
        return {"pattern": BASE64_64 if field.length == signing.SIGNATURE_BYTES else BASE64_32}
    return FIXED.get(type(field), {})


def _quantity(field: Quantity) -> dict[str, Any]:
    """A number as text with its unit: what it may be is said in words where it is not."""
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    return {
        "properties": {"value": text, "unit": {"type": "string", "enum": list(field.names)}},
        "required": ["value", "unit"],
        "additionalProperties": False,
    }
