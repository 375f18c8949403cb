"""The answer to a rescue package: numbers, and whether it need not come again."""

from __future__ import annotations

from marshmallow import Schema, fields


class OpCountsSchema(Schema):
    """How many operations were answered how, as in a push."""

    applied = fields.Integer(required=True)
    duplicate = fields.Integer(required=True)
    conflict = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    blocked = fields.Integer(required=True)
    retry = fields.Integer(required=True)


class PhotoCountsSchema(Schema):
    """How many photos were kept, were there before, were named by no record that is here, were no such picture."""

    kept = fields.Integer(required=True)
    there = fields.Integer(required=True)
    unnamed = fields.Integer(required=True)
    refused = fields.Integer(required=True)


class RescueAnswerSchema(Schema):
    """``package`` is the SHA-256 of the body; ``settled``: whoever carries it may let it go."""

    package = fields.String(required=True)
    settled = fields.Boolean(required=True)
    ops = fields.Nested(OpCountsSchema, required=True)
    photos = fields.Nested(PhotoCountsSchema, required=True)
