"""The oldest version of the field app that may still read: an older one keeps its records and goes on sending them.

The app says in ``User-Agent`` what it is, ``dingpan-field/1.2.3`` (RFC 9110, 10.1.5). Who says nothing of the kind is
no app of ours, and may do what its token allows.
"""

from __future__ import annotations

import re

from server.problems import AppTooOld

_APP = re.compile(r"(?:^|\s)dingpan-field/(\S{1,20})")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})", re.ASCII)

Version = tuple[int, ...]


def version_in(text: str) -> Version | None:
    """Return a version such as ``1.2.3``; None for anything else.

    >>> version_in("0.10.2"), version_in("1.2"), version_in("01.2.3")
    ((0, 10, 2), None, None)
    """
    found = _VERSION.fullmatch(text)
    return tuple(map(int, found.groups())) if found else None


def refuse_too_old(user_agent: str, least: str) -> None:
    """Raise AppTooOld for an app of an earlier version than ``least``; "" is none."""
    wanted = version_in(least)
    app = _APP.search(user_agent)
    found = version_in(app[1]) if app else None
    if wanted is not None and found is not None and found < wanted:
        raise AppTooOld(least=least)
