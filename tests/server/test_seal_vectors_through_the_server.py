"""The published labels before the server: what a phone's browser opens tells the published verdict."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from server import create_app
from server.database import db
from server.keyring import Keyring
from server.public import shown
from shared.keys import open_key_set, open_revocations
from tests.server.conftest import TestClock, settings_for
from tests.server.plain_pages import layer
from tests.vectors.make_seal_vectors import FILE, HOST

VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
HOME = f"HTTPS://{HOST}"
# A server always has a list, and a browser sends neither fragment nor another host to it; a query is no part of a path.
ASKED = [
    case
    for case in VECTORS["cases"]
    if case["revoked"] and case["link"].startswith(f"{HOME}/V/") and not set(case["link"]) & set("?#")
]


def papers_of(case: dict[str, Any]) -> tuple[str, str]:
    return case["keys"], case["revoked"]


GROUPS = {papers: list(cases) for papers, cases in groupby(sorted(ASKED, key=papers_of), key=papers_of)}


@pytest.fixture(params=GROUPS, ids=" and ".join)
def published(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: TestClock
) -> Iterator[tuple[Flask, list[dict[str, Any]]]]:
    """A server whose published documents are those of some cases, and the cases."""
    keys_name, list_name = request.param
    root = base64.b64decode(VECTORS["root"])
    documents = VECTORS["key_sets"][keys_name], VECTORS["revoked"][list_name]
    keys = open_key_set(documents[0], root)
    keyring = Keyring(root, {}, *documents, keys, open_revocations(documents[1], keys))
    app = create_app(settings_for(sqlite_url, tmp_path), keyring=keyring, clock=clock)
    with app.app_context():
        yield app, GROUPS[request.param]
        db.session.remove()
        db.engine.dispose()


def test_most_published_labels_can_be_asked_of_a_server() -> None:
    assert len(ASKED) > 100


def test_the_page_tells_each_published_verdict(
    published: tuple[Flask, list[dict[str, Any]]], clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, cases = published
    told: list[str] = []
    real = shown.answer

    def _listen(verdict: Any, *rest: Any) -> Any:
        told.append(verdict.value)
        return real(verdict, *rest)

    monkeypatch.setattr(shown, "answer", _listen)
    for case in cases:
        layer(app)._pages.clear()  # a label may stand in two cases of one day
        clock.moment = datetime.combine(date.fromisoformat(case["day"]), time(4), UTC)
        status = app.test_client().get(quote(case["link"].removeprefix(HOME))).status_code
        expected = (404, []) if case["verdict"] == "not_a_seal" else (200, [case["verdict"]])
        assert (case["name"], status, told) == (case["name"], *expected)
        told.clear()
