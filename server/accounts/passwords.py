"""Passwords: hashed with Argon2id, and refused when anybody would guess them first.

Rules: OWASP ASVS 5.0, 6.2: at least 12 characters, up to 128 allowed, no rule of composition, every character kept as
it was typed, none of the passwords that people choose most, and none that is known from a breach.
"""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from server.accounts import breached

SHORTEST, LONGEST = 12, 128
FEWEST_DIFFERENT = 5
LONGEST_REPEATED = 6

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(password)


def is_right(hashed: str | None, password: str) -> bool:
    """Compare a password with a hash; without one it takes the same time and is wrong."""
    try:
        return _hasher.verify(hashed or _nobody(), password) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def _nobody() -> str:
    state = current_app.extensions.setdefault("dingpan_nobody", {})
    if "hash" not in state:
        state["hash"] = _hasher.hash(secrets.token_urlsafe())
    hashed: str = state["hash"]
    return hashed


def weakness(password: str, sign_in_name: str | None) -> str | None:
    """Return the key of the sentence that says why a password must not be taken; None for a good one.

    >>> [weakness(text, "zhangwei") for text in ("ZhangWei-2026", "aaaaaaaaaaab", "abcabcabcabc", "123456789012")]
    ['password.has_name', 'password.repeats', 'password.repeats', 'password.common']
    >>> weakness("right horse, wrong battery", "zhangwei") is None
    True
    """
    plain = password.casefold()
    if sign_in_name and sign_in_name.casefold() in plain:
        return "password.has_name"
    if len(set(plain)) < FEWEST_DIFFERENT or _repeats(plain):
        return "password.repeats"
    if plain in _common() or _is_run(plain):
        return "password.common"
    return None


def is_breached(password: str) -> bool:
    """Say whether a password stands in the list of breached ones; never where no list is kept."""
    known: Path | None = current_app.extensions["dingpan"].settings.breached_passwords
    return known is not None and breached.is_listed(known, password)


def _repeats(text: str) -> bool:
    """Say whether a text is a few characters over and over."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, LONGEST_REPEATED + 1))


def _is_run(text: str) -> bool:
    """Say whether each character follows the one before, upwards or downwards; after 9 comes 0."""
    around = 10 if text.isdecimal() else 1 << 32
    steps = {(ord(after) - ord(before)) % around for before, after in pairwise(text)}
    return len(steps) == 1 and steps <= {1, around - 1}


@cache
def _common() -> frozenset[str]:
    return frozenset(files("server.accounts").joinpath("common_passwords.txt").read_text("utf-8").split())
