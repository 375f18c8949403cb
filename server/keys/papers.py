"""The two signed documents and their parts, in the format of ``docs/seal.md``.

A body is kept as the JSON object it is, so that a row this version does not know survives being signed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shared import signing
from shared.keys import ED25519, X25519, Purpose, encode_serials
from shared.signing import Signer

KEY_SET_LASTS_DAYS = 90
LIST_LASTS_DAYS = 7

RESTORED = "restored.json"

Body = dict[str, Any]
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Wanted:
    """A key to be made. Days are inclusive; ``prefix`` is empty but for seal keys; ``serials`` None: any serial."""

    purpose: Purpose
    first_day: date
    last_day: date
    prefix: str = ""
    serials: Ranges | None = None


def public_of(purpose: Purpose, secret: bytes) -> bytes:
    """Return the public half."""
    return signing.x25519_public(secret) if purpose is Purpose.RESCUE else Signer(secret).public


def row(key_id: int, wanted: Wanted, secret: bytes) -> Body:
    """Return a key as it stands in the key set."""
    fields = {
        "prefix": wanted.prefix,
        "id": key_id,
        "alg": X25519 if wanted.purpose is Purpose.RESCUE else ED25519,
        "public": signing.encode_base64(public_of(wanted.purpose, secret)),
        "purpose": wanted.purpose.value,
        "from": str(wanted.first_day),
        "to": str(wanted.last_day),
    }
    return fields if wanted.serials is None else fields | {"serials": [list(pair) for pair in wanted.serials]}


def next_body(body: Mapping[str, Any], keys: Iterable[Body], day: date) -> Body:
    """Return the body that follows: these keys, the next sequence, and ninety days until the one after it."""
    dates = {"issued": str(day), "next": str(day + timedelta(days=KEY_SET_LASTS_DAYS))}
    return {**body, "seq": body["seq"] + 1, **dates, "keys": list(keys)}


def first_body(hosts: list[str], day: date) -> Body:
    """Return a key set without keys, which was never signed."""
    return {"seq": 0, "issued": str(day), "next": str(day), "hosts": hosts, "keys": []}


def sign_key_set(root: Signer, body: Body) -> dict[str, Any]:
    """Return a key set signed by the root."""
    text = json_text(body)
    return {"body": text, "signature": signing.encode_base64(root.sign(signing.KEYS, text.encode()))}


def sign_revocations(signer: Signer, key_id: int, serials: Iterable[int], *, seq: int, day: date) -> dict[str, Any]:
    """Return a signed revocation list, good for seven days."""
    packed = signing.encode_base64(encode_serials(serials))
    dates = {"issued": str(day), "next": str(day + timedelta(days=LIST_LASTS_DAYS))}
    body = json_text({"seq": seq, **dates, "serials": packed})
    signature = signer.sign(signing.REVOKED, body.encode())
    return {"body": body, "key_id": key_id, "signature": signing.encode_base64(signature)}


def sign_notice(root: Signer, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notice of restore signed by the root; ``told`` is what 'dingpan restore' wrote down."""
    text = json_text({name: told[name] for name in ("log_id", "size", "root", "at")})
    return {"body": text, "signature": signing.encode_base64(root.sign(signing.RESTORE, text.encode()))}


def json_text(value: Any) -> str:
    """Write JSON without white space."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
