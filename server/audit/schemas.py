"""Queries and answers of the log's routes."""

from __future__ import annotations

from marshmallow import Schema, fields

from server.query import Count
from shared.wire.strict import StrictSchema, Uuid


class ConsistencySchema(StrictSchema):
    """Two sizes of the log, the smaller first."""

    first = Count(required=True)
    second = Count(required=True)


class InclusionSchema(StrictSchema):
    """An op, and the size of the log in which it is to be proven."""

    op_id = Uuid(required=True)
    size = Count(required=True)


class PathSchema(Schema):
    """The hashes of a proof, base64, in the order of RFC 9162."""

    path = fields.List(fields.String(), required=True)


class InclusionProofSchema(PathSchema):
    """A leaf's place and its published text, with the path to the root."""

    index = fields.Integer(required=True)
    leaf = fields.String(required=True)
