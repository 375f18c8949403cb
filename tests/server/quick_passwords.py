"""Passwords hashed with the least work for all tests of the server: every sign-in would else take a fifth of a second.

What the server spends is read from ``REAL`` by the test of it. Both ways hash with Argon2id, and a hash says itself how
much work it is, so whatever compares costs still does.
"""

from __future__ import annotations

from argon2 import PasswordHasher

from server.accounts import passwords

REAL = passwords._hasher


def remember() -> None:
    """Let every password be hashed quickly from here on."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
