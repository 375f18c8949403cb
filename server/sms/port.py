"""What it is to send an SMS: one message, and either it was taken or SmsDown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.problems import SmsDown


@dataclass(frozen=True)
class Message:
    """A code for one number. ``id`` names the message, however often it is tried; ``text`` is what the person reads.

    Gateways that send by template take the ``code`` alone.
    """

    id: str
    number: str
    code: str
    text: str


class SmsRefused(SmsDown):
    """The gateway does not take a message for this number, and may take others."""


class Port(Protocol):
    """Sends messages."""

    def send(self, message: Message, now: datetime) -> None:
        """Hand a message over; raises SmsDown when it was not taken."""
