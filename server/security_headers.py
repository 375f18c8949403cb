"""What every answer tells the browser: to load a page's own files and no others, to be framed by nobody, to guess
nothing.
"""

from __future__ import annotations

import secrets

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LASTING_HTTPS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
NONCE_BYTES = 16


def new_nonce() -> str:
    """Return a nonce for the scripts and styles of one answer: 22 characters that nobody can guess."""
    return secrets.token_urlsafe(NONCE_BYTES)


def content_policy(nonce: str) -> str:
    """Return what a page with this nonce may load and do."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
