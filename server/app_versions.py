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


def app_in(user_agent: str) -> str:
    """Return the version that an app of ours says it is; "" for anything else.

    >>> app_in("dingpan-field/1.2.3 (Android)"), app_in("curl/8.1"), app_in("dingpan-field/new")
    ('1.2.3', '', '')
    """
    app = _APP.search(user_agent)
    return app[1] if app and version_in(app[1]) else ""


def is_too_old(app: str, least: str) -> bool:
    """Say whether an app is of an earlier version than ``least``; what is no version is not."""
    wanted, found = version_in(least), version_in(app)
    return wanted is not None and found is not None and found < wanted


def refuse_too_old(user_agent: str, least: str) -> None:
    """Raise AppTooOld for an app of an earlier version than ``least``; "" is none."""
    if is_too_old(app_in(user_agent), least):
        raise AppTooOld(least=least)
