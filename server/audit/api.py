"""Routes of the log: anyone may ask for its head and for proofs of consistency; devices prove their receipts."""

from __future__ import annotations

from typing import Any

from flask import current_app, g

from server.answer_forms import TreeHeadSchema
from server.audit import service
from server.audit.schemas import ConsistencySchema, InclusionProofSchema, InclusionSchema, PathSchema
from server.clock import now
from server.database import db
from server.openapi import V1Blueprint
from server.problems import BadRequest, DeviceSuspended, NotFound, SignInNeeded, TokenExpired
from server.sync import service as sync
from shared import signing

blueprint = V1Blueprint("audit_api", __name__, url_prefix="/api/v1/log", description="The append-only log")


@blueprint.get("/head")
@blueprint.response(200, TreeHeadSchema)
def head() -> dict[str, Any]:
    """Get the signed state of the log."""
    return service.head_json(service.head(db.session(), current_app.extensions["dingpan"].keyring, now()))


@blueprint.get("/consistency")
@blueprint.arguments(ConsistencySchema, location="query")
@blueprint.response(200, PathSchema)
@blueprint.problems(BadRequest)
def consistency(query: dict[str, int]) -> dict[str, Any]:
    """Prove that the log of ``second`` leaves only appended to the one of ``first``."""
    if not 0 <= query["first"] <= query["second"] <= service.state(db.session()).size:
        raise BadRequest
    path = service.consistency_path(db.session(), query["first"], query["second"])
    return {"path": [signing.encode_base64(node) for node in path]}


@blueprint.get("/inclusion")
@blueprint.arguments(InclusionSchema, location="query")
@blueprint.response(200, InclusionProofSchema)
@blueprint.problems(SignInNeeded, TokenExpired, DeviceSuspended, NotFound)
@blueprint.doc(security=[{"device": []}])
def inclusion(query: dict[str, Any]) -> dict[str, Any]:
    """Prove that an op of the caller's device stands in the log of ``size`` leaves."""
    leaf_sha256 = sync.leaf_of_op(db.session(), query["op_id"], g.device.id)
    index = service.index_of(db.session(), query["op_id"], leaf_sha256) if leaf_sha256 else None
    if index is None or not index < query["size"] <= service.state(db.session()).size:
        raise NotFound
    path = service.inclusion_path(db.session(), index, query["size"])
    return {
        "index": index,
        "leaf": service.leaf_text(db.session(), index),
        "path": [signing.encode_base64(node) for node in path],
    }
