"""A server in a few lines, spoken to without a socket: it signs like the real one and fails as a test wants."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from fieldapp.store.store import Store
from fieldapp.sync.client import Client
from fieldapp.sync.token import Session
from shared import ops, tree
from shared.dates import instant_text
from shared.ops import Status, receipt_body
from shared.signing import (
    ENROL,
    RECEIPT,
    REFRESH,
    SNAPSHOT,
    TOKEN,
    TREE_HEAD,
    decode_base64,
    encode_base64,
    sha256_hex,
    verify,
)
from shared.snapshots import Manifest
from shared.tree import TreeHead, leaf_hash, root_of_hashes
from shared.wire.push import PushSchema
from tests.builders import a_key_set_document, a_revocation_document, a_signer
from tests.fieldapp.field_builders import COLLEAGUE, DEVICE, ME, NOON, market_rows

URL = "http://127.0.0.1:9"
LOG_ID = "d1" * 16
RULESET = "test-0123456789ab"

Answer = tuple[int, Any]


class Cut(requests.ConnectionError):
    """The line broke."""


def sent_in(request: Any) -> Any:
    """Return the JSON of a request, squeezed or not; None without any."""
    is_squeezed = request.headers.get("Content-Encoding") == "gzip"
    return json.loads(gzip.decompress(request.body) if is_squeezed else request.body) if request.body else None


class Part(bytes):
    """Some bytes of a file."""

    first: int
    size: int

    def __new__(cls, content: bytes, first: int, size: int) -> Self:
        part = super().__new__(cls, content)
        part.first, part.size = first, size
        return part


class PretendServer(BaseAdapter):
    """Keeps ops, leaves and rows; ``before`` may answer in its place, ``after`` may break or change its answer."""

    def __init__(self, now: Callable[[], datetime] = lambda: NOON) -> None:
        super().__init__()
        self.now = now
        self.before: Callable[[str, str, Any], Answer | None] = lambda method, path, body: None
        self.after: Callable[[str, Answer], Answer] = lambda path, answer: answer
        self.statuses: dict[str, Status] = {}
        self.calls: list[str] = []
        self.states: list[dict[str, Any]] = []
        self.send_again: str | None = None
        self.answers: dict[str, dict[str, Any]] = {}
        self.ops: list[ops.Op] = []
        self.leaves: list[bytes] = []
        self.rows: list[dict[str, Any]] = []
        self.mark = "e1.s1"
        self.gives_snapshots = False
        self.snapshots: dict[str, bytes] = {}
        self.seqs: dict[str, int] = {}
        self.token = "t1"
        self.refresh, self.spent = "r1", ""
        self.is_suspended = False
        self.recused_from: list[str] = []
        self.pictures: dict[str, bytes] = {}
        self.keys, self.revoked = a_key_set_document(), a_revocation_document([1_000_003])
        self.notices: list[Any] = []
        self.documents_seq = {"keys_seq": 7, "revoked_seq": 12}
        for kind, row in market_rows():
            self.bring(kind, row)

    def bring(self, kind: str, row: dict[str, Any] | None, id_: str = "", rev: int = 1) -> None:
        """Add a change to the feed."""
        change = {"seq": len(self.rows) + 1, "kind": kind, "id": id_ or (row or {})["id"], "rev": rev}
        self.rows.append(change | {"deleted": row is None, "body": row})

    # The adapter

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(request.url or "")
        path = parts.path.removeprefix("/api/v1")
        body = sent_in(request)
        if path == "/sync/state":
            self.states.append(body)
        else:
            self.calls.append(path)
        answer = self.before(request.method or "", path, body)
        if answer is None:
            answer = self.after(path, self._answer(path, body, parse_qs(parts.query), request))
        return _response(request, *answer)

    def close(self) -> None:
        """There is nothing to close."""

    def _answer(self, path: str, body: Any, query: dict[str, list[str]], request: Any) -> Answer:
        if path == "/devices/challenge":
            return 200, {"challenge": "c1", "server_time": instant_text(self.now())}
        if path == "/devices/token":
            return self._give_token(body)
        if path == "/devices/refresh":
            return self._refresh(body)
        if path == "/devices":
            return self._enrol(body)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return problem(401, "token-expired")
        if path.startswith("/evidence/"):
            found = self.pictures.get(path.rsplit("/", 1)[-1])
            return (200, found) if found else problem(404, "not-found")
        if path.startswith("/sync/snapshots/"):
            return self._snapshot(path.split("/")[3], request, is_manifest=path.endswith("/manifest"))
        if self.gives_snapshots and request.headers.get("Prefer") == "refill" and path == "/sync/changes":
            step = self._step(query.get("cursor", [""])[0])
            if step is not None:
                return 200, step
        answers: dict[str, Callable[[], Any]] = {
            "/keys": lambda: self.keys,
            "/revoked": lambda: self.revoked,
            "/restored": lambda: {"notices": self.notices},
            "/sync/scope": lambda: {"regions": ["411602"], "rows": len(self.rows)},
            "/sync/changes": lambda: self._changes(query.get("cursor", [""])[0], int(query["limit"][0])),
            "/sync/push": lambda: self._push(body),
            "/sync/state": lambda: {"server_time": instant_text(self.now()), "send_again": self.send_again},
            "/sync/balance": lambda: self._balance(int(query["first"][0]), int(query["last"][0])),
            "/log/inclusion": lambda: self._inclusion(query["op_id"][0], int(query["size"][0])),
            "/log/consistency": lambda: self._consistency(int(query["first"][0]), int(query["second"][0])),
        }
        return 200, answers[path]()

    def _give_token(self, body: Any) -> Answer:
        message = f"{body['device_id']}\n{body['person_id']}\nc1\n".encode()
        if not verify(DEVICE.signer.public, TOKEN, message, decode_base64(body["signature"])):
            return problem(401, "wrong-sign-in")
        return 200, self._tokens()

    def _refresh(self, body: Any) -> Answer:
        """Each refresh token is good once; the one before brings the same successor again, as within the grace."""
        message = f"{body['device_id']}\n{body['refresh_token']}\n".encode()
        if not verify(DEVICE.signer.public, REFRESH, message, decode_base64(body["signature"])):
            return problem(401, "wrong-sign-in")
        if body["refresh_token"] == self.refresh:
            self.spent, self.refresh = self.refresh, f"r{int(self.refresh[1:]) + 1}"
        elif body["refresh_token"] != self.spent:
            return problem(401, "token-expired")
        return 200, self._tokens()

    def _tokens(self) -> dict[str, Any]:
        colleagues = [] if self.is_suspended else [ME.__dict__, COLLEAGUE.__dict__]
        return {
            "token": self.token,
            "refresh_token": self.refresh,
            "suspended": self.is_suspended,
            "expires_in_s": 900,
            "server_time": instant_text(self.now()),
            "person": ME.__dict__,
            "colleagues": colleagues,
            "recused_from": [] if self.is_suspended else self.recused_from,
        }

    def _enrol(self, body: Any) -> Answer:
        message = f"{body['code']}\n{body['device_id']}\n".encode()
        if not verify(decode_base64(body["public"]), ENROL, message, decode_base64(body["signature"])):
            return problem(403, "wrong-sign-in")
        root = encode_base64(a_signer("root").public)
        documents = {"root": root, "keys": self.keys, "revoked": self.revoked}
        return 201, {"person": ME.__dict__, "server_time": instant_text(self.now())} | documents

    def _changes(self, cursor: str, limit: int) -> dict[str, Any]:
        mark, _, seq = cursor.rpartition(".")
        start = int(seq) if mark == self.mark else 0
        page, more = self.rows[start : start + limit], len(self.rows) > start + limit
        rest = {"drop": [], "refill": [], "tree_head": self.head()} | self.documents_seq
        return {"changes": page, "cursor": f"{self.mark}.{start + len(page)}", "more": more} | rest

    def _step(self, cursor: str) -> dict[str, Any] | None:
        """Begin a phone that holds nothing, then order the snapshot of all there is; None: it reads on."""
        page = self._changes(cursor, 0) | {"changes": [], "more": True}
        if not cursor:
            return page | {"cursor": "e1..0"}
        return page | self.order() if cursor.startswith("e1..") else None

    def order(self, seq: int | None = None) -> dict[str, Any]:
        """Make a snapshot of the rows that there are, or of the first, and order it."""
        seq = len(self.rows) if seq is None else seq
        latest = {(row["kind"], row["id"]): row for row in self.rows[:seq]}
        lines = [json.dumps(row, ensure_ascii=False) for row in latest.values() if not row["deleted"]]
        content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
        name = sha256_hex(content)
        self.snapshots[name] = content
        self.seqs[name] = seq
        url = f"/api/v1/sync/snapshots/{name}"
        order = {"scope": "411602", "snapshot_url": url, "sha256": name, "seq": seq}
        return {"refill": [order], "cursor": f"{self.mark}.{seq}"}

    def _snapshot(self, name: str, request: Any, *, is_manifest: bool) -> Answer:
        content = self.snapshots.get(name)
        if content is None:
            return problem(404, "not-found")
        if is_manifest:
            made = {"rows": 1, "bytes": len(content), "sha256": name, "made_at": instant_text(self.now())}
            manifest = Manifest(log_id=LOG_ID, epoch="e1", scope="411602", seq=self.seqs[name], **made)
            signature = a_signer("tree").sign(SNAPSHOT, manifest.body.encode())
            return 200, {"body": manifest.body, "key_id": 4, "signature": encode_base64(signature)}
        first, last = (int(one) for one in request.headers["Range"].removeprefix("bytes=").split("-"))
        return 206, Part(content[first : last + 1], first, len(content))

    def _push(self, body: Any) -> dict[str, Any]:
        pushed = PushSchema().load(body)["ops"]
        results = [self._take(index, op) for index, op in enumerate(pushed)]
        return {"results": results, "tree_head": self.head()}

    def _take(self, index: int, op: ops.Op) -> dict[str, Any]:
        entry: dict[str, Any] = {"op_id": op.op_id, "index": index}
        if not op.is_signed_by(DEVICE.signer.public):
            return {"op_id": None, "index": index, "status": "rejected", "problem": {"type": "/problems/bad-signature"}}
        if op.op_id in self.answers:
            return entry | {"status": "duplicate", "receipt": self.answers[op.op_id]}
        status = self.statuses.get(op.op_id, Status.APPLIED)
        if status in (Status.BLOCKED, Status.RETRY):
            return entry | {"status": status.value, "problem": {"type": "/problems/waits-for", "detail": "等待前一条"}}
        self.ops.append(op)
        self.answers[op.op_id] = self.receipt(op, status)
        why = {"problem": {"type": "/problems/bad-body", "detail": "缺少场所"}} if status is Status.REJECTED else {}
        return entry | {"status": status.value, "receipt": self.answers[op.op_id]} | why

    def receipt(self, op: ops.Op, outcome: Status, *, signer: str = "receipt", **fields: str) -> dict[str, Any]:
        """Return a signed receipt, and put its leaf into the log."""
        leaf = json.dumps({"kind": "op", "id": op.op_id}).encode()
        self.leaves.append(leaf)
        said = {"op_sha256": op.op_sha256, "received_at": instant_text(self.now())} | fields
        body = receipt_body(op, outcome=outcome, leaf_sha256=leaf_hash(leaf).hex(), ruleset=RULESET, **said)
        signature = a_signer(signer).sign(RECEIPT, body.encode())
        return {"body": body, "key_id": 3, "signature": encode_base64(signature)}

    def head(self, **fields: Any) -> dict[str, Any]:
        """Return the signed state of the log."""
        root = root_of_hashes([leaf_hash(leaf) for leaf in self.leaves])
        made = {
            "log_id": LOG_ID,
            "size": len(self.leaves),
            "root": root,
            "signed_at": instant_text(self.now()),
        } | fields
        head = TreeHead(**made, key_id=4)
        signature = encode_base64(a_signer("tree").sign(TREE_HEAD, head.message))
        return made | {"root": encode_base64(head.root), "key_id": 4, "signature": signature}

    def _balance(self, first: int, last: int) -> dict[str, Any]:
        held = sorted((op for op in self.ops if first <= op.device_seq <= last), key=lambda op: op.device_seq)
        return {"sha256": ops.balance_sha256((op.op_id, op.op_sha256) for op in held), "counts": {"applied": len(held)}}

    def _inclusion(self, op_id: str, size: int) -> dict[str, Any]:
        index = next(n for n, leaf in enumerate(self.leaves) if json.loads(leaf)["id"] == op_id)
        hashes = [leaf_hash(leaf) for leaf in self.leaves[:size]]
        return {"index": index, "path": [encode_base64(node) for node in _path(index, hashes)]}

    def _consistency(self, first: int, second: int) -> dict[str, Any]:
        hashes = [leaf_hash(leaf) for leaf in self.leaves[:second]]
        return {"path": [encode_base64(node) for node in _proof(first, hashes, is_whole=True)]}


def _proof(first: int, hashes: list[bytes], *, is_whole: bool) -> list[bytes]:
    """RFC 9162, 2.1.4.1, as it is written there."""
    if first == len(hashes):
        return [] if is_whole else [tree.root_of_hashes(hashes)]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if first <= split:
        return [*_proof(first, hashes[:split], is_whole=is_whole), tree.root_of_hashes(hashes[split:])]
    return [*_proof(first - split, hashes[split:], is_whole=False), tree.root_of_hashes(hashes[:split])]


def _path(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 9162, 2.1.3.1, as it is written there."""
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return [*_path(index, hashes[:split]), tree.root_of_hashes(hashes[split:])]
    return [*_path(index - split, hashes[split:]), tree.root_of_hashes(hashes[:split])]


def problem(status: int, slug: str, **fields: Any) -> Answer:
    """Return a problem as the server words one."""
    return status, {"type": f"/problems/{slug}", "title": slug, "status": status, "detail": "请重试"} | fields


def _response(request: requests.PreparedRequest, status: int, value: Any) -> requests.Response:
    headers = value.pop("headers", {}) if isinstance(value, dict) else {}
    if isinstance(value, Part):
        headers = {"Content-Range": f"bytes {value.first}-{value.first + len(value) - 1}/{value.size}"}
    content = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, request.url or ""
    response.headers.update(headers)
    response.raw = HTTPResponse(io.BytesIO(content), headers=headers, status=status, preload_content=False)
    return response


def session_with(store: Store, adapter: BaseAdapter, url: str = URL) -> Session:
    """Return a session of the phone whose every request goes to an adapter."""
    carrier = requests.Session()
    carrier.mount("http://", adapter)
    carrier.mount("https://", adapter)
    return Session(store, Client(url, carrier))


def fingerprint(server: PretendServer) -> str:
    """Return a hash over all that a server holds, to see that a replay changed nothing."""
    return sha256_hex(json.dumps([op.to_wire() for op in server.ops], sort_keys=True).encode())
