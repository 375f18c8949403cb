"""A password that is known from a breach is not taken, where the bureau keeps a list; nobody else is asked about it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from server.accounts import breached
from server.accounts.breached import is_list, is_listed
from server.accounts.models import Person
from server.database import db
from server.settings import MissingSetting, Settings
from tests.server.pages import visitor, words
from tests.server.test_people import a_link
from tests.server.test_settings import WHOLE
from tests.server.world import PASSWORD, World

SEED = random.SystemRandom().randrange(1 << 32)
KNOWN, UNKNOWN = "correct horse battery staple", "a sentence only I know"


def digits(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def a_list(folder: Path, passwords: Iterable[str], *, end: str = "\r\n", last: str | None = None) -> Path:
    """Write a list as the downloader does; ``last`` is how its last line ends."""
    lines = sorted(f"{digits(password)}:{number}" for number, password in enumerate(passwords, start=1))
    path = folder / "breached.txt"
    path.write_bytes((end.join(lines) + (end if last is None else last)).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [None, ""])
@pytest.mark.parametrize("count", [1, 2, 3, 1000])
def test_every_password_of_the_list_is_found_and_no_other(
    tmp_path: Path, end: str, last: str | None, count: int
) -> None:
    dice = random.Random(SEED)
    passwords = [f"{dice.random()} 密码 {number}" for number in range(2 * count)]
    path = a_list(tmp_path, passwords[:count], end=end, last=last)
    found = [is_listed(path, password) for password in passwords]
    assert found == [True] * count + [False] * count, f"seed {SEED}"


def test_a_list_without_counts_serves_too_and_an_empty_one_knows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("".join(sorted(f"{digits(one)}\n" for one in (KNOWN, "x", "y"))))
    assert (is_listed(path, KNOWN), is_listed(path, UNKNOWN)) == (True, False)
    path.write_text("")
    assert not is_listed(path, KNOWN)


def test_few_lines_of_a_long_list_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of the search halves what is left."""
    path, asked = tmp_path / "long", []
    path.write_text("".join(f"{number:040X}:1\n" for number in range(0, 1 << 160, (1 << 160) // 50_000)))
    read = breached._line_from
    monkeypatch.setattr(breached, "_line_from", lambda file, at: asked.append(at) or read(file, at))
    assert not is_listed(path, UNKNOWN)
    assert len(asked) <= path.stat().st_size.bit_length() + 1


# --- choosing a password --------------------------------------------------------------------------------------------


def keep_a_list(app: Flask, folder: Path, *passwords: str) -> None:
    dingpan = app.extensions["dingpan"]
    settings = replace(dingpan.settings, breached_passwords=a_list(folder, passwords))
    app.extensions["dingpan"] = replace(dingpan, settings=settings)


def test_who_joins_chooses_another(sqlite_world: World, tmp_path: Path) -> None:
    keep_a_list(sqlite_world.app, tmp_path, KNOWN, "others")
    person, link = a_link(sqlite_world)
    browser = visitor(sqlite_world)
    browser.get(link)
    answer = browser.post(link, password=KNOWN, password_again=KNOWN)
    assert answer.status_code == 422
    assert "这个密码出现在已泄露密码的名单里，别人会先试它。请换一个。" in words(answer)
    assert KNOWN not in answer.text
    assert db.session.get_one(Person, person.id, populate_existing=True).password_hash is None
    assert browser.post(link, password=UNKNOWN, password_again=UNKNOWN).status_code == 302


def test_who_changes_the_password_too(sqlite_world: World, tmp_path: Path) -> None:
    keep_a_list(sqlite_world.app, tmp_path, KNOWN)
    person = visitor(sqlite_world, "inspector")
    person.get("/account")
    for chosen, status in ((KNOWN, 422), (UNKNOWN, 303)):
        answer = person.post("/account/password", old_password=PASSWORD, password=chosen, password_again=chosen)
        assert answer.status_code == status, chosen


def test_without_a_list_nothing_is_looked_up(sqlite_world: World) -> None:
    assert sqlite_world.app.extensions["dingpan"].settings.breached_passwords is None
    _, link = a_link(sqlite_world)
    browser = visitor(sqlite_world)
    browser.get(link)
    assert browser.post(link, password=KNOWN, password_again=KNOWN).status_code == 302


# --- the setting ----------------------------------------------------------------------------------------------------


def test_the_setting_names_a_list_that_is_there(tmp_path: Path) -> None:
    path = a_list(tmp_path, [KNOWN])
    assert Settings.from_env(WHOLE).breached_passwords is None
    assert Settings.from_env(WHOLE | {"DINGPAN_BREACHED_PASSWORDS": str(path)}).breached_passwords == path


@pytest.mark.parametrize("content", [None, "", "password\n", digits(KNOWN).lower() + ":3\n", "00" * 16 + ":3\n"])
def test_what_is_no_list_stops_the_start(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "list"
    if content is not None:
        path.write_text(content)
    assert not is_list(path)
    with pytest.raises(MissingSetting, match="DINGPAN_BREACHED_PASSWORDS"):
        Settings.from_env(WHOLE | {"DINGPAN_BREACHED_PASSWORDS": str(path)})
