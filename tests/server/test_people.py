"""The staff in two hands: one administrator enters somebody, another lets them in, and both are written down."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from server import transaction
from server.accounts import passwords, staff
from server.accounts.models import Person, Role, SignIn, StaffInvitation, Unit, UnitRegion
from server.accounts.service import hash_password
from server.administration.models import Act
from server.audit.models import Leaf
from server.clock import new_id
from server.database import begin_write, db
from server.keyring import Keyring
from server.problems import LastSecurityAdministrator, NotAllowed, Problem
from tests.server import quick_passwords
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.pages import Visitor, visitor, words
from tests.server.people import cookie_of, one_of_each
from tests.server.world import World, make_world, now

LINK = re.compile(r'id="link" value="http://127.0.0.1:8000(/join/[^"]+)"')
GOOD_PASSWORD = "a sentence only I know"


@pytest.fixture
def people(world: World) -> dict[Role, Person]:
    """Somebody of each role, who can sign in."""
    return with_passwords(one_of_each(world))


def with_passwords(found: dict[Role, Person]) -> dict[Role, Person]:
    kept = found[Role.INSPECTOR].password_hash
    for role, person in found.items():
        if role not in staff.OUTSIDE:
            person.password_hash, person.sign_in_name = kept, person.sign_in_name or role.value
    db.session.commit()
    return found


def desk_of(world: World, person: Person) -> Visitor:
    """Return a browser in which somebody has signed in."""
    found = visitor(world)
    found.client.set_cookie("dingpan", cookie_of(person))
    found.get("/account")
    return found


def newcomer(**fields: str) -> dict[str, str]:
    unit = db.session.query(Unit).filter_by(kind="branch").one().id
    about = {"name": "李新", "unit": unit, "role": "inspector", "sign_in_name": "lixin", "card_no": "41160200099"}
    return about | {"card_until": "2027-12-31"} | fields


def entered(desk: Visitor, **fields: str) -> str:
    """Enter somebody and return their id."""
    answer = desk.post("/console/people", **newcomer(**fields))
    assert answer.status_code == 303, answer.text
    return str(answer.location).rpartition("/")[2]


def link_in(page: str) -> str:
    found = LINK.search(page)
    assert found is not None
    return found[1]


def kinds() -> list[str]:
    return [act.kind for act in db.session.query(Act).order_by(Act.at, Act.id)]


def test_somebody_is_entered_by_one_let_in_by_another_and_joins_by_a_link(
    world: World, people: dict[Role, Person]
) -> None:
    system, security = (
        desk_of(world, people[role]) for role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR)
    )
    person_id = entered(system)
    assert "待核准" in words(system.get(f"/console/people/{person_id}"))
    assert system.post(f"/console/people/{person_id}/approve").status_code == 403
    shown = security.post(f"/console/people/{person_id}/approve")
    link = link_in(shown.text)
    assert '<svg class="code"' in shown.text
    assert link not in security.get(f"/console/people/{person_id}").text, "it is shown once"
    (kept,) = db.session.query(StaffInvitation)
    assert link.rpartition("/")[2] not in kept.sha256
    assert kept.expires_at == now() + timedelta(hours=72)

    person = visitor(world)
    page = person.get(link)
    assert "李新，欢迎您。" in words(page)
    assert "lixin" in words(page)
    assert person.get(link).status_code == 200, "looking leaves it unused"
    answer = person.post(link, password=GOOD_PASSWORD, password_again=GOOD_PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/console/")
    assert person.get("/console/").status_code == 200
    assert visitor(world).get(link).status_code == 410
    assert visitor(world).sign_in("lixin", GOOD_PASSWORD).location == "/console/"
    assert sorted(kinds()) == ["person_approved", "person_entered", "person_joined"]
    assert db.session.query(Leaf).count() >= 3


def test_who_needs_a_second_factor_goes_on_to_enrol_it(sqlite_world: World) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    person_id = entered(desk_of(sqlite_world, people[Role.SYSTEM_ADMINISTRATOR]), role="auditor")
    shown = desk_of(sqlite_world, people[Role.SECURITY_ADMINISTRATOR]).post(f"/console/people/{person_id}/approve")
    person, link = visitor(sqlite_world), link_in(shown.text)
    person.get(link)
    answer = person.post(link, password=GOOD_PASSWORD, password_again=GOOD_PASSWORD)
    assert answer.location == "/sign-in/second-factor?next="
    assert person.get("/console/").status_code == 302
    assert person.get(answer.location).status_code == 200


def a_link(world: World) -> tuple[Person, str]:
    """Return somebody who was let in, and the link."""
    about = {"role": Role.INSPECTOR, "name": "李新", "sign_in_name": "lixin", "approved_at": now()}
    unit_id = db.session.get_one(Person, world.inspector).unit_id
    begin_write()
    person = Person(id=new_id(now()), unit_id=unit_id, **about)
    db.session.add(person)
    db.session.flush()
    secret = staff.issue_link(db.session(), person, by=None, now=now())
    transaction.commit(db.session(), now())
    return person, f"/join/{secret}"


BAD_PASSWORDS = {
    "short": "eleven char",
    "long": "x1y2z3 " * 19,
    "the sign-in name": "this is LiXin 2026",
    "one character": "a" * 20,
    "a few again and again": "lala" * 5,
    "a run": "23456789012345",
    "a common one": "Woaini1314520",
    "nothing": "",
}


@pytest.mark.parametrize("password", BAD_PASSWORDS.values(), ids=BAD_PASSWORDS)
def test_a_password_that_others_guess_is_not_taken(sqlite_world: World, password: str) -> None:
    person, link = a_link(sqlite_world)
    browser = visitor(sqlite_world)
    browser.get(link)
    answer = browser.post(link, password=password, password_again=password)
    assert answer.status_code == 422
    assert not password or password not in answer.text
    assert db.session.get_one(Person, person.id, populate_existing=True).password_hash is None


@pytest.mark.parametrize(
    "password",
    [
        "十二个字的密码也可以用来登录",
        " a space before and after ",
        "x1!" * 2 + "longer then",
        "aB3$" + "z" * 4 + "q" * 120,
    ],
)
def test_any_character_counts_in_a_password(sqlite_world: World, password: str) -> None:
    _, link = a_link(sqlite_world)
    browser = visitor(sqlite_world)
    browser.get(link)
    assert browser.post(link, password=password, password_again=password).status_code == 302
    assert visitor(sqlite_world).sign_in("lixin", password).status_code == 302
    assert visitor(sqlite_world).sign_in("lixin", password.strip() + "x").status_code == 401


def test_two_that_differ_are_told(sqlite_world: World) -> None:
    _, link = a_link(sqlite_world)
    browser = visitor(sqlite_world)
    browser.get(link)
    answer = browser.post(link, password=GOOD_PASSWORD, password_again=GOOD_PASSWORD + "!")
    assert "两次输入的不一样" in words(answer)


def test_a_link_ends_after_three_days(sqlite_world: World, clock: TestClock) -> None:
    _, link = a_link(sqlite_world)
    clock.move(hours=72)
    assert visitor(sqlite_world).get(link).status_code == 410
    clock.move(seconds=-1)
    assert visitor(sqlite_world).get(link).status_code == 200


def test_a_newer_link_makes_the_older_worthless_and_a_suspended_person_has_none(world: World) -> None:
    person, link = a_link(world)
    begin_write()
    secret = staff.issue_link(db.session(), db.session.get_one(Person, person.id), by=None, now=now())
    transaction.commit(db.session(), now())
    assert visitor(world).get(link).status_code == 410
    assert visitor(world).get(f"/join/{secret}").status_code == 200
    db.session.get_one(Person, person.id).is_suspended = True
    db.session.commit()
    assert visitor(world).get(f"/join/{secret}").status_code == 410


# --- suspending, inviting again -------------------------------------------------------------------------------------


def test_a_suspended_person_is_shut_out_by_browser_and_phone_at_once(world: World, people: dict[Role, Person]) -> None:
    phone, browser = world.phone(world.colleague), visitor(world, "colleague")
    security = desk_of(world, people[Role.SECURITY_ADMINISTRATOR])
    assert phone.client.get("/api/v1/sync/changes", headers=phone.headers).status_code == 200
    path = f"/console/people/{world.colleague}"
    assert security.post(f"{path}/suspend").status_code == 303
    assert browser.get("/console/").status_code == 302
    assert db.session.query(SignIn).filter_by(person_id=world.colleague).count() == 0
    assert phone.client.get("/api/v1/sync/changes", headers=phone.headers).status_code == 401
    assert visitor(world).sign_in("colleague").status_code == 401
    assert "已停用" in words(security.get(path))
    assert security.post(f"{path}/restore").status_code == 303
    assert visitor(world).sign_in("colleague").status_code == 302
    assert sorted(kinds()) == ["person_restored", "person_suspended"]


def test_inviting_again_takes_password_second_factor_and_sign_ins(world: World, people: dict[Role, Person]) -> None:
    person = people[Role.SUPERVISOR]
    person.totp_sealed = b"sealed"
    browser = desk_of(world, person)
    security = desk_of(world, people[Role.SECURITY_ADMINISTRATOR])
    link = link_in(security.post(f"/console/people/{person.id}/invite-again").text)
    kept = db.session.get_one(Person, person.id, populate_existing=True)
    assert (kept.password_hash, kept.totp_sealed) == (None, None)
    assert browser.get("/console/").status_code == 302
    assert visitor(world).get(link).status_code == 200
    assert kinds() == ["invited_again"]


def test_ending_all_sign_ins_leaves_the_account(world: World, people: dict[Role, Person]) -> None:
    browser = visitor(world, "colleague")
    security = desk_of(world, people[Role.SECURITY_ADMINISTRATOR])
    assert security.post(f"/console/people/{world.colleague}/end-sign-ins").status_code == 303
    assert browser.get("/console/").status_code == 302
    assert visitor(world).sign_in("colleague").status_code == 302
    (act,) = db.session.query(Act)
    assert json.loads(act.details) == {"sign_ins": 1}


ON_ONESELF = ("suspend", "restore", "end-sign-ins", "unlock", "invite-again", "approve")


@pytest.mark.parametrize("act", ON_ONESELF)
def test_nobody_acts_upon_themselves(sqlite_world: World, act: str) -> None:
    person = with_passwords(one_of_each(sqlite_world))[Role.SECURITY_ADMINISTRATOR]
    desk = desk_of(sqlite_world, person)
    answer = desk.post(f"/console/people/{person.id}/{act}")
    assert answer.status_code == 409
    assert "请由另一位管理员来做。" in words(answer)
    assert kinds() == []


def another_security(by: Person, name: str = "second") -> Person:
    about = {"role": Role.SECURITY_ADMINISTRATOR, "unit_id": by.unit_id, "password_hash": by.password_hash}
    person = Person(id=new_id(now()), name=name, sign_in_name=name, approved_at=now(), **about)
    db.session.add(person)
    db.session.commit()
    return person


@pytest.mark.parametrize("act", [staff.suspend, staff.invite_again])
def test_two_who_shut_each_other_out_at_once_leave_one(
    database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock, act: Callable[..., object]
) -> None:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        ids = _two(app)

        def _shut_out(number: int) -> str:
            def _act() -> str:
                begin_write()
                by, person = (db.session.get_one(Person, one) for one in (ids[number], ids[1 - number]))
                try:
                    act(db.session(), person, by=by, now=now())
                    transaction.commit(db.session(), now())
                except Problem as problem:
                    db.session.rollback()
                    return problem.slug
                return "done"

            return in_context(app, _act)

        done = sorted(at_once(2, _shut_out))
        assert done[0] == "done"
        assert done[1] in (LastSecurityAdministrator.slug, NotAllowed.slug)
        able = db.session.query(Person).filter_by(role=Role.SECURITY_ADMINISTRATOR, is_suspended=False)
        assert able.filter(Person.password_hash.is_not(None)).count() == 1


def _two(app: Flask) -> tuple[str, str]:
    first = with_passwords(one_of_each(make_world(app)))[Role.SECURITY_ADMINISTRATOR]
    ids = (first.id, another_security(first).id)
    db.session.remove()
    return ids


def test_the_last_security_administrator_is_spared(sqlite_world: World) -> None:
    """By hand it cannot be asked for, since nobody acts upon themselves; a stale browser can."""
    first = with_passwords(one_of_each(sqlite_world))[Role.SECURITY_ADMINISTRATOR]
    second = another_security(first)
    first.is_suspended = True
    db.session.commit()
    begin_write()
    with pytest.raises(NotAllowed):
        staff.suspend(db.session(), second, by=first, now=now())
    db.session.rollback()
    by_another = db.session.get_one(Person, sqlite_world.supervisor)
    begin_write()
    with pytest.raises(LastSecurityAdministrator):
        staff.suspend(db.session(), second, by=by_another, now=now())


def test_what_no_longer_fits_is_told(sqlite_world: World) -> None:
    security = desk_of(sqlite_world, with_passwords(one_of_each(sqlite_world))[Role.SECURITY_ADMINISTRATOR])
    assert security.post(f"/console/people/{sqlite_world.inspector}/approve").status_code == 409
    assert security.post(f"/console/people/{sqlite_world.inspector}/suspend").status_code == 303
    assert security.post(f"/console/people/{sqlite_world.inspector}/invite-again").status_code == 409
    assert security.post(f"/console/people/{sqlite_world.inspector}/suspend").status_code == 303
    assert kinds() == ["person_suspended"]


# --- the list and the form ------------------------------------------------------------------------------------------


@pytest.fixture
def system(sqlite_world: World) -> Visitor:
    return desk_of(sqlite_world, with_passwords(one_of_each(sqlite_world))[Role.SYSTEM_ADMINISTRATOR])


def test_the_list_keeps_to_the_scope_and_finds_by_name(sqlite_world: World, system: Visitor) -> None:
    everybody = words(system.get("/console/people"))
    assert "colleague" in everybody
    assert "stranger" not in everybody
    some = words(system.get("/console/people?q=COLL"))
    assert "colleague" in some
    assert "verifier" not in some
    assert "没有找到人员。" in words(system.get("/console/people?q=stranger"))
    assert system.get(f"/console/people/{sqlite_world.stranger}").status_code == 404


def test_every_state_has_its_word_and_a_card_that_ended_is_told(sqlite_world: World, system: Visitor) -> None:
    day = sqlite_world.day
    for name, fields in {
        "colleague": {"card_until": day - timedelta(days=1)},
        "inspector": {"card_until": day},
        "verifier": {"password_hash": None},
        "supervisor": {"is_suspended": True},
    }.items():
        db.session.query(Person).filter_by(name=name).update(fields)
    db.session.commit()
    entered(system)
    page = words(system.get("/console/people"))
    for word in ("已于 2026-11-20 到期", "有效期至 2026-11-21", "已邀请，未加入", "已停用", "待核准", "在用"):
        assert word in page, word


BAD_FIELDS = {
    "sign_in_name": ["Li", "1li", "li xin", "李新", "LIXIN", "li\u00adxin", "l" * 61, "li/xin", ""],
    "role": ["merchant", "operator", "administrator", "", "Inspector"],
    "card_until": ["2026-02-30", "31.12.2027", "tomorrow"],
    "name": ["", " ", "x" * 61],
    "unit": ["", "x", "019aa111-0000-7000-8000-00000000dead"],
    "card_no": ["1" * 41],
}


@pytest.mark.parametrize(("field", "value"), [(name, value) for name, values in BAD_FIELDS.items() for value in values])
def test_what_is_entered_wrong_is_told_at_its_field(system: Visitor, field: str, value: str) -> None:
    before = db.session.query(Person).count()
    answer = system.post("/console/people", **newcomer(**{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert db.session.query(Person).count() == before


def test_a_name_that_is_taken_is_told(system: Visitor) -> None:
    answer = system.post("/console/people", **newcomer(sign_in_name="colleague"))
    assert answer.status_code == 409
    assert "“colleague”已经登记过" in words(answer)


def test_a_unit_of_another_region_takes_nobody_of_ours(system: Visitor) -> None:
    far = db.session.query(Unit).filter_by(kind="office").one().id
    assert system.post("/console/people", **newcomer(unit=far)).status_code == 422


def test_a_unit_that_reaches_beyond_the_scope_is_looked_after_by_nobody_of_it(sqlite_world: World) -> None:
    officer = db.session.get_one(Person, sqlite_world.verifier)
    db.session.add(UnitRegion(unit_id=officer.unit_id, region="411681"))
    db.session.commit()
    security = desk_of(sqlite_world, one_of_each(sqlite_world)[Role.SECURITY_ADMINISTRATOR])
    assert security.get(f"/console/people/{officer.id}").status_code == 404
    assert security.post(f"/console/people/{officer.id}/invite-again").status_code == 404
    assert officer.name not in words(security.get("/console/people?q="))


def test_a_card_is_renewed_by_the_system_administrator_alone(sqlite_world: World, system: Visitor) -> None:
    path = f"/console/people/{sqlite_world.colleague}/card"
    assert system.post(path, card_no="41-2", card_until="2028-01-31").status_code == 303
    kept = db.session.get_one(Person, sqlite_world.colleague, populate_existing=True)
    assert (kept.card_no, str(kept.card_until)) == ("41-2", "2028-01-31")
    assert system.post(path, card_no="41-2", card_until="x").status_code == 422
    assert visitor(sqlite_world, "supervisor").post(path).status_code == 403
    assert kinds() == ["card_renewed"]


def test_a_hash_of_a_password_is_argon2_with_the_work_that_the_rfc_recommends(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9106, 4: the second recommended option, of 64 MiB."""
    monkeypatch.setattr(passwords, "_hasher", quick_passwords.REAL)
    assert hash_password(GOOD_PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
