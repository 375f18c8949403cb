"""The bureau's keys on the server: the online private keys, and the key set and revocation list as they are published.

The folder holds ``private.json`` (mode 0600), ``key-set.json`` and ``revoked.json``. The root that signs the key set
is offline: ``server.keys`` says how they come here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from server.keys.papers import public_of
from server.mending import CannotDo
from shared import signing
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.keys import KeySet, Purpose, Revocations, open_key_set, open_revocations
from shared.signing import Signer

FILES = ("private.json", "key-set.json", "revoked.json")


class MissingKeys(CannotDo):
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

    def signer(self, purpose: Purpose, day: date, prefix: str = "", serial: int | None = None) -> tuple[int, Signer]:
        """Return the id and signer of the newest key of a purpose valid on a day; raises MissingKeys.

        Two are valid while one takes over from the other. ``serial`` of a label: only a key that covers it.
        """
        usable = [key for key in self.key_set.keys if key.purpose is purpose and key.is_valid_on(day)]
        fitting = [key for key in usable if not key.is_compromised and key.prefix.startswith(prefix)]
        ours = [key for key in fitting if key.id in self.signers and (serial is None or key.covers(serial))]
        if not ours:
            of = f" for the label {serial}" if serial is not None else ""
            raise MissingKeys(f"No {purpose} key is valid on {day}{of}. Issue one, see docs/keys.md.")
        newest = max(ours, key=lambda key: (key.first_day, key.id))
        return newest.id, self.signers[newest.id]


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
        raise MissingKeys(f"{folder / FILES[2]} is not what our keys signed. Publish again, or restore it.") from error
    for key in key_set.keys:
        if key.id in signers and public_of(key.purpose, signers[key.id].secret) != key.public:
            raise MissingKeys(f"{folder / FILES[0]} holds another key {key.id} than the published one. Restore it.")
    return Keyring(root_public, signers, key_set_document, revoked_document, key_set, revoked)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise MissingKeys(f"{path} is missing. Publish keys there, see docs/keys.md, or restore it.") from error
    except ValueError as error:
        raise MissingKeys(f"{path} is damaged. Restore it from the backup.") from error


def create(folder: Path, *, prefixes: list[str], host: str, day: date) -> Keyring:
    """Make the keys of a demo in one step; refuses to overwrite. The root lies beside, without a passphrase.

    ``demo-safe`` in the folder is a safe as ``server.keys`` knows it, so that rotations can be practised.
    """
    from server.keys.demo import make  # it publishes, and so reads a keyring

    if (folder / "private.json").exists():
        raise MissingKeys(f"{folder} already holds keys. Choose another folder.")
    make(folder, prefixes=prefixes, host=host, day=day)
    return load(folder)
