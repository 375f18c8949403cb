"""The acts: read by auditors, newest first, as pages and as a file, and of the own regions alone."""

from __future__ import annotations

import pytest

from server import transaction
from server.accounts import staff
from server.accounts.models import Person, Role
from server.administration import service as administration
from server.administration.service import ActKind
from server.clock import now
from server.database import begin_write, db
from server.registry.models import Party
from tests.server.conftest import TestClock
from tests.server.pages import words
from tests.server.people import one_of_each, somebody
from tests.server.test_people import desk_of, with_passwords
from tests.server.world import World


def test_the_auditors_read_what_was_done_newest_first(sqlite_world: World, clock: TestClock) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    security = desk_of(sqlite_world, people[Role.SECURITY_ADMINISTRATOR])
    for act in ("suspend", "restore"):
        clock.move(minutes=1)
        security.post(f"/console/people/{sqlite_world.colleague}/{act}")
    for role in (Role.AUDIT_ADMINISTRATOR, Role.AUDITOR):
        desk = desk_of(sqlite_world, people[role])
        page = words(desk.get("/console/acts"))
        assert page.index("10:02 恢复人员") < page.index("10:01 停用人员"), role
        assert "security_administrator colleague" in page
        one = words(desk.get("/console/acts?kind=person_suspended"))
        assert "10:01 停用人员" in one
        assert "10:02 恢复人员" not in one
        by = desk.get(f"/console/acts?person={people[Role.SYSTEM_ADMINISTRATOR].id}&kind=&page=1")
        assert "没有这样的操作记录。" in words(by)
        lines = desk.get("/console/acts.csv?kind=person_suspended").text.splitlines()
        assert len(lines) == 2
        assert "停用人员,security_administrator,colleague,结束的登录 0" in lines[1]
    for query in ("kind=x", "page=0", "page=x", "person=x", "surprise=1"):
        assert desk.get(f"/console/acts?{query}").status_code == 422, query


def test_acts_are_shown_in_pages(sqlite_world: World, clock: TestClock) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    by = people[Role.SECURITY_ADMINISTRATOR]
    begin_write()
    for _ in range(26):
        staff.suspend(db.session(), db.session.get_one(Person, sqlite_world.colleague), by=by, now=now())
        staff.restore(db.session(), db.session.get_one(Person, sqlite_world.colleague), by=by, now=now())
    transaction.commit(db.session(), now())
    desk = desk_of(sqlite_world, people[Role.AUDIT_ADMINISTRATOR])
    first, second = desk.get("/console/acts").text, desk.get("/console/acts?page=2").text
    assert [page.count("<tr>") - 1 for page in (first, second)] == [50, 2]
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)


ELSEWHERE = {
    "somebody of the staff": lambda world, ours: (
        ("person", world.stranger) if not ours else ("person", world.inspector)
    ),
    "a merchant": lambda world, ours: ("person", a_merchant_of(world, ours)),
    "a party": lambda world, ours: ("party", a_party(world, ours)),
    "a phone": lambda world, ours: ("device", world.phone(world.inspector if ours else world.stranger).device_id),
}


def a_party(world: World, ours: bool) -> str:
    party = db.session.get_one(Party, world.parties[1])
    party.region = "411602" if ours else "411681"
    db.session.commit()
    return party.id


def a_merchant_of(world: World, ours: bool) -> str:
    return somebody(Role.MERCHANT, party_id=a_party(world, ours)).id


@pytest.mark.parametrize("about", ELSEWHERE)
@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("by", ["the stranger", "the program", "a merchant"])
def test_acts_are_shown_where_who_or_what_they_are_about_belongs(world: World, about: str, by: str, ours: bool) -> None:
    people = with_passwords(one_of_each(world))
    named = ELSEWHERE[about](world, ours)
    doers = {"the stranger": lambda: world.stranger, "the program": lambda: None}
    doer = doers.get(by, lambda: a_merchant_of(world, ours))()
    begin_write()
    administration.record(db.session(), ActKind.UNLOCKED, by=doer, about=named, now=now())
    transaction.commit(db.session(), now())
    desk = desk_of(world, people[Role.AUDIT_ADMINISTRATOR])
    said = words(desk.get("/console/acts?kind=unlocked"))
    assert ("没有这样的操作记录。" in said) is not ours
    assert len(desk.get("/console/acts.csv?kind=unlocked").text.splitlines()) == 1 + ours
    assert desk.get(f"/console/acts?person={world.stranger}").status_code == 404


def test_what_the_program_did_to_keys_and_old_data_concerns_every_region(sqlite_world: World) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    begin_write()
    for kind, named in ((ActKind.KEY_ROTATED, ("key", "7")), (ActKind.DATA_EXPIRED, ("retention", "2026-11-20"))):
        administration.record(db.session(), kind, by=None, about=named, now=now(), contact=3)
    transaction.commit(db.session(), now())
    said = words(desk_of(sqlite_world, people[Role.AUDITOR]).get("/console/acts"))
    assert said.count("contact 3") == 2


def test_taking_the_acts_along_is_an_act(sqlite_world: World) -> None:
    people = with_passwords(one_of_each(sqlite_world))
    desk = desk_of(sqlite_world, people[Role.AUDITOR])
    assert desk.get("/console/acts.csv").status_code == 200
    assert "console.acts_csv" in words(desk.get("/console/acts"))
