"""Asking for the passphrase of the root: at the terminal, or from a descriptor; never from arguments or environment.

Arguments stand in the list of processes and in the shell's history, and an environment is handed on to every child.
"""

from __future__ import annotations

import getpass
import os
import sys

from server.keys.errors import KeysRefused

LONGEST_BYTES = 4096


def ask(descriptor: int | None, prompt: str = "Passphrase of the root: ") -> str:
    """Return a passphrase typed without showing it, or the next line of stdin or of an open descriptor."""
    if descriptor is not None:
        return _line_of(descriptor)
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def ask_twice(descriptor: int | None) -> str:
    """Return a new passphrase; a person at a terminal types it twice. Raises KeysRefused when the two differ."""
    first = ask(descriptor, "Passphrase for the new root: ")
    is_typed = descriptor is None and sys.stdin.isatty()
    if is_typed and ask(None, "The same again: ") != first:
        raise KeysRefused("The two passphrases differ. Nothing was made; try again.")
    return first


def _line_of(descriptor: int) -> str:
    """Read to the end of a line, byte by byte: what follows belongs to somebody else."""
    line = bytearray()
    try:
        while len(line) < LONGEST_BYTES and (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
            line += byte
        return line.decode().rstrip("\r")
    except (OSError, ValueError) as error:
        raise KeysRefused(f"No passphrase can be read from descriptor {descriptor}.") from error
