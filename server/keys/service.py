"""What other features ask of the keys: that the newest are in use, what a backup takes, and the notices of restores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from server.keyring import FILES
from server.keys import files
from server.keys.papers import RESTORED
from server.keys.watch import WATCH, Watch


def take_over(app: Flask) -> None:
    """Take over what was published since; an app whose keys were handed to it has nothing to look at."""
    watch: Watch | None = app.extensions.get(WATCH)
    if watch is not None:
        watch.take_over(app)


def backed_up(folder: Path) -> dict[str, bytes]:
    """Return the files of the server's folder of keys by name, as they stand between two publications.

    They are named one by one: a demo has its root beside them, which belongs in no backup of a server.
    """
    with files.alone(folder):
        return {name: (folder / name).read_bytes() for name in (*FILES, RESTORED) if (folder / name).exists()}


def notices(folder: Path) -> list[dict[str, Any]]:
    """Return the published notices of restores, oldest first; read whenever a phone asks, which is seldom."""
    path = folder / RESTORED
    return list(files.read(path)["notices"]) if path.exists() else []
