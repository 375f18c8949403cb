"""Sending codes: at once where the person must know whether it worked, or after the answer where nobody may tell.

Whoever types a number at the sign-in must not learn whether we know it: a known one is sent its code only once the
answer has left, by a thread that answers nobody. That it failed is kept to ourselves, because it was tried for a known
number alone: told to the next who asks, it would say of the number before that we know it. A failure that somebody was
told of anyway, at registering a number, is told to everyone alike for a minute, before any number is looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from flask import Flask, Response, current_app

from server.problems import SmsDown
from server.settings import Sms
from server.sms.console import ConsoleSms
from server.sms.gateway import HttpSms
from server.sms.port import Message, Port, SmsRefused

__all__ = ["Message", "Sender", "SmsDown"]

log = structlog.get_logger(__name__)

RESTS = timedelta(minutes=1)
AT_ONCE = 4  # messages on their way; a gateway that hangs makes others wait, and no request

Later = Callable[[Callable[[], None]], object]


def straight_away(job: Callable[[], None]) -> None:
    """Do a job now, on the thread that asks for it."""
    job()


class Sender:
    """The port in use (None: codes are not offered), and since when it is known to fail.

    ``later`` does what follows an answer. Two rests are kept apart: the one that people are told of, and the one of
    messages that followed an answer, which nothing that anybody sees may depend on.
    """

    def __init__(self, port: Port | None, later: Later = straight_away) -> None:
        self.port, self._later = port, later
        self._told_until: datetime | None = None
        self._untold_until: datetime | None = None

    @property
    def is_offered(self) -> bool:
        """Whether codes are sent at all."""
        return self.port is not None

    def require_up(self, now: datetime) -> None:
        """Raise SmsDown for a minute after somebody was told that a message could not be sent."""
        if self.port is None or _rests(self._told_until, now):
            raise SmsDown

    def send(self, message: Message, now: datetime) -> None:
        """Send a message; raises SmsDown."""
        self.require_up(now)
        if self.port is None:
            raise SmsDown
        try:
            self.port.send(message, now)
        except SmsRefused:
            raise  # this one number: others may be sent to
        except SmsDown:
            self._told_until = now + RESTS
            raise
        self._told_until = self._untold_until = None

    def send_after(self, answer: Response, message: Message, now: datetime) -> None:
        """Send a message once an answer has left; whether that worked, nobody learns."""
        answer.call_on_close(lambda: self._later(lambda: self._try_to_send(message, now)))

    def _try_to_send(self, message: Message, now: datetime) -> None:
        if self.port is None or _rests(self._told_until, now) or _rests(self._untold_until, now):
            log.warning("sms_not_sent", rests=True)
            return
        try:
            self.port.send(message, now)
        except SmsRefused:
            log.warning("sms_not_sent")
        except SmsDown:
            self._untold_until = now + RESTS
            log.warning("sms_not_sent")
        else:
            self._untold_until = None


def _rests(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until


def port_of(settings: Sms) -> Port | None:
    """Return the port that the settings name."""
    if settings.way == "http":
        return HttpSms(settings.url, settings.secret)
    return ConsoleSms() if settings.way == "console" else None


def register(app: Flask) -> None:
    """Give the app its sender; threads begin with the first message."""
    port = port_of(app.extensions["dingpan"].settings.sms)
    app.extensions["dingpan_sms"] = Sender(port, ThreadPoolExecutor(AT_ONCE, "sms").submit)


def sender() -> Sender:
    """Return the sender of the running app."""
    found: Sender = current_app.extensions["dingpan_sms"]
    return found
