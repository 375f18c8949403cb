"""The demo's SMS: a line on the terminal. Codes in a log are worth nothing, so nothing but the demo may use it."""

from __future__ import annotations

from datetime import datetime

import structlog

from server.sms.port import Message

log = structlog.get_logger(__name__)


class ConsoleSms:
    """Writes each message into the server's log."""

    def send(self, message: Message, now: datetime) -> None:
        """Write number and text."""
        log.info("sms", number=message.number, text=message.text, sent_at=now.isoformat())
