"""How often one caller may try something; the counts live where ``Settings.rate_store`` says, for all processes.

Whoever is known is counted as that phone or person, and beside it the address is, with room for a whole market behind
one. An address is what the connection says, or what as many proxies as ``DINGPAN_PROXY_HOPS`` names have added.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, g, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse

from server import rate_store
from server.policy import RateClass, row_asked
from server.problems import TooMany

del rate_store  # imported for the store that it registers


def address() -> str:
    """Name the caller by address."""
    return request.remote_addr or "unknown"


def caller() -> str:
    """Name the caller by phone or person where one is known, else by address."""
    if g.get("device") is not None:
        return f"device {g.device.id}"
    return f"person {g.person.id}" if g.get("person") is not None else address()


def address_and_name() -> str:
    """Name the caller of a sign-in by address and name typed, so that one guesser does not lock out a whole office."""
    return f"{address()} {request.form.get('name', '').strip().casefold()[:60]}"


limiter = Limiter(key_func=address, headers_enabled=False)

# A market behind one address may calculate; nobody needs more.
CALCULATIONS = "120 per minute"


@dataclass(frozen=True)
class Rate:
    """How often one caller, and how often everyone behind one address, may use a route."""

    each: RateLimitItem
    address: RateLimitItem


# A code or a link is guessed from many addresses or not at all; a market accepts its invitations in one morning.
GUESSES = Rate(parse("60 per minute"), parse("60 per minute"))
WRITES = Rate(parse("600 per minute"), parse("6000 per minute"))


def register(app: Flask) -> None:
    """Count every request that writes or guesses; to be registered after the policy, which says who asks."""
    app.before_request(_spend)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # below it tells addresses, and names as typed


def _spend() -> None:
    row = row_asked()
    rate = {RateClass.GUESS: GUESSES, RateClass.WRITE: WRITES}.get(row.rate) if row and limiter.enabled else None
    if rate is None:
        return
    counts = [(rate.address, f"address {address()}")]
    if caller() != address():
        counts.append((rate.each, caller()))
    if not all(limiter.limiter.hit(limit, request.endpoint or "", who) for limit, who in counts):
        raise TooMany
