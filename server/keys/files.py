"""Files of keys: for their owner alone, changed whole or not at all, by one process at a time."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.keys.errors import KeysRefused
from server.keys.papers import json_text

LOCK = ".lock"


def read(path: Path) -> dict[str, Any]:
    """Return a JSON object; raises KeysRefused with a sentence that names the file."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise KeysRefused(f"{path} is missing. Give the folder that holds it, or restore it.") from error
    except ValueError as error:
        raise KeysRefused(f"{path} is damaged. Restore it from the backup.") from error
    if not isinstance(value, dict):
        raise KeysRefused(f"{path} is damaged. Restore it from the backup.")
    return value


def install(folder: Path, values: Mapping[str, Any]) -> None:
    """Write files beside the old ones, then put each in its place, in this order.

    A reader sees an old file or a new one, never half of one, whenever the power fails; between two of them it may
    see the first new and the second old.
    """
    for name, value in values.items():
        _write_aside(folder / name, json_text(value))
    for name in values:
        _aside(folder / name).replace(folder / name)
        _flush(folder)


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _write_aside(path: Path, text: str) -> None:
    descriptor = os.open(_aside(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _flush(folder: Path) -> None:
    """Have the disk keep the new names too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder that nobody else reads, where it is missing."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let nobody else change the folder meanwhile; waits for who does."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
