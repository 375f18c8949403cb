"""The manifest of a snapshot: which rows of the feed a file holds, signed by a tree key.

The file is gzip of NDJSON: the live rows of a region, each a line as the feed writes it. Signed over
``DINGPAN-SNAPSHOT-v1\\0`` and the body, a JSON text with ``log_id, epoch, scope, seq, rows, bytes, sha256, made_at``:
the file has so many ``bytes`` and that SHA-256, and holds every live row of regions that begin with ``scope``, none of
them older than ``seq``, the place of the feed from which one goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared import signing
from shared.dates import civil_day, parse_instant
from shared.errors import BadInstant
from shared.keys import KeySet, Purpose
from shared.wire.json_text import read_json


@dataclass(frozen=True)
class Manifest:
    """What is signed of a snapshot."""

    log_id: str
    epoch: str
    scope: str
    seq: int
    rows: int
    bytes: int
    sha256: str
    made_at: str

    @property
    def body(self) -> str:
        """The JSON text that is signed."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def open_manifest(document: object, keys: KeySet) -> Manifest | None:
    """Return what a manifest says; None for one that no tree key of its day signed, or of another form."""
    if not isinstance(document, Mapping):
        return None
    try:
        body, signature = str(document["body"]), signing.decode_base64(document["signature"])
        told = _manifest(read_json(body))
        key = keys.key(Purpose.TREE, document["key_id"])
        is_good = key is not None and not key.is_compromised and key.is_valid_on(civil_day(parse_instant(told.made_at)))
        is_signed = key is not None and signing.verify(key.public, signing.SNAPSHOT, body.encode(), signature)
    except (KeyError, TypeError, ValueError, AttributeError, BadInstant):
        return None
    return told if is_good and is_signed else None


def _manifest(told: Mapping[str, Any]) -> Manifest:
    texts = {name: told[name] for name in ("log_id", "epoch", "scope", "sha256", "made_at")}
    counts = {name: told[name] for name in ("seq", "rows", "bytes")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("a text of another form")
    if not all(type(count) is int and count >= 0 for count in counts.values()):
        raise ValueError("a count of another form")
    return Manifest(**texts, **counts)
