"""Pages of labels as the layer before the framework answers them, and as the routes behind it do."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from server.public.answering import Answering
from tests.server.pages import forget_last_request

NONCE = re.compile(r"'nonce-([\w-]{22})'")
# New in every answer, made by the server's own machinery, or of another length where the compression is another.
OF_ITS_OWN = ("X-Request-Id", "Date", "Content-Length")
MANY = ("", "gzip", "gzip, deflate, br, zstd")


@dataclass(frozen=True)
class Said:
    """What an answer says, without what is new in every answer; ``nonce`` "" where there is none."""

    status: int
    headers: Mapping[str, str]
    page: bytes
    nonce: str


def layer(app: Flask) -> Answering:
    """Return the layer before an app's routes."""
    found = app.wsgi_app
    assert isinstance(found, Answering)
    return found


def said(answer: TestResponse) -> Said:
    """Read an answer; the nonce of its headers must be the nonce of its page."""
    headers = {name: value for name, value in answer.headers.items() if name not in OF_ITS_OWN}
    content, way = answer.data, headers.pop("Content-Encoding", "")
    assert way in ("", "gzip"), way
    page = gzip.decompress(content) if way else content
    found = NONCE.findall(headers.get("Content-Security-Policy", ""))
    nonce = found[0] if found else ""
    assert set(found) <= {nonce}
    if page:
        assert page.count(f'nonce="{nonce}"'.encode()) >= 1
        assert page.count(nonce.encode()) == page.count(b'nonce="')
    hidden = {name: value.replace(nonce, "") if nonce else value for name, value in headers.items()}
    return Said(answer.status_code, hidden, page.replace(nonce.encode(), b"") if nonce else page, nonce)


def by_routes(app: Flask, path: str, **headers: str) -> TestResponse:
    """Open a page by its route alone."""
    forget_last_request()
    return _client(layer(app).routes).get(path, headers=headers)


def by_layer(app: Flask, path: str, **headers: str) -> TestResponse:
    """Open a page of which the layer must answer itself."""
    with handed_over(app) as paths:
        answer = plain(app, path, **headers)
    assert paths == [], f"{paths} were left to the routes"
    return answer


def plain(app: Flask, path: str, **headers: str) -> TestResponse:
    """Open a page as everybody does."""
    forget_last_request()
    return _client(app.wsgi_app).get(path, headers=headers)


@contextmanager
def handed_over(app: Flask) -> Iterator[list[str]]:
    """Collect which paths the layer leaves to the routes."""
    stands, paths = layer(app), list[str]()
    routes = stands.routes

    def _listen(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        paths.append(environ["PATH_INFO"])
        return routes(environ, start_response)

    stands.routes = _listen
    try:
        yield paths
    finally:
        stands.routes = routes


def _client(application: Any) -> Client:
    return Client(application, use_cookies=False)
