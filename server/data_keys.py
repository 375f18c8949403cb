"""The data keys as settings name them: ``DINGPAN_DATA_KEY`` is one, ``DINGPAN_DATA_KEYS`` several with ids."""

from __future__ import annotations

import base64

from server.privacy import FIRST_KEY_ID, KEY_BYTES, DataKey

ONE, SEVERAL = "DINGPAN_DATA_KEY", "DINGPAN_DATA_KEYS"
LARGEST_ID = (1 << 16) - 1


class WrongKeys(ValueError):
    """The keys are missing or malformed; the message says what to set and repeats no key."""


def read(*, one: str, several: str) -> DataKey:
    """Return the data keys of the texts of both settings, the current one first; raises WrongKeys.

    >>> key = base64.b64encode(bytes(32)).decode()
    >>> read(one="", several=f"2:{key},1:{key}")
    DataKey(2, 1)
    """
    if one and several:
        raise WrongKeys(f"{ONE} and {SEVERAL} are both set. Move the one key into {SEVERAL} as 1:..., and unset {ONE}.")
    if several:
        return _several(several)
    if not one:
        raise WrongKeys(f"{ONE} is not set. Set it to 32 random bytes in base64; see deploy/env.example.")
    return DataKey({FIRST_KEY_ID: _key(one, ONE)})


def _several(text: str) -> DataKey:
    keys: dict[int, bytes] = {}
    for part in text.split(","):
        id_text, _, encoded = part.strip().partition(":")
        key_id = int(id_text) if id_text.isascii() and id_text.isdecimal() else 0
        if not 1 <= key_id <= LARGEST_ID or key_id in keys:
            raise WrongKeys(f"{SEVERAL} must be id:key,id:key with ids from 1 to {LARGEST_ID}, each once.")
        keys[key_id] = _key(encoded, SEVERAL)
    return DataKey(keys)


def _key(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise WrongKeys(f"{name} is not base64. Set it to 32 random bytes in base64.") from error
    if len(key) != KEY_BYTES:
        raise WrongKeys(f"{name} must be 32 bytes. Set it to 32 random bytes in base64.")
    return key
