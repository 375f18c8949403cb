"""The smallest app: it answers with the id of the process that serves it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any


def create() -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Make the app of one worker."""

    def _app(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return _app
