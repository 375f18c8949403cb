"""Signing in by phone number: a code by SMS, once, ten minutes, five tries; and nothing tells whose numbers we know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from server import transaction
from server.accounts.models import SignIn
from server.administration.models import Act
from server.contacts import service as contacts
from server.contacts.models import Contact
from server.database import Base, begin_write, db
from server.keyring import Keyring
from server.limits import limiter
from server.memberships import service as memberships
from server.memberships.models import PhoneCode
from server.merchant.codes import spaced
from server.problems import SmsDown
from server.sms.port import Message
from server.sms.service import Sender
from tests.server.conftest import TestClock
from tests.server.joining import accept, operate, with_two_stalls
from tests.server.live import at_once, in_context, patient_app
from tests.server.pages import Visitor, visitor, words
from tests.server.test_memberships import end_at_the_desk
from tests.server.test_pages_merchant import invitation, merchant
from tests.server.world import World, make_world, now

NUMBER, OTHER, UNKNOWN = "13800000000", "13900000001", "13700000009"
SIX = re.compile(r"\b\d{6}\b")


@dataclass
class Pocket:
    """The phones of everybody: what was sent, or a network that takes nothing."""

    sent: list[Message] = field(default_factory=list)
    is_down: bool = False
    tried: int = 0

    def send(self, message: Message, now: datetime) -> None:
        self.tried += 1
        if self.is_down:
            raise SmsDown
        self.sent.append(message)

    @property
    def code(self) -> str:
        return self.sent[-1].code


@pytest.fixture
def pocket(request: pytest.FixtureRequest) -> Pocket:
    """Messages of the app that the test uses go here."""
    app: Flask = request.getfixturevalue("app" if "world" in request.fixturenames else "sqlite_app")
    limiter.reset()
    found = Pocket()
    app.extensions["dingpan_sms"] = Sender(found)
    return found


def ask(person: Visitor, number: str, path: str = "/m/enter") -> TestResponse:
    """Ask for a code, and wait until what follows the answer is done."""
    person.get(path)
    answer = person.post(path, number=number)
    answer.close()
    return answer


def register(person: Visitor, pocket: Pocket, number: str = NUMBER) -> TestResponse:
    """Register a number with the code that was sent there."""
    ask(person, number, "/m/number")
    answer = person.post("/m/number/code", number=number, code=pocket.code)
    person.get("/m/number")
    return answer


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
def known(world: World, pocket: Pocket, clock: TestClock) -> World:
    """A world whose first merchant has registered a number, an hour ago."""
    assert register(merchant(world), pocket).status_code == 303
    clock.move(hours=1)
    limiter.reset()
    pocket.sent.clear()
    return world


# --- signing in -----------------------------------------------------------------------------------------------------


def test_a_code_signs_a_merchant_in_for_thirty_days(known: World, pocket: Pocket) -> None:
    person = visitor(known)
    assert "验证码会在一分钟内发到这个手机号" in words(ask(person, NUMBER))
    (message,) = pocket.sent
    assert (message.number, SIX.findall(message.text)) == (NUMBER, [message.code])
    answer = person.post("/m/enter/code", number=NUMBER, code=message.code)
    assert (answer.status_code, answer.location) == (303, "/m/")
    assert "Max-Age=2592000" in str(answer.headers.getlist("Set-Cookie"))
    assert "merchant 1" in words(person.get("/m/"))


@pytest.mark.parametrize("typed", ["+86 138 0000 0000", "138-0000-0000", "086 13800000000", "8613800000000"])
def test_a_number_may_be_typed_as_people_write_it(known: World, pocket: Pocket, typed: str) -> None:
    person = visitor(known)
    answer = ask(person, typed)
    is_right = not typed.startswith("086")
    assert answer.status_code == (200 if is_right else 422)
    if is_right:
        assert "如果 138 0000 0000 登记过" in words(answer)
        code = f"{pocket.code[:3]} {pocket.code[3:]}"
        assert person.post("/m/enter/code", number=NUMBER, code=code).status_code == 303
    else:
        assert "请输入 11 位手机号" in words(answer)
        assert f'value="{typed}"' in answer.text


def test_with_several_stalls_one_chooses_and_with_none_left_one_is_told(
    world: World, pocket: Pocket, clock: TestClock
) -> None:
    register(with_two_stalls(world), pocket)
    for party, leads, said in ((1, "/m/stalls", "merchant 2"), (0, "/m/", "merchant 1")):
        clock.move(hours=1)
        person = visitor(world)
        ask(person, NUMBER)
        answer = person.post("/m/enter/code", number=NUMBER, code=pocket.code)
        assert answer.location == leads
        assert said in words(person.get(leads))
        end_at_the_desk(world, party)
    clock.move(hours=1)
    person = visitor(world)
    ask(person, NUMBER)
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).location == "/m/stalls"
    assert "现在没有委托给您的摊位了。" in words(person.get("/m/stalls"))


def test_an_operator_begins_at_the_market(sqlite_world: World, pocket: Pocket, clock: TestClock) -> None:
    operate(sqlite_world, sqlite_world.place)
    person = visitor(sqlite_world)
    accept(person, invitation(sqlite_world))
    register(person, pocket)
    clock.move(hours=1)
    person = visitor(sqlite_world)
    ask(person, NUMBER)
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).location == "/m/market"


# --- what a code is worth -------------------------------------------------------------------------------------------


def test_a_code_opens_once(known: World, pocket: Pocket) -> None:
    person, thief = visitor(known), visitor(known)
    ask(person, NUMBER)
    thief.get("/m/enter")
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == 303
    answer = thief.post("/m/enter/code", number=NUMBER, code=pocket.code)
    assert answer.status_code == 401
    assert "验证码不对或已过期。" in words(answer)


def test_a_code_ends_after_ten_minutes(known: World, pocket: Pocket, clock: TestClock) -> None:
    for minutes, status in ((10, 401), (9.9, 303)):
        person = visitor(known)
        ask(person, NUMBER)
        clock.move(minutes=minutes)
        assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == status, minutes


def test_after_five_wrong_tries_the_right_code_opens_nothing(known: World, pocket: Pocket) -> None:
    person = visitor(known)
    ask(person, NUMBER)
    for _ in range(5):
        assert person.post("/m/enter/code", number=NUMBER, code=wrong(pocket.code)).status_code == 401
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == 401
    assert db.session.query(PhoneCode).order_by(PhoneCode.made_at.desc()).first().tries == 5


def test_the_fifth_try_still_counts(known: World, pocket: Pocket) -> None:
    person = visitor(known)
    ask(person, NUMBER)
    for _ in range(4):
        person.post("/m/enter/code", number=NUMBER, code=wrong(pocket.code))
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == 303


def test_a_new_code_ends_the_one_before(known: World, pocket: Pocket, clock: TestClock) -> None:
    person = visitor(known)
    ask(person, NUMBER)
    clock.move(minutes=1)
    ask(person, NUMBER)
    first, second = (message.code for message in pocket.sent)
    if first != second:
        assert person.post("/m/enter/code", number=NUMBER, code=first).status_code == 401
    assert person.post("/m/enter/code", number=NUMBER, code=second).status_code == 303


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "１２３４５６", "abcdef", "12345x"])
def test_what_is_no_code_is_said_beside_the_field_and_costs_no_try(known: World, pocket: Pocket, typed: str) -> None:
    person = visitor(known)
    ask(person, NUMBER)
    answer = person.post("/m/enter/code", number=NUMBER, code=typed)
    assert answer.status_code == 422
    assert 'id="code-wrong"' in answer.text
    assert db.session.query(PhoneCode).order_by(PhoneCode.made_at.desc()).first().tries == 0


def test_the_database_holds_neither_number_nor_code(known: World, pocket: Pocket) -> None:
    ask(visitor(known), NUMBER)
    ask(visitor(known), UNKNOWN)
    code, found = pocket.code, []
    for table in Base.metadata.tables.values():
        for row in db.session.execute(table.select()).mappings():
            found += [f"{table.name}.{name}" for name, value in row.items() if str(value) in (NUMBER, UNKNOWN, code)]
    assert found == []
    assert db.session.query(PhoneCode).count() == 3


# --- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [NUMBER, UNKNOWN])
def test_one_code_a_minute_and_five_an_hour_whoever_asks(known: World, clock: TestClock, number: str) -> None:
    told = []
    for _ in range(6):
        told += [ask(visitor(known), number).status_code, ask(visitor(known), number).status_code]
        clock.move(minutes=1)
    assert told == [200, 429] * 5 + [429, 429]
    assert "验证码已用完（一小时五次、一天十次）" in words(ask(visitor(known), number))
    clock.move(minutes=54)
    assert ask(visitor(known), number).status_code == 200


def test_ten_codes_a_day_go_to_one_number(known: World, clock: TestClock) -> None:
    told = []
    for _ in range(11):
        told.append(ask(visitor(known), UNKNOWN).status_code)
        clock.move(minutes=61)
    assert told == [200] * 10 + [429]
    clock.move(hours=24 - 11)
    assert ask(visitor(known), UNKNOWN).status_code == 200


def test_one_merchant_sends_codes_to_ten_numbers_an_hour(world: World, pocket: Pocket) -> None:
    limiter.reset()
    person = merchant(world)
    numbers = [f"1391111{number:04d}" for number in range(11)]
    assert [ask(person, number, "/m/number").status_code for number in numbers] == [200] * 10 + [429]
    assert len(pocket.sent) == 10


def test_too_soon_leads_to_the_code_that_was_sent(known: World, pocket: Pocket) -> None:
    ask(visitor(known), NUMBER)
    person = visitor(known)
    answer = ask(person, NUMBER)
    assert "不到一分钟前刚发过" in words(answer)
    assert person.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == 303
    assert len(pocket.sent) == 1


def test_old_rows_are_forgotten(known: World, clock: TestClock) -> None:
    ask(visitor(known), UNKNOWN)
    clock.move(days=1, seconds=1)
    ask(visitor(known), NUMBER)
    assert db.session.query(PhoneCode).count() == 1


# --- what nobody is told --------------------------------------------------------------------------------------------


def test_a_number_that_nobody_registered_is_answered_alike(known: World, pocket: Pocket) -> None:
    pages = []
    for number in (NUMBER, UNKNOWN):
        person = visitor(known)
        answers = [ask(person, number), ask(person, number)]
        answers += [person.post("/m/enter/code", number=number, code="000000") for _ in range(6)]
        said = [words(answer).replace(spaced(number), "?") for answer in answers]
        pages.append([(answer.status_code, text) for answer, text in zip(answers, said, strict=True)])
    assert pages[0] == pages[1]
    assert [message.number for message in pocket.sent] == [NUMBER]
    assert db.session.query(SignIn).count() == 1


def test_a_right_guess_for_an_unknown_number_opens_nothing(known: World) -> None:
    begin_write()
    code = memberships.issue_code(db.session(), UNKNOWN, "sign in", now())
    transaction.commit(db.session(), now())
    person = visitor(known)
    person.get("/m/enter")
    assert person.post("/m/enter/code", number=UNKNOWN, code=code).status_code == 401


def test_the_message_leaves_only_after_the_answer(known: World, pocket: Pocket) -> None:
    """So the time of the answer tells nothing of it, nor does a gateway that hangs."""
    person = visitor(known)
    person.get("/m/enter")
    answer = person.post("/m/enter", number=NUMBER)
    assert (answer.status_code, len(answer.get_data()) > 1000, pocket.sent) == (200, True, [])
    answer.close()
    assert len(pocket.sent) == 1


@pytest.mark.parametrize("role", ["inspector", "supervisor"])
def test_a_number_of_the_staff_or_of_somebody_suspended_signs_nobody_in(
    known: World, pocket: Pocket, role: str
) -> None:
    begin_write()
    contacts.keep_number(db.session(), owner=("person", getattr(known, role)), number=OTHER, now=now())
    memberships.person_of_number(db.session(), NUMBER).is_suspended = True
    transaction.commit(db.session(), now())
    assert {ask(visitor(known), number).status_code for number in (NUMBER, OTHER)} == {200}
    assert pocket.sent == []


def test_where_codes_are_not_offered_the_page_shows_the_other_way(sqlite_world: World) -> None:
    person = visitor(sqlite_world)
    said = words(person.get("/m/enter"))
    assert "这里暂不提供短信验证码。 请打开执法人员给您的邀请链接" in said
    assert 'name="number"' not in person.get("/m/enter").text
    own = merchant(sqlite_world)
    assert "这里暂不提供短信验证码。" in words(own.get("/m/number"))
    assert person.post("/m/enter", number=NUMBER).status_code in (400, 404)
    assert own.post("/m/number", number=NUMBER).status_code in (400, 404)
    assert db.session.query(PhoneCode).count() == 0


def test_no_code_and_no_number_is_logged(known: World, pocket: Pocket, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as lines:
        person = visitor(known)
        ask(person, NUMBER)
        person.post("/m/enter/code", number=NUMBER, code=wrong(pocket.code))
        person.post("/m/enter/code", number=NUMBER, code=pocket.code)
    said = repr(lines) + "".join(capfd.readouterr())
    assert lines
    assert [word for word in (NUMBER, "138 0000 0000", pocket.code, wrong(pocket.code)) if word in said] == []


# --- registering ----------------------------------------------------------------------------------------------------


def test_a_number_is_registered_with_the_code_that_went_there(world: World, pocket: Pocket) -> None:
    person = merchant(world)
    assert "登记手机号以后" in words(person.get("/m/number"))
    answer = register(person, pocket)
    assert (answer.status_code, answer.location) == (303, "/m/number?kept=1")
    said = words(person.get("/m/number?kept=1"))
    assert "已登记手机号" in said
    assert NUMBER not in said
    (contact,) = db.session.query(Contact)
    assert contact.owner_id == memberships.principal_of(db.session(), world.parties[0]).id
    assert NUMBER.encode() not in contact.sealed


def test_without_the_right_code_nothing_is_registered(world: World, pocket: Pocket) -> None:
    person = merchant(world)
    ask(person, NUMBER, "/m/number")
    assert person.post("/m/number/code", number=NUMBER, code=wrong(pocket.code)).status_code == 401
    assert person.post("/m/number/code", number=OTHER, code=pocket.code).status_code == 401
    assert db.session.query(Contact).count() == 0


def test_another_number_replaces_the_first(world: World, pocket: Pocket) -> None:
    person = merchant(world)
    register(person, pocket)
    register(person, pocket, OTHER)
    assert memberships.person_of_number(db.session(), NUMBER) is None
    assert memberships.person_of_number(db.session(), OTHER) is not None
    assert db.session.query(Contact).count() == 1


def test_a_number_is_deleted_by_whoever_registered_it(world: World, pocket: Pocket) -> None:
    person = merchant(world)
    register(person, pocket)
    assert "删除手机号" in words(person.get("/m/number"))
    assert person.post("/m/number/forget").location == "/m/number?gone=1"
    said = words(person.get("/m/number?gone=1"))
    assert ("已删除" in said, "删除手机号" in said) == (True, False)
    assert db.session.query(Contact).count() == 0
    assert person.post("/m/number/forget").status_code == 303
    assert db.session.query(Act).filter_by(kind="data_deleted").count() == 1


def test_a_number_of_another_merchant_is_not_taken_over(world: World, pocket: Pocket, clock: TestClock) -> None:
    first, second = merchant(world), merchant(world, 1)
    register(first, pocket)
    owner = memberships.person_of_number(db.session(), NUMBER)
    clock.move(minutes=1)
    answer = register(second, pocket)
    assert answer.status_code == 401
    assert "已登记给另一位经营者" in words(answer)
    assert memberships.person_of_number(db.session(), NUMBER) == owner


def test_a_code_is_good_for_what_it_was_asked_for_alone(world: World, pocket: Pocket, clock: TestClock) -> None:
    first, second = merchant(world), merchant(world, 1)
    ask(first, NUMBER, "/m/number")
    second.get("/m/number")
    assert second.post("/m/number/code", number=NUMBER, code=pocket.code).status_code == 401
    stranger = visitor(world)
    stranger.get("/m/enter")
    assert stranger.post("/m/enter/code", number=NUMBER, code=pocket.code).status_code == 401
    assert first.post("/m/number/code", number=NUMBER, code=pocket.code).status_code == 303
    clock.move(minutes=1)
    ask(stranger, NUMBER)
    assert first.post("/m/number/code", number=NUMBER, code=pocket.code).status_code == 401


def test_whoever_registers_is_told_at_once_that_no_message_can_be_sent(world: World, pocket: Pocket) -> None:
    pocket.is_down = True
    person = merchant(world)
    assert ask(person, NUMBER, "/m/number").status_code == 503


# --- at the same moment ---------------------------------------------------------------------------------------------


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        make_world(app)
        db.session.remove()
        yield app


def test_of_eight_who_try_one_code_at_once_one_gets_in(patient: Flask) -> None:
    begin_write()
    code = memberships.issue_code(db.session(), NUMBER, "sign in", now())
    transaction.commit(db.session(), now())
    db.session.remove()

    def _try() -> bool:
        begin_write()
        is_right = memberships.use_code(db.session(), NUMBER, code, "sign in", now())
        transaction.commit(db.session(), now())
        return is_right

    told = at_once(4, lambda _: in_context(patient, _try))
    assert sorted(told) == [False, False, False, True]


def test_wrong_tries_at_once_are_all_counted(patient: Flask) -> None:
    begin_write()
    code = memberships.issue_code(db.session(), NUMBER, "sign in", now())
    transaction.commit(db.session(), now())
    db.session.remove()

    def _try() -> bool:
        begin_write()
        is_right = memberships.use_code(db.session(), NUMBER, wrong(code), "sign in", now())
        transaction.commit(db.session(), now())
        return is_right

    assert at_once(4, lambda _: in_context(patient, _try)) == [False] * 4
    assert db.session.query(PhoneCode).one().tries == 4


def test_codes_asked_for_at_once_are_one(patient: Flask) -> None:
    def _ask() -> str:
        begin_write()
        try:
            memberships.issue_code(db.session(), NUMBER, "sign in", now())
        except memberships.CodeTooSoon:
            transaction.rollback(db.session())
            return "too soon"
        transaction.commit(db.session(), now())
        return "made"

    told = at_once(4, lambda _: in_context(patient, _ask))
    assert sorted(told) == ["made", "too soon", "too soon", "too soon"]
    assert db.session.query(PhoneCode).filter(PhoneCode.expires_at > now()).count() == 1


def test_codes_are_of_six_digits_and_not_alike(sqlite_world: World) -> None:
    begin_write()
    made = {memberships.issue_code(db.session(), f"138{number:08d}", "sign in", now()) for number in range(40)}
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in made)
    assert len(made) > 35
