"""Canaries in every place where personal or secret data comes in; none is found in a log, a stranger's page or a file.

The application is driven through good and bad requests, errors of the database and errors that nobody foresaw. What is
added later (another secret, another form) gets its line in ``Drive.canaries`` and a request in ``Drive``.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
import structlog

from server import serving
from server.accounts.models import Person, SignIn
from server.accounts.service import sha256_of
from server.contacts import sealing
from server.database import db
from tests.server.canaries import Canary, database_file, found_in, in_cells, in_files
from tests.server.canary_drive import IDENTITY, NUMBER, QUERY, REPORTER, SMS_CODE, Drive
from tests.server.world import World


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = sealing.Costs(passes=1, memory_kib=8, lanes=1)
    monkeypatch.setattr(sealing, "Costs", lambda: cheap)


@pytest.fixture
def drive(world: World, monkeypatch: pytest.MonkeyPatch) -> Drive:
    return Drive(world, monkeypatch)


def test_no_canary_is_found_where_it_must_not_be(drive: Drive, logged: io.StringIO) -> None:
    drive.everything()
    assert len(drive.canaries) >= 30
    assert len(drive.answers) > 40
    assert {answer.status_code for answer, _ in drive.answers} >= {200, 302, 303, 400, 401, 404, 422, 429, 500}
    assert '"event": "unhandled"' in logged.getvalue()
    assert '"event": "database_error"' in logged.getvalue()
    assert found_in(logged.getvalue().encode(), drive.canaries) == []
    assert drive.in_answers() == [], drive.in_answers()
    assert in_cells(drive.canaries) == []
    evidence = drive.world.app.extensions["dingpan"].settings.evidence_dir
    assert in_files(evidence, drive.canaries, but=["photo"]) == []
    file = database_file(drive.world.app)
    if file is None:
        return
    hidden = [one for one in drive.canaries if not one.in_database]
    db.session.commit()
    for _ in range(2):
        db.engine.dispose()
        assert found_in(file.read_bytes(), hidden) == []
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM")


def test_what_is_part_of_a_record_is_there(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the search finds nothing for the right reason: the same reader sees what must be there."""
    drive = Drive(sqlite_world, monkeypatch).everything()
    records = [Canary(one.name, one.value) for one in drive.canaries if one.in_database]
    seen = {told.partition(": ")[2] for told in in_cells(records)}
    assert seen >= {"remark", "strokes"}
    evidence = drive.world.app.extensions["dingpan"].settings.evidence_dir
    assert in_files(evidence, drive.canaries) == ["photo"]


# --- each sort of leak is caught --------------------------------------------------------------------------------------


def a_line(drive: Drive) -> None:
    structlog.get_logger("planted").debug("sent", to=NUMBER)


def a_plain_line(drive: Drive) -> None:
    logging.getLogger("planted").debug("asked for %s", f"/x?{QUERY}")


def a_trace_with_its_message(drive: Drive) -> None:
    try:
        int(IDENTITY + "X")
    except ValueError as error:
        logging.getLogger("planted").exception("failed", exc_info=error)


LINES: list[Callable[[Drive], None]] = [a_line, a_plain_line, a_trace_with_its_message]


@pytest.mark.parametrize("leak", LINES)
def test_a_planted_line_is_caught(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO, leak: Callable[[Drive], None]
) -> None:
    drive = Drive(sqlite_world, monkeypatch)
    leak(drive)
    assert found_in(logged.getvalue().encode(), drive.canaries) != []


@pytest.mark.parametrize("path", ["/problems/not-found", "/api/v1/nothing"])
def test_a_planted_page_and_a_planted_detail_are_caught(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    drive = Drive(sqlite_world, monkeypatch)

    def leak(answer: Any) -> Any:
        answer.set_data(answer.data + NUMBER.encode())
        return answer

    sqlite_world.app.after_request(leak)
    drive.ask("GET", path)
    assert drive.in_answers() == [f"{path}: number"]
    drive.answers[0][1].add("number")
    assert drive.in_answers() == [], drive.in_answers()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "inside": lambda value: f"call {value} back",
    "base64": lambda value: base64.b64encode(f"x{value}".encode()).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "address": lambda value: f"%20{value}%20",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_planted_plain_column_is_caught_in_its_cell_and_in_the_file(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    drive = Drive(sqlite_world, monkeypatch)
    person = db.session().get_one(Person, sqlite_world.inspector)
    person.name = SPELLINGS[spelling](NUMBER)
    db.session.commit()
    assert in_cells(drive.canaries) == ["person.name: number"]
    file = database_file(sqlite_world.app)
    assert file is not None
    assert found_in(file.read_bytes(), drive.canaries) == ["number"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_planted_cell_of_wide_letters_is_caught(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    drive = Drive(sqlite_world, monkeypatch)
    db.session().get_one(Person, sqlite_world.inspector).totp_sealed = REPORTER.encode(encoding)
    db.session.commit()
    assert in_cells(drive.canaries) == ["person.totp_sealed: reporter"]


def test_a_code_of_six_digits_is_found_alone_and_not_within_a_hash() -> None:
    code = [Canary("code", SMS_CODE)]
    assert found_in(f"the code {SMS_CODE}.".encode(), code) == ["code"]
    assert found_in(f"ab{SMS_CODE}cd".encode(), code) == []


# --- what serves ------------------------------------------------------------------------------------------------------


def test_the_server_keeps_no_access_log_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {}

    class Recorder:
        def __init__(self, *_: Any, **options: Any) -> None:
            told.update(options)

        def serve(self) -> None:
            """Serve nobody."""

    monkeypatch.setattr(serving, "Granian", Recorder)
    serving.serve("127.0.0.1", 1)
    assert told["factory"] is True
    assert not told.get("log_access", False)


def test_the_sign_in_is_kept_as_a_hash(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drive = Drive(sqlite_world, monkeypatch)
    drive.sign_in()
    cookie = next(one.value for one in drive.canaries if one.name == "cookie")
    assert [row.sha256 for row in db.session.query(SignIn)] == [sha256_of(cookie)]
    assert json.dumps(cookie) not in json.dumps([row.browser for row in db.session.query(SignIn)])
