"""Too many failures close a name for a while, and the answer never tells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from server import transaction
from server.accounts import lockout, passwords
from server.accounts.models import FailedSignIns, Person, Role, SignIn
from server.accounts.service import second_factor
from server.database import begin_write, db
from server.keyring import Keyring
from server.limits import limiter
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.pages import Visitor, visitor, words
from tests.server.people import cookie_of, one_of_each
from tests.server.test_second_factor import half_in, person_named, with_secret
from tests.server.world import PASSWORD, World, now

WRONG = "not this"
CHANGES = re.compile(r'nonce="[^"]+"|nonce-[^\']+|value="[^"]*"')


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


def attempt(world: World, name: str, password: str = WRONG) -> tuple[int, str]:
    """Try to sign in from a new browser; return status and page, without what differs each time."""
    limiter.reset()
    person = visitor(world)
    person.get("/sign-in")
    answer = person.post("/sign-in", name=name, password=password, next="")
    return answer.status_code, CHANGES.sub("", answer.text)


def fail(world: World, name: str, times: int) -> list[tuple[int, str]]:
    return [attempt(world, name) for _ in range(times)]


def test_after_ten_failures_the_right_password_is_refused_like_a_wrong_one(world: World, clock: TestClock) -> None:
    wrong = fail(world, "inspector", 10)
    locked = [attempt(world, "inspector"), attempt(world, "inspector", PASSWORD), attempt(world, "INSPECTOR", PASSWORD)]
    assert {*wrong, *locked[:2]} == {wrong[0]}, "the same status and the same page, word for word"
    assert {status for status, _ in locked} == {401}
    clock.move(minutes=14, seconds=59)
    assert attempt(world, "inspector", PASSWORD)[0] == 401
    clock.move(seconds=1)
    assert attempt(world, "inspector", PASSWORD)[0] == 302


def test_nine_failures_close_nothing_and_a_success_begins_anew(sqlite_world: World) -> None:
    for _ in range(2):
        fail(sqlite_world, "inspector", 9)
        assert attempt(sqlite_world, "inspector", PASSWORD)[0] == 302
    assert db.session.query(FailedSignIns).count() == 0


def test_trying_on_does_not_keep_a_name_closed_for_longer(sqlite_world: World, clock: TestClock) -> None:
    fail(sqlite_world, "inspector", 10)
    clock.move(minutes=10)
    fail(sqlite_world, "inspector", 3)
    clock.move(minutes=5)
    assert attempt(sqlite_world, "inspector", PASSWORD)[0] == 302


def test_after_the_quarter_of_an_hour_ten_more_may_fail(sqlite_world: World, clock: TestClock) -> None:
    fail(sqlite_world, "inspector", 11)
    clock.move(minutes=15)
    fail(sqlite_world, "inspector", 10)
    assert attempt(sqlite_world, "inspector", PASSWORD)[0] == 401


def test_a_name_that_nobody_has_is_closed_alike(sqlite_world: World) -> None:
    known, unknown = fail(sqlite_world, "inspector", 11), fail(sqlite_world, "nobody", 11)
    assert {*known, *unknown} == {known[0]}
    assert {row.failures for row in db.session.query(FailedSignIns)} == {11}


def test_another_name_stays_open(sqlite_world: World) -> None:
    fail(sqlite_world, "inspector", 11)
    assert attempt(sqlite_world, "colleague", PASSWORD)[0] == 302


def test_a_closed_name_costs_as_much_work_as_an_open_one(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    real = passwords._hasher

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            compared.append(hashed.split("$")[3])
            return real.verify(hashed, password)

        def hash(self, password: str) -> str:
            return real.hash(password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name, password in (("inspector", "not this"), ("nobody", "not this")):
        attempt(sqlite_world, name, password)
    fail(sqlite_world, "inspector", 9)
    attempt(sqlite_world, "inspector", PASSWORD)
    assert len(compared) == 12
    assert len(set(compared)) == 1


def test_no_name_is_kept_but_a_keyed_hash_of_it(sqlite_world: World) -> None:
    fail(sqlite_world, "Inspector", 1)
    (row,) = db.session.query(FailedSignIns)
    plain = {hashlib.sha256(text.encode()).hexdigest() for text in ("inspector", "Inspector")}
    assert row.name_hmac not in plain
    assert len(row.name_hmac) == 64


def test_the_page_always_says_what_to_do_after_many_failures(sqlite_world: World) -> None:
    sentence = "多次失败后请等一刻钟再试，或联系安全管理员。"
    assert sentence in words(visitor(sqlite_world).get("/sign-in"))
    assert all(sentence in page for _, page in fail(sqlite_world, "inspector", 11))


def test_wrong_codes_count_too_and_a_right_password_between_them_forgives_nothing(world: World) -> None:
    clock = with_secret()
    person = half_in(world)
    for _ in range(5):
        limiter.reset()
        assert person.post("/sign-in/code", code="000000", next="").status_code == 401
    again = half_in(world)
    for _ in range(5):
        limiter.reset()
        assert again.post("/sign-in/code", code="000000", next="").status_code == 401
    refused = again.post("/sign-in/code", code=clock.at(now()), next="")
    assert refused.status_code == 401
    assert "验证码不对，或者已经用过。" in words(refused)
    assert attempt(world, "supervisor", PASSWORD)[0] == 401


def test_nine_failures_leave_the_tenth_try_password_and_code(sqlite_world: World) -> None:
    clock = with_secret()
    fail(sqlite_world, "supervisor", 9)
    assert half_in(sqlite_world).post("/sign-in/code", code=clock.at(now()), next="").status_code == 302


def test_wrong_first_codes_count_too(sqlite_world: World) -> None:
    person = half_in(sqlite_world)
    for _ in range(11):
        limiter.reset()
        hidden = second_factor.hide("JBSWY3DPEHPK3PXP", _sign_in_id(person))
        assert person.post("/sign-in/second-factor", code="000000", hidden=hidden, next="").status_code == 401
    assert attempt(sqlite_world, "supervisor", PASSWORD)[0] == 401


def _sign_in_id(person: Visitor) -> str:
    found: str = db.session.query(SignIn).filter_by(is_whole=False).one().id
    return found


def test_twenty_at_once_are_counted_each_once_and_ten_compared(patient: Flask) -> None:
    def _try(_: int) -> bool:
        def _count() -> bool:
            begin_write()
            may = lockout.count_try(db.session(), "inspector", now())
            db.session.commit()
            return may

        return in_context(patient, _count)

    assert sorted(at_once(20, _try)) == [False] * 10 + [True] * 10
    (row,) = db.session.query(FailedSignIns)
    assert row.failures == 11


def test_a_security_administrator_opens_a_closed_name(sqlite_world: World) -> None:
    people = one_of_each(sqlite_world)
    fail(sqlite_world, "inspector", 10)
    desk = visitor(sqlite_world)
    desk.client.set_cookie("dingpan", cookie_of(people[Role.SECURITY_ADMINISTRATOR]))
    people[Role.SECURITY_ADMINISTRATOR].password_hash = person_named("inspector").password_hash
    db.session.commit()
    assert "登录失败过多，暂时锁定" in words(desk.get(f"/console/people/{sqlite_world.inspector}"))
    assert desk.post(f"/console/people/{sqlite_world.inspector}/unlock").status_code == 303
    assert "登录失败过多" not in words(desk.get(f"/console/people/{sqlite_world.inspector}"))
    assert attempt(sqlite_world, "inspector", PASSWORD)[0] == 302


def test_names_that_nobody_tried_for_a_day_are_forgotten(world: World, clock: TestClock) -> None:
    fail(world, "gone", 2)
    clock.move(days=1, seconds=1)
    fail(world, "new", 1)
    assert db.session.query(FailedSignIns).count() == 1


def test_a_failure_keeps_no_person_waiting(sqlite_world: World) -> None:
    """Counting touches no row of people, and leaves no act."""
    before = db.session.query(Person).count()
    fail(sqlite_world, "inspector", 2)
    begin_write()
    transaction.commit(db.session(), now())
    assert db.session.query(Person).count() == before
