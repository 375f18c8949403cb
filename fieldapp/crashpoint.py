"""Places where the program may be ended at once, as by a flat battery, to see that nothing is lost there.

The environment names the one at which it ends, ``DINGPAN_CRASH_AT=record.saved``, and for what is passed often, which
time: ``record.saved:3``. Where it names none, as on every phone, a place costs one look into an empty table. Each name
stands once in the sources; ``tests/faults/test_crash_points.py`` ends the program at every one of them.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping

VARIABLE = "DINGPAN_CRASH_AT"
EXIT = 137  # what a shell reports of a program that was killed: 128 and SIGKILL

_left: MutableMapping[str, int] = {}


def arm(text: str) -> None:
    """Take where to end the program: ``name``, ``name:times``, or "" for nowhere."""
    _left.clear()
    name, _, times = text.partition(":")
    if name:
        _left[name] = int(times or 1)


def crashpoint(name: str) -> None:
    """End the program here, without any cleaning up, if this is the place."""
    if name in _left:
        _left[name] -= 1
        if _left[name] == 0:
            os._exit(EXIT)


arm(os.environ.get(VARIABLE, ""))
