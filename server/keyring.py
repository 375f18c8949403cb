"""The bureau's keys on the server: the online private keys, and the key set and revocation list as they are published.

The folder holds ``private.json`` (mode 0600), ``key-set.json`` and ``revoked.json``. The root that signs the key set
is offline: the demo keeps its own beside them in ``root.json``, a bureau does not.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shared import signing
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.keys import ED25519, X25519, KeySet, Purpose, Revocations, encode_serials, open_key_set, open_revocations
from shared.signing import Signer

FILES = ("private.json", "key-set.json", "revoked.json")
DEMO_DAYS_BACK = 1200
DEMO_DAYS_AHEAD = 1200


class MissingKeys(Exception):
    """The folder of keys is not there or not whole; the message says what to do."""


@dataclass(frozen=True)
class Keyring:
    """Signers by key id, the published documents as texts, and both opened."""

    root_public: bytes
    signers: dict[int, Signer]
    key_set_document: dict[str, Any]
    revoked_document: dict[str, Any]
    key_set: KeySet
    revoked: Revocations

    def signer(self, purpose: Purpose, day: date, prefix: str = "") -> tuple[int, Signer]:
        """Return the id and signer of the key of a purpose valid on a day; raises MissingKeys."""
        for key in self.key_set.keys:
            fits = key.purpose is purpose and key.is_valid_on(day) and not key.is_compromised
            if fits and key.prefix.startswith(prefix) and key.id in self.signers:
                return key.id, self.signers[key.id]
        raise MissingKeys(f"No {purpose} key is valid on {day}. Run 'dingpan keys' and issue one.")


def load(folder: Path) -> Keyring:
    """Read the folder; raises MissingKeys with a sentence that names the file."""
    private, key_set_document, revoked_document = map(_read, (folder / name for name in FILES))
    try:
        root_public = signing.decode_base64(private["root_public"])
        signers = {int(key_id): Signer(signing.decode_base64(secret)) for key_id, secret in private["secrets"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MissingKeys(f"{folder / FILES[0]} is damaged. Restore it from the backup.") from error
    try:
        key_set = open_key_set(key_set_document, root_public)
    except RefusedKeySet as error:
        raise MissingKeys(f"{folder / FILES[1]} is not what our root signed. Restore it from the backup.") from error
    try:
        revoked = open_revocations(revoked_document, key_set)
    except RefusedRevocations as error:
        raise MissingKeys(f"{folder / FILES[2]} is not what our keys signed. Restore it from the backup.") from error
    for key in key_set.keys:
        if key.id in signers and _public(key.purpose, signers[key.id].secret) != key.public:
            raise MissingKeys(f"{folder / FILES[0]} holds another key {key.id} than the published one. Restore it.")
    return Keyring(root_public, signers, key_set_document, revoked_document, key_set, revoked)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise MissingKeys(f"{path} is missing. Run 'dingpan keys create --keys {path.parent}'.") from error
    except ValueError as error:
        raise MissingKeys(f"{path} is damaged. Restore it from the backup.") from error


def create(folder: Path, *, prefixes: list[str], host: str, day: date) -> Keyring:
    """Make a root and one key for each purpose, seal keys for each region prefix; refuses to overwrite."""
    if (folder / "private.json").exists():
        raise MissingKeys(f"{folder} already holds keys. Choose another folder.")
    root = Signer(os.urandom(32))
    wanted = [(Purpose.RECEIPT, ""), (Purpose.TREE, ""), (Purpose.REVOCATION, ""), (Purpose.RESCUE, "")]
    wanted += [(Purpose.SEAL, prefix) for prefix in prefixes]
    secrets = {place: os.urandom(32) for place, _ in enumerate(wanted, start=1)}
    rows = [
        _row(place, purpose, prefix or prefixes[0], secrets[place], day)
        for place, (purpose, prefix) in enumerate(wanted, start=1)
    ]
    body = _json({"seq": 1, "issued": str(day), "next": str(day + timedelta(days=90)), "hosts": [host], "keys": rows})
    key_set = {"body": body, "signature": signing.encode_base64(root.sign(signing.KEYS, body.encode()))}
    revocation_id = next(row["id"] for row in rows if row["purpose"] == Purpose.REVOCATION)
    revoked = sign_revocations(Signer(secrets[revocation_id]), revocation_id, [], seq=1, day=day)
    private = {
        "root_public": signing.encode_base64(root.public),
        "secrets": {str(place): signing.encode_base64(secret) for place, secret in secrets.items()},
    }
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / "private.json", private)
    _write(folder / "root.json", {"secret": signing.encode_base64(root.secret)})
    _write(folder / "key-set.json", key_set)
    _write(folder / "revoked.json", revoked)
    return load(folder)


def sign_revocations(signer: Signer, key_id: int, serials: list[int], *, seq: int, day: date) -> dict[str, Any]:
    """Return a signed revocation list."""
    packed = signing.encode_base64(encode_serials(serials))
    body = _json({"seq": seq, "issued": str(day), "next": str(day + timedelta(days=7)), "serials": packed})
    signature = signer.sign(signing.REVOKED, body.encode())
    return {"body": body, "key_id": key_id, "signature": signing.encode_base64(signature)}


def _row(key_id: int, purpose: Purpose, prefix: str, secret: bytes, day: date) -> dict[str, Any]:
    return {
        "prefix": prefix,
        "id": key_id,
        "alg": X25519 if purpose is Purpose.RESCUE else ED25519,
        "public": signing.encode_base64(_public(purpose, secret)),
        "purpose": purpose.value,
        "from": str(day - timedelta(days=DEMO_DAYS_BACK)),
        "to": str(day + timedelta(days=DEMO_DAYS_AHEAD)),
    }


def _public(purpose: Purpose, secret: bytes) -> bytes:
    return signing.x25519_public(secret) if purpose is Purpose.RESCUE else Signer(secret).public


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _write(path: Path, value: Any) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_json(value))
