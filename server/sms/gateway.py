"""SMS through a gateway over HTTPS: a signed JSON message for each code.

The signature is HMAC-SHA256, in hex, over the timestamp, a line feed, the nonce, a line feed and the body as sent. A
gateway that checks it takes no message of anybody else, and none twice. Redirects are not followed and no proxy of the
environment is asked: the number goes to the address that was set, and nowhere else. Nothing of a message is logged.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import structlog

from server.problems import SmsDown
from server.sms.port import Message, SmsRefused

log = structlog.get_logger(__name__)

TIMEOUT_S = 5.0
TRIES = 2


class HttpSms:
    """A gateway at one address, with a secret that it shares with this server."""

    def __init__(self, url: str, secret: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._secret, self._timeout_s = urlsplit(url), secret.encode(), timeout_s

    def send(self, message: Message, now: datetime) -> None:
        """Send a message; when the connection fails once more, with the same id under another nonce."""
        fields = {"id": message.id, "number": message.number, "code": message.code, "text": message.text}
        body = json.dumps(fields, ensure_ascii=False).encode()
        status = self._status(body, now)
        if not 200 <= status < 300:
            log.warning("sms_refused", status=status)
            raise SmsRefused if 400 <= status < 500 and status != 429 else SmsDown

    def _status(self, body: bytes, now: datetime) -> int:
        for left in reversed(range(TRIES)):
            try:
                return self._post(body, self._headers(body, now))
            except (OSError, HTTPException) as error:
                log.warning("sms_unreachable", error=type(error).__name__)
                if isinstance(error, TimeoutError) or not left:
                    raise SmsDown from error
        raise SmsDown

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=self._timeout_s)
        path = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _headers(self, body: bytes, now: datetime) -> dict[str, str]:
        timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(16)
        signed = f"{timestamp}\n{nonce}\n".encode() + body
        return {
            "Content-Type": "application/json; charset=utf-8",
            "X-Dingpan-Timestamp": timestamp,
            "X-Dingpan-Nonce": nonce,
            "X-Dingpan-Signature": hmac.new(self._secret, signed, hashlib.sha256).hexdigest(),
        }
