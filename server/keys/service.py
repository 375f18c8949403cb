"""What other features ask of the keys: that the newest ones are in use."""

from __future__ import annotations

from flask import Flask

from server.keys.watch import WATCH, Watch


def take_over(app: Flask) -> None:
    """Take over what was published since; an app whose keys were handed to it has nothing to look at."""
    watch: Watch | None = app.extensions.get(WATCH)
    if watch is not None:
        watch.take_over(app)
