"""A running server takes over what is published, by any thread's next request; what is broken leaves the old one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from server import create_app, keyring
from server.database import db
from server.keys import watch
from tests.server.conftest import TODAY, TestClock, settings_for
from tests.server.keys_drill import Bureau, published
from tests.server.live import at_once, serving


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    made = Bureau(tmp_path, TODAY.date())
    made.first_keys()
    return made


@pytest.fixture
def running(bureau: Bureau, sqlite_url: str, tmp_path: Path, clock: TestClock) -> Iterator[Flask]:
    app = create_app(settings_for(sqlite_url, tmp_path), clock=clock)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY_S", 0)


def told(app: Flask, bureau: Bureau) -> tuple[int, list[str]]:
    """Ask for the keys twice; return the number of the set, and why keys were not taken over."""
    with capture_logs() as lines:
        seq = {published(app, bureau)[0].seq for _ in range(2)}
    return seq.pop(), [line["why"] for line in lines if line["event"] == "keys_not_taken_over"]


@pytest.mark.parametrize("name", keyring.FILES)
@pytest.mark.parametrize("content", [None, "", "{", "{}", "[]", '{"body": "{}", "signature": ""}'])
def test_a_broken_file_keeps_the_old_keys_and_is_told_once(
    bureau: Bureau, running: Flask, name: str, content: str | None
) -> None:
    path = bureau.server / name
    sound = path.read_text("utf-8")
    path.unlink()
    if content is not None:
        path.write_text(content, "utf-8")
    seq, why = told(running, bureau)
    assert (seq, len(why), name in why[0]) == (2, 1, True)
    path.write_text(sound, "utf-8")
    bureau.in_the_safe("renew")
    bureau.publish()
    assert told(running, bureau) == (3, [])


@pytest.mark.usefixtures("looks_each_time")
def test_older_files_put_back_are_not_taken_over(bureau: Bureau, running: Flask, tmp_path: Path) -> None:
    shutil.copytree(bureau.server, tmp_path / "backup")
    bureau.in_the_safe("renew")
    bureau.publish()
    bureau.on_the_server("revoke", "1000001")
    assert told(running, bureau) == (3, [])
    for name in ("key-set.json", "revoked.json"):
        kept = (bureau.server / name).read_bytes()
        shutil.copy(tmp_path / "backup" / name, bureau.server)
        seq, why = told(running, bureau)
        assert (seq, why) == (3, ["a lower number, or the same with other bytes"])
        assert published(running, bureau)[1].serials == {1_000_001}
        (bureau.server / name).write_bytes(kept)
        assert told(running, bureau) == (3, [])


@pytest.mark.usefixtures("looks_each_time")
def test_the_same_number_with_other_bytes_is_not_taken_over(bureau: Bureau, running: Flask) -> None:
    fork = bureau.tampered(next="2027-01-31")
    shutil.copy(fork / "key-set.json", bureau.server)
    assert keyring.load(bureau.server).key_set.seq == 2
    assert told(running, bureau) == (2, ["a lower number, or the same with other bytes"])
    assert json.loads(running.test_client().get("/api/v1/keys").get_json()["body"])["next"] == "2027-02-19"


def test_a_file_that_was_copied_over_is_seen_within_a_second(
    bureau: Bureau, running: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its folder looks as before; only what was renamed into place shows at once."""
    now = SimpleNamespace(monotonic=lambda: 100.0)
    monkeypatch.setattr(watch, "time", now)
    assert told(running, bureau) == (2, [])
    bureau.in_the_safe("renew")
    shutil.copytree(bureau.server, tmp_path / "publishing")
    elsewhere, bureau.server = bureau.server, tmp_path / "publishing"
    bureau.publish()
    shutil.copy(bureau.server / "key-set.json", elsewhere)
    now.monotonic = lambda: 100.9
    assert told(running, bureau) == (2, [])
    now.monotonic = lambda: 101.0
    assert told(running, bureau) == (3, [])


def test_a_keyring_that_was_handed_in_is_not_watched(bureau: Bureau, sqlite_url: str, tmp_path: Path) -> None:
    app = create_app(settings_for(sqlite_url, tmp_path), keyring=bureau.ring)
    bureau.in_the_safe("renew")
    bureau.publish()
    assert published(app, bureau)[0].seq == 2


def test_many_threads_see_whole_keyrings_while_they_change(bureau: Bureau, running: Flask) -> None:
    """Each answer is a set that was published; nobody is refused, and the last one reaches everybody."""
    seqs: list[list[int]] = [[] for _ in range(4)]

    def work(number: int) -> None:
        if number == 0:
            for serial in range(1, 13):
                bureau.on_the_server("revoke", str(serial))
            return
        while not seqs[number] or seqs[number][-1] < 13:
            answer: Any = server.send("GET", "/api/v1/revoked")
            assert answer.status == 200
            seqs[number].append(json.loads(answer.json["body"])["seq"])

    with serving(running) as server:
        at_once(4, work)
    assert all(seen == sorted(seen) and seen[-1] == 13 for seen in seqs[1:])


def test_looking_costs_less_than_reading(bureau: Bureau, running: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read again only when they changed: a request in between opens none of them."""
    read: list[Path] = []
    load = keyring.load
    counting = SimpleNamespace(load=lambda folder: read.append(folder) or load(folder))
    monkeypatch.setattr(watch, "keyring", counting)
    for _ in range(3):
        published(running, bureau)
    assert read == []
    bureau.on_the_server("renew")
    for _ in range(3):
        published(running, bureau)
    assert read == [bureau.server]
