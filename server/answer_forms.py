"""Forms of answers that several features give: problems, and the signed state of the log."""

from __future__ import annotations

from marshmallow import Schema, fields


class ErrorSchema(Schema):
    """One mistake of a body or query; the pointer says where it stands (RFC 6901)."""

    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """A problem (RFC 9457): ``type`` is stable, ``detail`` says what to do next, ``errors`` names every mistake."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    errors = fields.List(fields.Nested(ErrorSchema))


class TreeHeadSchema(Schema):
    """The state of the log at one moment, signed."""

    log_id = fields.String(required=True)
    size = fields.Integer(required=True)
    root = fields.String(required=True)
    signed_at = fields.String(required=True)
    key_id = fields.Integer(required=True)
    signature = fields.String(required=True)


class KeySetSchema(Schema):
    """The key set as its JSON text, signed by the bureau's root."""

    body = fields.String(required=True)
    signature = fields.String(required=True)


class NoticesSchema(Schema):
    """The notices of restores, oldest first: each a JSON text signed by the bureau's root."""

    notices = fields.List(fields.Nested(KeySetSchema), required=True)


class RevokedSchema(Schema):
    """The list of revoked labels as its JSON text, signed by a revocation key."""

    body = fields.String(required=True)
    key_id = fields.Integer(required=True)
    signature = fields.String(required=True)
