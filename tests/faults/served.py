"""The pretend server on a free port of loopback, for phones that are processes of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from shared.signing import sha256_hex
from tests.builders import an_id
from tests.faults.pretend_uploads import PhotoServer
from tests.fieldapp.field_builders import a_scale_row

PICTURES = 3


def a_server() -> PhotoServer:
    """Return a server whose register names some pictures."""
    server = PhotoServer()
    server.gives_snapshots = True
    for number in range(PICTURES):
        picture = bytes([number]) * 500
        server.pictures[sha256_hex(picture)] = picture
        row = a_scale_row(an_id(0x70000 + number), serial=f"R{number}", label=None, photo=sha256_hex(picture))
        server.bring("instrument", row)
    return server


@contextmanager
def serving(server: PhotoServer) -> Iterator[str]:
    """Serve until the block ends; yields the address."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = requests.Request(self.command, f"http://{self.headers['Host']}{self.path}", dict(self.headers))
            request = asked.prepare()
            request.body = content or None
            with lock:
                answer = server.send(request)
            body = answer.raw.read()
            self.send_response(answer.status_code)
            for name, value in {**answer.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_HEAD = _answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    class Served(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A phone that is killed breaks its line."""

    with Served(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_address[1]}"
        finally:
            served.shutdown()
            thread.join()
