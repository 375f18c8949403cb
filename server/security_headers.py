"""What every answer tells the browser: to load a page's own files and no others, to be framed by nobody, to guess
nothing.
"""

from __future__ import annotations

import binascii
import os
from collections import deque

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LASTING_HTTPS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
NONCE_BYTES = 16
POOL = 256
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_pool: deque[bytes] = deque()
os.register_at_fork(after_in_child=_pool.clear)  # a child must not use what its parent uses


def new_nonce() -> str:
    """Return a nonce for the scripts and styles of one answer: 22 characters that nobody can guess."""
    return binascii.b2a_base64(random_bytes(NONCE_BYTES), newline=False).translate(_URL_SAFE, b"=").decode()


def random_bytes(count: int) -> bytes:
    """Return at most 16 random bytes of the system; they are fetched for many answers at once, and used once.

    Each fetching would hand the interpreter to another thread, which takes longer than the fetching itself.
    """
    while True:
        try:
            return _pool.pop()[:count]
        except IndexError:
            fetched = os.urandom(POOL * NONCE_BYTES)
            _pool.extend(fetched[at : at + NONCE_BYTES] for at in range(0, len(fetched), NONCE_BYTES))


def content_policy(nonce: str) -> str:
    """Return what a page with this nonce may load and do."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
