"""The cookie of a sign-in: for this server alone, out of reach of scripts, over HTTPS wherever there is HTTPS."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app
from werkzeug.wrappers import Response

from server.policy import cookie_name


def own_name() -> str:
    """Return the name of the cookie on this server."""
    return cookie_name(_is_secure())


def remember(answer: Response, cookie: str, lasts: timedelta) -> None:
    """Put a sign-in into the browser."""
    answer.set_cookie(
        own_name(),
        cookie,
        max_age=int(lasts.total_seconds()),
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def forget(answer: Response) -> None:
    """Take the sign-in out of the browser; the server has ended it already."""
    answer.delete_cookie(own_name(), secure=_is_secure(), httponly=True, samesite="Lax")


def _is_secure() -> bool:
    return bool(current_app.extensions["dingpan"].settings.cookies_are_secure)
