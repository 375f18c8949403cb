"""Which connections of the server may go unencrypted: none that leaves this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, build_opener


def is_here(host: str) -> bool:
    """Say whether a host is this machine itself: by name, by loopback address, or by no name at all (a socket).

    >>> [is_here(host) for host in ("", "localhost", "127.0.0.1", "::1", "10.0.0.1", "db.example")]
    [True, True, True, True, False, False]
    """
    if host in ("", "localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_guarded(url: str, scheme: str) -> bool:
    """Say whether an address is asked by TLS, whose scheme is given, or stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme == scheme or is_here(parts.hostname or "")


def is_guarded_database(url: str) -> bool:
    """Say whether a PostgreSQL address checks the server's certificate, or stays on this machine.

    >>> [is_guarded_database(f"postgresql://{rest}") for rest in ("/d", "db/d", "db/d?sslmode=verify-full")]
    [True, False, True]
    """
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    host = parts.hostname or asked.get("host", [""])[0]
    return is_here(host) or host.startswith("/") or asked.get("sslmode") == ["verify-full"]


class _NoRedirects(HTTPRedirectHandler):
    """What an answer points at is not what the settings name, and is never asked."""

    def redirect_request(self, *_: object) -> None:
        return None


def opener() -> OpenerDirector:
    """Return what opens an address of the settings, and it alone: a redirect is an error like any other status."""
    return build_opener(_NoRedirects)
