"""Routes of the sync: push, changes, keys and balance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Response, current_app, g, jsonify, request, send_file, url_for

from server import feed, transaction
from server.accounts.service import scope_of
from server.answer_forms import KeySetSchema, NoticesSchema, RevokedSchema
from server.app_versions import app_in
from server.audit import service as audit
from server.clock import now
from server.database import begin_write, db
from server.devices import service as devices
from server.json_body import content_of
from server.keys import service as keys_in_use
from server.openapi import V1Blueprint
from server.problems import (
    BadRequest,
    DeviceSuspended,
    NotFound,
    NotJson,
    SignInNeeded,
    SnapshotBeingMade,
    TokenExpired,
    TooLarge,
    WrongType,
)
from server.sync import pulling, receipts, snapshots
from server.sync.pulling import Source
from server.sync.push import Sender, take_push
from server.sync.schemas import (
    BalanceQuerySchema,
    BalanceSchema,
    ChangesSchema,
    ManifestSchema,
    PageSchema,
    PushAnswerSchema,
    ScopeSchema,
    StateAnswerSchema,
)
from server.sync.snapshots import Snapshot
from shared.dates import instant_text
from shared.wire.push import PushSchema
from shared.wire.state import StateSchema

blueprint = V1Blueprint("sync_api", __name__, url_prefix="/api/v1", description="Push, pull and proof")
REFILL = "refill"
BY_DEVICE: list[dict[str, list[str]]] = [{"device": []}]


@blueprint.post("/sync/push")
@blueprint.arguments(PushSchema(), error_status_code=400)
@blueprint.response(200, PushAnswerSchema)
@blueprint.problems(SignInNeeded, TokenExpired, TooLarge, WrongType)
@blueprint.doc(security=BY_DEVICE)
def push(body: dict[str, Any]) -> Response:
    """Send at most 100 signed ops; read the entries, each op has its own answer."""
    sender = Sender(g.device, scope_of(g.person), content_of(request))
    entries = take_push(db.session(), _keyring(), body["ops"], sender=sender, now=now())
    return jsonify(results=entries, tree_head=_head())


@blueprint.post("/sync/state")
@blueprint.arguments(StateSchema)
@blueprint.response(200, StateAnswerSchema)
@blueprint.problems(NotJson, SignInNeeded, TokenExpired, TooLarge, WrongType)
@blueprint.doc(security=BY_DEVICE)
def state(body: dict[str, Any]) -> dict[str, Any]:
    """Tell how a phone stands; read what the desk wishes of it."""
    begin_write()
    asked_at = devices.take_state(db.session(), g.device, body, app=app_in(request.user_agent.string), now=now())
    transaction.commit(db.session(), now())
    return {"server_time": instant_text(now()), "send_again": instant_text(asked_at) if asked_at else None}


@blueprint.get("/sync/changes")
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, ChangesSchema)
@blueprint.problems(BadRequest, SignInNeeded, TokenExpired, DeviceSuspended, SnapshotBeingMade)
@blueprint.doc(security=BY_DEVICE)
def changes(query: dict[str, Any]) -> Response:
    """Read what changed in the caller's scope after a cursor, in commit order.

    With ``Prefer: refill`` regions that came to the scope are given as snapshots.
    """
    asked = (db.session(), scope_of(g.person), query["cursor"], query["limit"])
    if REFILL in request.headers.get("Prefer", "").replace(" ", "").split(","):
        again = filter(None, query["again"].split(","))
        found = pulling.pull_refilling(*asked, again=again, source=Source(_snapshots(), _keyring(), now()))
    else:
        found = pulling.pull(*asked)
    keyring = _keyring()
    rest = {
        "cursor": found.cursor,
        "more": found.more,
        "drop": found.drop,
        "refill": [_refill(one) for one in found.refill],
        "tree_head": _head(),
        "keys_seq": keyring.key_set.seq,
        "revoked_seq": keyring.revoked.seq,
    }
    parts = (b'{"changes":[', found.text.encode(), b"],", json.dumps(rest)[1:].encode())
    return Response(b"".join(parts), content_type="application/json")


def _refill(snapshot: Snapshot) -> dict[str, Any]:
    told = snapshot.manifest
    url = url_for("sync_api.snapshot", snapshot_sha256=told.sha256)
    return {"scope": told.scope, "snapshot_url": url, "sha256": told.sha256, "seq": told.seq}


@blueprint.get("/sync/snapshots/<snapshot_sha256>")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/gzip")
@blueprint.problems(SignInNeeded, TokenExpired, DeviceSuspended, NotFound)
@blueprint.doc(security=BY_DEVICE)
def snapshot(snapshot_sha256: str) -> Any:
    """Get the rows of a region of the caller's scope, one on each line; parts of it by Range."""
    return send_file(_found(snapshot_sha256).path, mimetype="application/gzip", etag=snapshot_sha256, max_age=0)


@blueprint.get("/sync/snapshots/<snapshot_sha256>/manifest")
@blueprint.response(200, ManifestSchema)
@blueprint.problems(SignInNeeded, TokenExpired, DeviceSuspended, NotFound)
@blueprint.doc(security=BY_DEVICE)
def manifest(snapshot_sha256: str) -> dict[str, Any]:
    """Get what is signed of a snapshot."""
    return _found(snapshot_sha256).document


def _found(sha256: str) -> Snapshot:
    """Return a snapshot of the caller's scope; raises NotFound."""
    found = snapshots.find(_snapshots(), _keyring().key_set, sha256, scope_of(g.person))
    if found is None:
        raise NotFound
    return found


def _snapshots() -> Path:
    folder: Path = current_app.extensions["dingpan"].settings.snapshots
    return folder


@blueprint.get("/sync/scope")
@blueprint.response(200, ScopeSchema)
@blueprint.problems(SignInNeeded, TokenExpired, DeviceSuspended)
@blueprint.doc(security=BY_DEVICE)
def scope() -> dict[str, Any]:
    """Say which regions the caller's phone holds, and how many rows a first download brings."""
    mine = scope_of(g.person)
    return {"regions": list(mine.regions), "rows": feed.rows_in_scope(db.session(), mine)}


@blueprint.get("/sync/balance")
@blueprint.arguments(BalanceQuerySchema, location="query")
@blueprint.response(200, BalanceSchema)
@blueprint.problems(SignInNeeded, TokenExpired, DeviceSuspended, NotFound)
@blueprint.doc(security=BY_DEVICE)
def balance(query: dict[str, Any]) -> dict[str, Any]:
    """Prove what the server holds of a device's ops."""
    if query["device_id"] != g.device.id:
        raise NotFound
    return receipts.balance(db.session(), **query)


@blueprint.get("/keys")
@blueprint.response(200, KeySetSchema)
def keys() -> dict[str, Any]:
    """Get the signed key set."""
    return dict(_keyring().key_set_document)


@blueprint.get("/revoked")
@blueprint.response(200, RevokedSchema)
def revoked() -> dict[str, Any]:
    """Get the signed list of revoked labels."""
    return dict(_keyring().revoked_document)


@blueprint.get("/restored")
@blueprint.response(200, NoticesSchema)
def restored() -> dict[str, Any]:
    """Get the root's notices that the server was restored from a backup."""
    return {"notices": keys_in_use.notices(current_app.extensions["dingpan"].settings.keys_dir)}


def _keyring() -> Any:
    return current_app.extensions["dingpan"].keyring


def _head() -> dict[str, object]:
    return audit.head_json(audit.head(db.session(), _keyring(), now()))
