"""An SMS gateway on loopback that checks what a real one would, and answers as a test says."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a secret that the gateway of the tests knows"


@dataclass
class Gateway:
    """``answers`` are statuses in turn (0: hang up without a word), then 200; ``taken`` what was accepted.

    ``may_answer`` clear: it hangs. ``came`` is set once a message was accepted.
    """

    port: int = 0
    answers: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    may_answer: threading.Event = field(default_factory=threading.Event)
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send?channel=codes"

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Return the status of a message; a wrong signature or a nonce used before is refused."""
        self.headers.append(headers)
        self.may_answer.wait(10)
        if self.answers and (status := self.answers.pop(0)) != 200:
            return status
        signed = f"{headers['x-dingpan-timestamp']}\n{headers['x-dingpan-nonce']}\n".encode() + body
        wanted = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, headers["x-dingpan-signature"]) or path != "/send?channel=codes":
            return 401
        if headers["x-dingpan-nonce"] in self.nonces:
            return 409
        self.nonces.add(headers["x-dingpan-nonce"])
        self.taken.append(json.loads(body))
        self.came.set()
        return 200


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run a gateway until the block ends."""
    found = Gateway()
    found.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the gateway."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = found.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            if status:
                self.send_response(status)
                if status in (301, 307):
                    self.send_header("Location", f"http://127.0.0.1:{found.port}/send?channel=codes")
                self.send_header("Content-Length", "0")
                self.end_headers()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        found.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()
