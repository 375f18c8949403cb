"""Sending codes: at once where the person must know whether it worked, or after the answer where nobody may tell.

Whoever types a number at the sign-in must not learn whether we know it: a known one is sent its code only once the
answer has left, and a gateway that failed a moment ago is told to everyone alike, before any number is looked up.
"""

from __future__ import annotations

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


class Sender:
    """The port in use (None: codes are not offered), and since when it is known to fail."""

    def __init__(self, port: Port | None) -> None:
        self.port = port
        self._rests_until: datetime | None = None

    @property
    def is_offered(self) -> bool:
        """Whether codes are sent at all."""
        return self.port is not None

    def require_up(self, now: datetime) -> None:
        """Raise SmsDown for a minute after a message could not be sent."""
        if self.port is None or (self._rests_until is not None and now < self._rests_until):
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
            self._rests_until = now + RESTS
            raise
        self._rests_until = None

    def send_after(self, answer: Response, message: Message, now: datetime) -> None:
        """Send a message once an answer has left; whether that worked, the next request learns."""
        answer.call_on_close(lambda: self._try_to_send(message, now))

    def _try_to_send(self, message: Message, now: datetime) -> None:
        try:
            self.send(message, now)
        except SmsDown:
            log.warning("sms_not_sent")


def port_of(settings: Sms) -> Port | None:
    """Return the port that the settings name."""
    if settings.way == "http":
        return HttpSms(settings.url, settings.secret)
    return ConsoleSms() if settings.way == "console" else None


def register(app: Flask) -> None:
    """Give the app its sender."""
    app.extensions["dingpan_sms"] = Sender(port_of(app.extensions["dingpan"].settings.sms))


def sender() -> Sender:
    """Return the sender of the running app."""
    found: Sender = current_app.extensions["dingpan_sms"]
    return found
