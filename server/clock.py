"""The server's clock and ids: handed in when the app is made, so that tests and the demo city can choose the time."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from shared.ids import uuid7

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return this moment, aware, in whole seconds, as it travels on the wire."""
    return datetime.now(UTC).replace(microsecond=0)


def now() -> datetime:
    """Return the moment by the clock of the running app."""
    from flask import current_app  # here, because ``dingpan keys`` asks for the time as well, and needs no app

    clock: Clock = current_app.extensions["dingpan"].clock
    return clock()


def new_id(at: datetime) -> str:
    """Return a new UUIDv7 of a moment."""
    return uuid7(int(at.timestamp() * 1000), os.urandom(10))
