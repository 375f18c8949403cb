"""How often one caller may try something; the counters live where ``DINGPAN_LIMITER_STORAGE`` says."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter


def _address() -> str:
    return request.remote_addr or "unknown"


def address_and_name() -> str:
    """Name the caller of a sign-in by address and name typed, so that one guesser does not lock out a whole office."""
    return f"{_address()} {request.form.get('name', '').strip().casefold()[:60]}"


limiter = Limiter(key_func=_address, headers_enabled=False)

# A market behind one address may calculate; nobody needs more.
CALCULATIONS = "120 per minute"
