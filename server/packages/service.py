"""Evidence packages: the signed bytes of a record with all that proves them, in one zip that is always the same.

The files and what each proves are told in ``readme.txt``; ``docs/verify_evidence.py`` checks a package without us. The
same record under the same tree head gives the same bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from server.audit import service as audit
from server.devices.service import devices_of_ops
from server.evidence.service import Store
from server.keyring import Keyring
from server.mending import CannotDo
from server.sync import service as sync
from shared import signing
from shared.dates import civil_day, instant_text, parse_instant
from shared.keys import Purpose
from shared.rules import rules_on, ruleset_name
from shared.wire.json_text import BadJson, read_json

README = Path(__file__).with_name("readme.txt")
EPOCH = (1980, 1, 1, 0, 0, 0)


class NothingToPack(CannotDo):
    """No operation made such a record; the message says what to do."""


def package(session: Session, keyring: Keyring, store: Store, record_id: str, now: datetime) -> bytes:
    """Return the zip of a record or operation; raises NothingToPack, Damaged or StoreDown."""
    stored = sync.op_of(session, record_id) or sync.op_of_record(session, record_id)
    if stored is None:
        raise NothingToPack(f"No operation made {record_id}. Give the id of a visit, an instrument or an operation.")
    op, head = sync.signed_op(stored), audit.head(session, keyring, now)
    named = sorted(set(_photo_names(_body(stored.body))))
    photos = {sha256: content for sha256 in named if (content := store.get(sha256)) is not None}
    files = {
        "README.txt": README.read_bytes(),
        "op.bin": op.op_bytes,
        "body.json": stored.body,
        "signature.bin": stored.signature,
        "device.json": _json(_device(session, stored.device_id)),
        "receipt.json": _json(sync.receipt_of(stored)),
        "inclusion.json": _json(_inclusion(session, stored, head.size)),
        "tree_head.json": _json(audit.head_json(head)),
        "keys.json": _json(keyring.key_set_document),
        "root.bin": keyring.root_public,
        "rules.json": _json(_rules(session, stored)),
    } | {f"photos/{sha256}": content for sha256, content in photos.items()}
    manifest = _json(
        {
            "version": 1,
            "record": record_id,
            "made_at": instant_text(now),
            "key_id": head.key_id,
            "missing_photos": [sha256 for sha256 in named if sha256 not in photos],
            "files": {name: signing.sha256_hex(content) for name, content in sorted(files.items())},
        }
    )
    key_id, signer = keyring.signer(Purpose.TREE, civil_day(now))
    if key_id != head.key_id:
        raise AssertionError("one moment has one tree key")
    return zipped(files | {"manifest.json": manifest, "manifest.sig": signer.sign(signing.PACKAGE, manifest)})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip that depends on nothing but the files: sorted, stored, without times or owners."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return whole.getvalue()


def _body(body: bytes) -> Any:
    try:
        return read_json(body)
    except BadJson:
        return None  # a rejected op may hold anything; it is packed as it came


def _photo_names(value: Any) -> Iterator[str]:
    """Yield every file that a body names, wherever it stands."""
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str):
            yield value["sha256"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _photo_names(inner)


def _device(session: Session, device_id: str) -> dict[str, str]:
    device = devices_of_ops(session, {device_id})[0][device_id]
    return {"id": device.id, "public": signing.encode_base64(device.public)}


def _inclusion(session: Session, stored: sync.StoredOp, size: int) -> dict[str, Any]:
    index = audit.index_of(session, stored.op_id, sync.leaf_sha256_of(stored))
    if index is None:
        raise AssertionError("every op that has a receipt has a leaf")
    path = [signing.encode_base64(node) for node in audit.inclusion_path(session, index, size)]
    leaf, salt = audit.leaf_text(session, index), signing.encode_base64(stored.salt)
    return {"index": index, "size": size, "leaf": leaf, "salt": salt, "path": path}


def _rules(session: Session, stored: sync.StoredOp) -> dict[str, Any]:
    """Return the rows that hold on the day of the record where it was made; the receipt names the ruleset it met."""
    day, region = _day(stored), sync.region_of(session, stored) or ""
    rows = [{"table": type(row).__name__} | vars(row) for row in rules_on(day, region).rows]
    return {"ruleset": ruleset_name(), "day": str(day), "region": region, "rows": rows}


def _day(stored: sync.StoredOp) -> date:
    body = _body(stored.body)
    made_at = body.get("made_at") if isinstance(body, dict) else None
    try:
        return civil_day(parse_instant(made_at) if isinstance(made_at, str) else stored.received_at)
    except ValueError:
        return civil_day(stored.received_at)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()
