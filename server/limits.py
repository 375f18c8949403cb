"""How often one caller may try something; the counts live where ``Settings.rate_store`` says, for all processes.

Whoever is known is counted as that phone or person, and beside it the address is, with room for a whole market behind
one. An address is what the connection says, or what as many proxies as ``DINGPAN_PROXY_HOPS`` names have added.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
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


# The limiter brings the stores and the window; who is counted, and how often one may, is said here and in the policy.
limiter = Limiter(key_func=address, headers_enabled=False)


@dataclass(frozen=True)
class Rate:
    """How often one caller, and how often everyone behind one address, may use a route.

    ``named`` says who one caller is; whoever is nobody but an address is counted as that alone.
    """

    each: RateLimitItem
    address: RateLimitItem
    named: Callable[[], str] = caller


# A code or a link is guessed from many addresses or not at all; a market accepts its invitations in one morning.
GUESSES = Rate(parse("60 per minute"), parse("60 per minute"))
WRITES = Rate(parse("600 per minute"), parse("6000 per minute"))
# An office behind one address signs in within the same minutes; one name needs few tries.
SIGN_INS = Rate(parse("10 per minute"), parse("60 per minute"), address_and_name)
# A market behind one address may calculate; nobody needs more.
CALCULATIONS = Rate(parse("120 per minute"), parse("120 per minute"))
# Each is a message to a number that somebody typed: nobody has many numbers, and a market registers in one morning.
SENDINGS = Rate(parse("10 per hour"), parse("60 per minute"))


def rate_of(rate_class: RateClass) -> Rate | None:
    """Return how often a route of a class may be used; None: as often as anybody likes."""
    match rate_class:
        case RateClass.READ:
            return None
        case RateClass.WRITE:
            return WRITES
        case RateClass.GUESS:
            return GUESSES
        case RateClass.SIGN_IN:
            return SIGN_INS
        case RateClass.CALCULATE:
            return CALCULATIONS
        case RateClass.SEND:
            return SENDINGS


def register(app: Flask) -> None:
    """Count every request whose row has a limit; to be registered after the policy, which says who asks."""
    app.before_request(_spend)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # below it tells addresses, and names as typed


def _spend() -> None:
    row = row_asked()
    rate = rate_of(row.rate) if row and limiter.enabled else None
    if rate is None:
        return
    counts = [(rate.address, f"address {address()}")]
    if rate.named() != address():
        counts.append((rate.each, rate.named()))
    if not all(limiter.limiter.hit(limit, request.endpoint or "", who) for limit, who in counts):
        raise TooMany
