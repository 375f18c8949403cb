"""The second factor: enrolling an authenticator before anything opens, and a code that counts once."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pyotp
import pytest

from server.accounts import second_factor
from server.accounts.models import Person, SignIn
from server.database import db
from tests.server.conftest import TODAY, TestClock
from tests.server.live import at_once, in_context
from tests.server.pages import Visitor, visitor, words
from tests.server.world import PASSWORD, World, now

SECRET = re.compile(r'<code class="secret">([A-Z2-7 ]+)</code>')
HIDDEN = re.compile(r'name="hidden" value="([^"]+)"')
# RFC 6238, appendix B, SHA-1: the last six digits of its eight, under the secret "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}


def person_named(name: str) -> Person:
    return db.session.query(Person).filter_by(sign_in_name=name).populate_existing().one()


def with_secret(name: str = "supervisor") -> pyotp.TOTP:
    """Give somebody an authenticator, and return it."""
    secret = second_factor.new_secret()
    second_factor.keep(person_named(name), secret, 0)
    db.session.commit()
    return pyotp.TOTP(secret)


def half_in(world: World, name: str = "supervisor", to: str = "") -> Visitor:
    """Return a browser whose user has typed the right password."""
    person = visitor(world)
    person.get("/sign-in")
    answer = person.post("/sign-in", name=name, password=PASSWORD, next=to)
    assert answer.status_code == 302
    person.get(answer.location)
    return person


def cookie(person: Visitor) -> str:
    found = person.client.get_cookie("dingpan")
    assert found is not None
    return found.value


@pytest.mark.parametrize(("moment", "code"), RFC_CODES.items())
def test_codes_are_those_of_the_rfc(moment: int, code: str) -> None:
    at = TODAY.fromtimestamp(moment, TODAY.tzinfo)
    assert second_factor.step_of(RFC_SECRET, code, at, after=0) == moment // 30
    assert second_factor.step_of(RFC_SECRET, str((int(code) + 1) % 10**6).zfill(6), at, after=0) is None


@pytest.mark.parametrize(
    "code", ["", " ", "0", "12345", "1234567", "١٢٣٤٥٦", "１２３４５６", "-12345", "1e5000", "秤" * 12]
)
def test_what_is_no_code_is_none(code: str) -> None:
    assert second_factor.step_of(RFC_SECRET, code, TODAY, after=0) is None


def test_a_code_opens_the_desk_with_another_cookie(world: World) -> None:
    clock, person = with_secret(), half_in(world, to="/console/tasks")
    before = cookie(person)
    assert person.get("/console/").status_code == 302
    assert person.get("/account").status_code == 302
    person.get("/sign-in/code?next=/console/tasks")
    answer = person.post("/sign-in/code", code=clock.at(now()), next="/console/tasks")
    assert (answer.status_code, answer.location) == (302, "/console/tasks")
    assert cookie(person) != before
    assert person.get("/console/").status_code == 200
    (kept,) = db.session.query(SignIn)
    assert kept.is_whole
    assert kept.expires_at == now() + timedelta(hours=12)


def test_a_cookie_of_before_the_code_opens_nothing_afterwards(sqlite_world: World) -> None:
    clock, person = with_secret(), half_in(sqlite_world)
    thief = visitor(sqlite_world)
    thief.client.set_cookie("dingpan", cookie(person))
    person.post("/sign-in/code", code=clock.at(now()), next="")
    assert person.get("/console/").status_code == 200
    assert thief.get("/console/").status_code == 302
    assert thief.get("/sign-in/code").status_code == 302


def test_a_code_counts_once_even_within_its_half_minute(world: World) -> None:
    clock = with_secret()
    code = clock.at(now())
    first, second = half_in(world), half_in(world)
    assert first.post("/sign-in/code", code=code, next="").status_code == 302
    answer = second.post("/sign-in/code", code=code, next="")
    assert answer.status_code == 401
    assert "验证码不对，或者已经用过。" in words(answer)
    assert code not in answer.text


def test_an_older_code_than_one_used_counts_no_more(sqlite_world: World) -> None:
    clock = with_secret()
    first, second = half_in(sqlite_world), half_in(sqlite_world)
    assert first.post("/sign-in/code", code=clock.at(now(), 1), next="").status_code == 302
    assert second.post("/sign-in/code", code=clock.at(now(), 0), next="").status_code == 401


@pytest.mark.parametrize(("steps", "status"), [(-2, 401), (-1, 302), (0, 302), (1, 302), (2, 401)])
def test_a_clock_may_be_one_step_off_and_no_more(sqlite_world: World, steps: int, status: int) -> None:
    clock, person = with_secret(), half_in(sqlite_world)
    assert person.post("/sign-in/code", code=clock.at(now(), steps), next="").status_code == status


def test_two_browsers_with_one_code_at_once_open_one(world: World) -> None:
    clock = with_secret()
    code, person_id = clock.at(now()), world.supervisor
    browsers = [half_in(world), half_in(world)]
    db.session.remove()
    app = world.app

    def _enter(number: int) -> int:
        return in_context(
            app,
            lambda: (
                browsers[number]
                .client.post("/sign-in/code", data={"csrf_token": browsers[number].token, "code": code, "next": ""})
                .status_code
            ),
        )

    statuses = sorted(at_once(2, _enter))
    assert statuses in ([302, 401], [302, 503]), "one waits in vain where the database is busy"
    assert db.session.get_one(Person, person_id).totp_step == int(now().timestamp()) // 30


def test_what_is_typed_with_a_space_counts(sqlite_world: World) -> None:
    clock, person = with_secret(), half_in(sqlite_world)
    code = clock.at(now())
    assert person.post("/sign-in/code", code=f" {code[:3]} {code[3:]} ", next="").status_code == 302


def test_the_time_between_password_and_code_is_short(sqlite_world: World, clock: TestClock) -> None:
    authenticator, person = with_secret(), half_in(sqlite_world)
    clock.move(minutes=5)
    answer = person.post("/sign-in/code", code=authenticator.at(now()), next="")
    assert answer.status_code == 401
    assert "请登录后再试。" in words(answer)


def secret_of(page: str) -> str:
    found = SECRET.search(page)
    assert found is not None
    return found[1].replace(" ", "")


def test_who_has_none_enrols_one_before_anything_else_opens(world: World) -> None:
    person = half_in(world)
    assert person.get("/console/").status_code == 302
    assert person.get("/sign-in/code").location == "/sign-in/second-factor?next="
    page = person.get("/sign-in/second-factor")
    assert page.text.count('<svg class="code"') == 1
    secret, hidden = secret_of(page.text), html.unescape(HIDDEN.search(page.text)[1])  # type: ignore[index]
    assert secret not in hidden
    wrong = person.post("/sign-in/second-factor", code="000000", hidden=hidden, next="")
    assert wrong.status_code == 401
    assert secret_of(wrong.text) == secret, "the authenticator that was set up stays good"
    assert person_named("supervisor").totp_sealed is None, "nothing counts before its first code"
    answer = person.post("/sign-in/second-factor", code=pyotp.TOTP(secret).at(now()), hidden=hidden, next="")
    assert (answer.status_code, answer.location) == (302, "/console/")
    kept = person_named("supervisor")
    assert secret.encode() not in (kept.totp_sealed or b"")
    assert person.get("/console/").status_code == 200


def test_a_first_code_opens_nothing_a_second_time(sqlite_world: World) -> None:
    person = half_in(sqlite_world)
    page = person.get("/sign-in/second-factor").text
    secret, hidden = secret_of(page), html.unescape(HIDDEN.search(page)[1])  # type: ignore[index]
    code = pyotp.TOTP(secret).at(now())
    assert person.post("/sign-in/second-factor", code=code, hidden=hidden, next="").status_code == 302
    assert half_in(sqlite_world).post("/sign-in/code", code=code, next="").status_code == 401


def test_a_password_alone_never_changes_an_authenticator(sqlite_world: World) -> None:
    """A page that was open since before it was enrolled does not either."""
    early = half_in(sqlite_world)
    page = early.get("/sign-in/second-factor").text
    clock = with_secret()
    late = half_in(sqlite_world)
    assert late.get("/sign-in/second-factor").location == "/sign-in/code?next="
    before = person_named("supervisor").totp_sealed
    hidden = html.unescape(HIDDEN.search(page)[1])  # type: ignore[index]
    mine = {"hidden": hidden, "code": pyotp.TOTP(secret_of(page)).at(now()), "next": ""}
    assert early.post("/sign-in/second-factor", **mine).status_code == 401
    assert person_named("supervisor").totp_sealed == before
    assert late.post("/sign-in/code", code=clock.at(now()), next="").status_code == 302


def test_a_secret_of_another_sign_in_or_a_changed_one_is_not_taken(sqlite_world: World) -> None:
    mine, other = half_in(sqlite_world), half_in(sqlite_world)
    page = other.get("/sign-in/second-factor").text
    hidden, code = html.unescape(HIDDEN.search(page)[1]), pyotp.TOTP(secret_of(page)).at(now())  # type: ignore[index]
    mine.get("/sign-in/second-factor")
    for planted in (hidden, hidden[:-8] + "AAAAAAA=", "x", "秤", "A" * 200, "===="):
        answer = mine.post("/sign-in/second-factor", code=code, hidden=planted, next="")
        assert answer.status_code == 422, planted
        assert secret_of(answer.text) != secret_of(page)
    assert person_named("supervisor").totp_sealed is None


def test_a_sealed_secret_opens_in_no_other_row(sqlite_world: World) -> None:
    with_secret("supervisor")
    sealed = person_named("supervisor").totp_sealed
    person_named("inspector").totp_sealed = sealed
    db.session.commit()
    from cryptography.exceptions import InvalidTag

    with pytest.raises(InvalidTag):
        second_factor.accept(db.session(), sqlite_world.inspector, "000000", now())


@pytest.mark.parametrize("name", ["inspector", "verifier"])
def test_who_works_in_the_field_signs_in_with_a_password_alone(sqlite_world: World, name: str) -> None:
    person = visitor(sqlite_world)
    assert person.sign_in(name).location == "/console/"
    assert person.get("/console/").status_code == 200
