"""The root's secret in a file: under a passphrase, or of a demo, which has none and says so.

Argon2id (RFC 9106) makes a key of the passphrase, AES-256-GCM (NIST SP 800-38D) encrypts the secret under it. What the
key was made with stands beside, bound to the secret, so that later files may cost more.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.keys import files
from server.keys.errors import KeysRefused
from shared import signing
from shared.signing import Signer

ROOT, DEMO_ROOT = "root.json", "demo-root.json"
WHAT = "dingpan root 1"
DEMO_WARNING = "The root of a demo, without a passphrase. Never use it for a bureau."
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12
SHORTEST_PASSPHRASE = 16
MOST_MEMORY_KIB = 4 << 20


@dataclass(frozen=True)
class Costs:
    """What Argon2id spends: passes, memory in KiB, lanes.

    Four times the memory of the second option that RFC 9106, section 4 recommends: a root is opened some ten times a
    year, and who guesses has the file for as long as they like.
    """

    passes: int = 3
    memory_kib: int = 256 << 10
    lanes: int = 4


def make(folder: Path, passphrase: str, costs: Costs | None = None) -> Signer:
    """Make a root and keep it under a passphrase; raises KeysRefused for a short one and where a root is already."""
    if len(_normal(passphrase)) < SHORTEST_PASSPHRASE:
        raise KeysRefused(f"The passphrase is too short. Take at least {SHORTEST_PASSPHRASE} characters: five words.")
    _refuse_another(folder)
    root, costs = Signer(os.urandom(KEY_BYTES)), costs or Costs()
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    head = {
        "what": WHAT,
        "public": signing.encode_base64(root.public),
        "argon2id": {**asdict(costs), "salt": signing.encode_base64(salt)},
    }
    secret = AESGCM(_key(passphrase, salt, costs)).encrypt(nonce, root.secret, _bound(head))
    sealed = {"nonce": signing.encode_base64(nonce), "secret": signing.encode_base64(secret)}
    files.install(folder, {ROOT: head | sealed})
    return root


def make_for_demo(folder: Path) -> Signer:
    """Make a root that anybody who has the file can use."""
    _refuse_another(folder)
    root = Signer(os.urandom(KEY_BYTES))
    files.install(folder, {DEMO_ROOT: {"warning": DEMO_WARNING, "secret": signing.encode_base64(root.secret)}})
    return root


def _refuse_another(folder: Path) -> None:
    if any((folder / name).exists() for name in (ROOT, DEMO_ROOT)):
        raise KeysRefused(f"{folder} already holds a root. Choose another folder.")


def open_root(folder: Path, ask: Callable[[], str]) -> Signer:
    """Return the root; ``ask`` is called for the passphrase, where there is one. Raises KeysRefused."""
    if (folder / DEMO_ROOT).exists():
        fields = files.read(folder / DEMO_ROOT)
        try:
            return Signer(signing.decode_base64(fields["secret"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _damaged(folder / DEMO_ROOT) from error
    return _unlock(folder / ROOT, files.read(folder / ROOT), ask)


def public_half(folder: Path) -> bytes:
    """Return the public half, for which nobody needs the passphrase; raises KeysRefused."""
    if (folder / DEMO_ROOT).exists():
        return open_root(folder, str).public
    try:
        return signing.decode_base64(files.read(folder / ROOT)["public"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder / ROOT) from error


def _unlock(path: Path, fields: dict[str, Any], ask: Callable[[], str]) -> Signer:
    try:
        head = {name: fields[name] for name in ("what", "public", "argon2id")}
        wanted = dict(head["argon2id"])
        salt = signing.decode_base64(wanted.pop("salt"))
        costs = Costs(**wanted)
        nonce, secret = (signing.decode_base64(fields[name]) for name in ("nonce", "secret"))
        if head["what"] != WHAT or costs.memory_kib > MOST_MEMORY_KIB:
            raise ValueError("a root of another kind")
        key = _key(ask(), salt, costs)
        root = Signer(AESGCM(key).decrypt(nonce, secret, _bound(head)))
    except InvalidTag as error:
        raise KeysRefused(f"The passphrase is not that of {path}, or the file was changed.") from error
    except (KeyError, TypeError, ValueError, AttributeError, HashingError) as error:
        raise _damaged(path) from error
    return root


def _damaged(path: Path) -> KeysRefused:
    return KeysRefused(f"{path} is damaged. Restore it from one of its copies.")


def _key(passphrase: str, salt: bytes, costs: Costs) -> bytes:
    words = _normal(passphrase).encode()
    return hash_secret_raw(words, salt, costs.passes, costs.memory_kib, costs.lanes, KEY_BYTES, Type.ID)


def _bound(head: dict[str, Any]) -> bytes:
    """Return what is bound to the secret, in one spelling whatever wrote the file."""
    return json.dumps(head, sort_keys=True, separators=(",", ":")).encode()


def _normal(passphrase: str) -> str:
    """The same words count however a keyboard wrote them."""
    return unicodedata.normalize("NFKC", passphrase.strip())
