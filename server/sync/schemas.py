"""Queries and answers of the sync routes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from server.answer_forms import ErrorSchema, TreeHeadSchema
from server.query import Count
from shared.ops import Status
from shared.wire.strict import StrictSchema, Text, Uuid

SOME_CHANGES, MOST_CHANGES = 500, 5_000


class PageSchema(StrictSchema):
    """Where to go on reading the feed: an opaque cursor, "" for the beginning.

    ``again`` are the regions, with commas between them, whose snapshots could not be loaded.
    """

    cursor = Text(load_default="", longest=4_000)
    again = Text(load_default="", longest=4_000)
    limit = Count(load_default=SOME_CHANGES, least=1, most=MOST_CHANGES)


class BalanceQuerySchema(StrictSchema):
    """A range of a device's sequence, both ends included."""

    device_id = Uuid(required=True)
    first = Count(required=True)
    last = Count(required=True)


class ReceiptSchema(Schema):
    """The server's signature under a final answer; ``body`` is the JSON text that is signed."""

    body = fields.String(required=True)
    key_id = fields.Integer(required=True)
    signature = fields.String(required=True)


class OpProblemSchema(Schema):
    """Why an op was not applied."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ErrorSchema))


class TheirsSchema(Schema):
    """The record that is there already, as its JSON text."""

    body = fields.String(required=True)


class EntrySchema(Schema):
    """The answer to one op: ``applied``, ``conflict`` and ``rejected`` are final and have a receipt."""

    op_id = fields.String(required=True)
    index = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in Status]))
    receipt = fields.Nested(ReceiptSchema)
    theirs = fields.Nested(TheirsSchema)
    problem = fields.Nested(OpProblemSchema)


class PushAnswerSchema(Schema):
    """One entry for each op, in the order sent."""

    results = fields.List(fields.Nested(EntrySchema), required=True)
    tree_head = fields.Nested(TreeHeadSchema, required=True)


class ChangeSchema(Schema):
    """The newest state of one row of the register; ``body`` is null where it is gone."""

    seq = fields.Integer(required=True)
    kind = fields.String(required=True)
    id = fields.String(required=True)
    rev = fields.Integer(required=True)
    deleted = fields.Boolean(required=True)
    body = fields.Dict(required=True, allow_none=True)


class RefillSchema(Schema):
    """A region that came: its rows are in a snapshot, to be loaded before the next page is asked for."""

    scope = fields.String(required=True)
    snapshot_url = fields.String(required=True)
    sha256 = fields.String(required=True)
    seq = fields.Integer(required=True)


class ManifestSchema(Schema):
    """The manifest of a snapshot as its JSON text, signed by a tree key."""

    body = fields.String(required=True)
    key_id = fields.Integer(required=True)
    signature = fields.String(required=True)


class ChangesSchema(Schema):
    """A page of the feed; apply the rows and keep the cursor in one transaction."""

    changes = fields.List(fields.Nested(ChangeSchema), required=True)
    cursor = fields.String(required=True)
    more = fields.Boolean(required=True)
    drop = fields.List(fields.String(), required=True)
    refill = fields.List(fields.Nested(RefillSchema), required=True)
    tree_head = fields.Nested(TreeHeadSchema, required=True)
    keys_seq = fields.Integer(required=True)
    revoked_seq = fields.Integer(required=True)


class ScopeSchema(Schema):
    """The regions a phone holds, by prefix, and the number of rows a first download brings."""

    regions = fields.List(fields.String(), required=True)
    rows = fields.Integer(required=True)


class StateAnswerSchema(Schema):
    """What time it is, and when the desk last asked for what was set aside to be sent anew; null: it never did."""

    server_time = fields.String(required=True)
    send_again = fields.String(required=True, allow_none=True)


class CountsSchema(Schema):
    """How many ops came to which final answer."""

    applied = fields.Integer(required=True)
    conflict = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


class BalanceSchema(Schema):
    """The SHA-256 over the ops that have a receipt."""

    sha256 = fields.String(required=True)
    counts = fields.Nested(CountsSchema, required=True)
