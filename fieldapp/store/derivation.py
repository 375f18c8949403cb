"""From a PIN to a key: Argon2id, or scrypt where Argon2 is absent.

The parameters are stored beside the wrapped key, so that stronger ones can be chosen later. Argon2id: the second
recommended option of RFC 9106, 4 (64 MiB, three passes, four lanes). scrypt: N 2^16, r 8, p 1, which needs the same
memory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from fieldapp.store.sealing import KEY_BYTES

SALT_BYTES = 16
ARGON2ID = {"name": "argon2id", "memory_kib": 64 * 1024, "passes": 3, "lanes": 4}
SCRYPT = {"name": "scrypt", "n": 2**16, "r": 8, "p": 1}


def new_derivation() -> dict[str, Any]:
    """Return the parameters for a new PIN, with a fresh salt in hexadecimal."""
    return (ARGON2ID if find_spec("argon2") else SCRYPT) | {"salt": os.urandom(SALT_BYTES).hex()}


def derive(pin: str, parameters: Mapping[str, Any]) -> bytes:
    """Return the key of a PIN; takes a tenth of a second or more on purpose."""
    salt = bytes.fromhex(parameters["salt"])
    return _argon2id(pin, salt, parameters) if parameters["name"] == "argon2id" else _scrypt(pin, salt, parameters)


def _argon2id(pin: str, salt: bytes, parameters: Mapping[str, Any]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        pin.encode(),
        salt,
        time_cost=parameters["passes"],
        memory_cost=parameters["memory_kib"],
        parallelism=parameters["lanes"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _scrypt(pin: str, salt: bytes, parameters: Mapping[str, Any]) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt, KEY_BYTES, parameters["n"], parameters["r"], parameters["p"]).derive(pin.encode())
