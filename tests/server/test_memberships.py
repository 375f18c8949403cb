"""Who acts for which stall: several on one phone, family by delegation, the market operator, and how it ends."""

from __future__ import annotations

import json

import pytest

from server import transaction
from server.accounts.models import Person, SignIn
from server.administration.models import Act
from server.contacts import service as contacts
from server.database import begin_write, db
from server.memberships import service as memberships
from server.memberships.models import Invitation
from server.pledges.models import Pledge
from shared.words import VerificationResult
from tests.server.conftest import TODAY, TestClock
from tests.server.joining import accept, delegate_of, delegation, memberships_of, operate, with_two_stalls
from tests.server.pages import Visitor, visitor, words
from tests.server.test_pages_merchant import invitation, merchant, signing
from tests.server.world import BEYOND, World, now


def acts(kind: str) -> list[tuple[str, dict[str, str]]]:
    """What was done of a kind: whom it was about, and the details."""
    found = db.session.query(Act).filter_by(kind=kind).order_by(Act.at, Act.id)
    return [(act.about_id, json.loads(act.details)) for act in found]


def end_at_the_desk(world: World, party: int = 0, number: int = 0) -> None:
    """Let the bureau end that somebody acts for a party."""
    desk = visitor(world, "supervisor")
    desk.get(f"/console/invitation?party={world.parties[party]}")
    current = [one for one in memberships_of(world.parties[party]) if one.ended_at is None]
    answer = desk.post("/console/invitation/end", party=world.parties[party], membership=current[number].id)
    assert answer.status_code == 303, answer.text
    assert "已停止" in words(desk.get(str(answer.location)))


# --- several stalls -------------------------------------------------------------------------------------------------


def test_a_second_stall_is_added_to_whoever_is_signed_in_and_opens(world: World) -> None:
    person = with_two_stalls(world)
    assert db.session.query(Person).filter_by(role="merchant").count() == 1
    assert db.session.query(SignIn).count() == 1
    assert "merchant 2 换摊位" in words(person.get("/m/"))
    assert "ACS-0002" in words(person.get("/m/"))
    said = words(person.get("/m/stalls"))
    assert "merchant 1 market 411602 · A01 号摊位 打开" in said
    assert "merchant 2 market 411602 · A02 号摊位 正在使用" in said


def test_a_link_for_one_stall_opens_nobodys_other_stalls(world: World) -> None:
    with_two_stalls(world)
    somebody_else = visitor(world)
    accept(somebody_else, invitation(world, 0))
    assert db.session.query(Person).filter_by(role="merchant").count() == 2
    assert "merchant 2" not in words(somebody_else.get("/m/stalls"))
    assert acts("member_joined")[-1][0] == world.parties[0]


def test_switching_shows_the_other_stall_on_every_page(world: World) -> None:
    person = with_two_stalls(world)
    answer = person.post("/m/stalls", party=world.parties[0])
    assert (answer.status_code, answer.location) == (303, "/m/")
    for path in ("/m/", "/m/pledge", "/m/people", "/m/number"):
        said = words(person.get(path))
        assert "merchant 1 换摊位" in said, path
        assert "merchant 2" not in said, path
    assert "ACS-0002" not in words(person.get("/m/"))


def test_with_one_stall_there_is_nothing_to_switch(sqlite_world: World) -> None:
    said = words(merchant(sqlite_world).get("/m/pledge"))
    assert "merchant 1" in said
    assert "换摊位" not in said


def test_somebody_elses_stall_is_not_found_and_opens_nothing(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    for party, status in ((sqlite_world.parties[1], 404), ("x", 422), ("", 422)):
        assert person.post("/m/stalls", party=party).status_code == status, party
    assert "merchant 1" in words(person.get("/m/"))


def test_an_invitation_for_a_stall_one_has_already_adds_nothing(sqlite_world: World) -> None:
    person = with_two_stalls(sqlite_world)
    accept(person, invitation(sqlite_world, 0))
    assert "merchant 1" in words(person.get("/m/"))
    assert len(memberships_of(sqlite_world.parties[0])) == 1


def test_a_second_invitation_without_a_sign_in_makes_the_same_merchant(sqlite_world: World) -> None:
    first, second = merchant(sqlite_world), merchant(sqlite_world)
    assert "merchant 1" in words(first.get("/m/")) + words(second.get("/m/"))
    assert db.session.query(Person).filter_by(role="merchant").count() == 1
    assert len(memberships_of(sqlite_world.parties[0])) == 1


def test_an_officer_who_tries_an_invitation_does_not_become_the_merchant(sqlite_world: World) -> None:
    officer = visitor(sqlite_world, "inspector")
    accept(officer, invitation(sqlite_world))
    assert db.session.get_one(Person, sqlite_world.inspector).role == "inspector"
    assert officer.get("/console/").status_code == 403  # this browser is the merchant's now


# --- the end of it --------------------------------------------------------------------------------------------------


def test_a_membership_that_has_ended_opens_nothing_from_the_next_request_on(world: World) -> None:
    person = merchant(world)
    end_at_the_desk(world)
    for path in ("/m/", "/m/pledge", "/m/people", "/m/poster"):
        answer = person.get(path)
        assert (answer.status_code, answer.location) == (302, "/m/stalls"), path
    assert "现在没有委托给您的摊位了。" in words(person.get("/m/stalls"))
    assert person.post("/m/pledge", **signing()).location == "/m/stalls"
    assert db.session.query(Pledge).count() == 0
    assert person.post("/m/stalls", party=world.parties[0]).status_code == 404


def test_what_is_left_is_offered_after_one_stall_has_gone(sqlite_world: World) -> None:
    person = with_two_stalls(sqlite_world)
    end_at_the_desk(sqlite_world, party=1)
    assert person.get("/m/").location == "/m/stalls"
    said = words(person.get("/m/stalls"))
    assert "merchant 1" in said
    assert "merchant 2" not in said
    assert person.post("/m/stalls", party=sqlite_world.parties[0]).location == "/m/"


def test_a_stall_that_passes_on_is_a_new_persons_and_every_step_is_an_act(world: World, clock: TestClock) -> None:
    former = merchant(world)
    spare = invitation(world)
    end_at_the_desk(world)
    clock.move(seconds=1)
    assert visitor(world).get(spare).status_code == 410, "a link of the former tenant is void"
    tenant = merchant(world)
    assert "merchant 1" in words(tenant.get("/m/"))
    assert former.get("/m/").location == "/m/stalls"
    first, second = memberships_of(world.parties[0])
    assert first.person_id != second.person_id
    assert (first.ended_at, second.ended_at) == (TODAY, None)
    party = world.parties[0]
    joined = [(party, {"person": one.person_id, "capacity": "principal"}) for one in (first, second)]
    assert (acts("member_joined"), acts("member_ended")) == (joined, joined[:1])
    assert db.session.query(Act).filter_by(kind="member_ended").one().by_person == world.supervisor


def test_the_desk_reads_a_number_and_that_is_an_act_each_time(world: World) -> None:
    merchant(world)
    (member,) = memberships.members_of(db.session(), world.parties[0])
    about = {"party": world.parties[0], "membership": member.membership.id}
    desk = visitor(world, "supervisor")
    desk.get("/console/invitation")
    assert "未登记电话" in words(desk.post("/console/invitation/number", **about))
    begin_write()
    contacts.keep_number(db.session(), owner=("person", member.person.id), number="13800000001", now=now())
    transaction.commit(db.session(), now())
    for _ in range(2):
        assert "13800000001" in words(desk.post("/console/invitation/number", **about))
    assert "13800000001" not in words(desk.get(f"/console/invitation?party={world.parties[0]}"))
    read = db.session.query(Act).filter_by(kind="data_read", about_id=member.person.id).all()
    assert [(act.by_person, act.about_kind) for act in read] == [(world.supervisor, "person")] * 2
    strange = desk.post("/console/invitation/number", party=world.parties[1], membership=member.membership.id)
    assert strange.status_code == 404, "the member of another merchant"


def test_the_desk_sees_who_acts_and_ends_each_alone(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    delegate_of(sqlite_world, person)
    desk = visitor(sqlite_world, "inspector")
    said = words(desk.get(f"/console/invitation?party={sqlite_world.parties[0]}"))
    assert "merchant 1 本人 · 2026-11-21 起 查看电话 停止 周小某 代办 · 2026-11-21 起 查看电话 停止" in said
    assert "已有人代表这位经营者。" in said
    end_at_the_desk(sqlite_world, number=1)
    assert person.get("/m/").status_code == 200
    for fields in ({"membership": "x"}, {"membership": sqlite_world.parties[0]}, {}):
        assert desk.post("/console/invitation/end", party=sqlite_world.parties[0], **fields).status_code == 404


def test_with_the_merchant_goes_whom_it_let_in(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    helper, waiting = delegate_of(sqlite_world, person), delegation(person)
    end_at_the_desk(sqlite_world)
    assert helper.get("/m/").location == "/m/stalls"
    assert visitor(sqlite_world).get(waiting).status_code == 410
    assert {details["capacity"] for _, details in acts("member_ended")} == {"principal", "delegate"}


# --- delegation -----------------------------------------------------------------------------------------------------


def test_a_delegate_sees_everything_and_signs_nothing(world: World) -> None:
    helper = delegate_of(world, merchant(world))
    said = words(helper.get("/m/"))
    assert "merchant 1 代办" in said
    assert "秤 ACS-0001" in said
    said = words(helper.get("/m/pledge"))
    assert "承诺由“merchant 1”本人签署。" in said
    assert "签署承诺" not in said
    answer = helper.post("/m/pledge", **signing())
    assert answer.status_code == 403
    assert "须由本人办理" in words(answer)
    assert db.session.query(Pledge).count() == 0


def test_a_delegate_lets_nobody_in_and_ends_nobody(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    helper = delegate_of(sqlite_world, person)
    delegate_of(sqlite_world, person, "另一位")
    said = words(helper.get("/m/people"))
    assert "merchant 1 本人" in said
    assert "另一位" in said
    assert "停止代办 " not in said
    assert helper.post("/m/people").status_code == 403
    own, _, other = memberships_of(sqlite_world.parties[0])
    for one in (own, other):
        assert helper.post("/m/people/end", membership=one.id).status_code == 404
    assert [one.ended_at for one in memberships_of(sqlite_world.parties[0])] == [None] * 3
    assert db.session.query(Invitation).filter_by(capacity="delegate", used_at=None).count() == 0


def test_a_delegate_may_stop(sqlite_world: World) -> None:
    helper = delegate_of(sqlite_world, merchant(sqlite_world))
    assert "我不再代办" in words(helper.get("/m/people"))
    _, own = memberships_of(sqlite_world.parties[0])
    assert helper.post("/m/people/end", membership=own.id).location == "/m/stalls"
    assert helper.get("/m/").location == "/m/stalls"
    assert "现在没有委托给您的摊位了" in words(helper.get("/m/stalls"))
    assert acts("member_ended")[0][1]["person"] == own.person_id


def test_the_merchant_ends_a_delegation_and_the_other_phone_is_shut_at_once(world: World) -> None:
    person = merchant(world)
    helper = delegate_of(world, person)
    assert "周小某 代办" in words(person.get("/m/people"))
    membership = memberships_of(world.parties[0])[1]
    answer = person.post("/m/people/end", membership=membership.id)
    assert answer.location == "/m/people?ended=1"
    said = words(person.get("/m/people?ended=1"))
    assert "已停止" in said
    assert "周小某" not in said
    assert helper.get("/m/").location == "/m/stalls"
    about, details = acts("member_ended")[0]
    assert (about, details["person"], details["capacity"]) == (world.parties[0], membership.person_id, "delegate")


def test_nobody_ends_the_merchant_or_somebody_elses_helper(sqlite_world: World) -> None:
    person, neighbour = merchant(sqlite_world), merchant(sqlite_world, 1)
    delegate_of(sqlite_world, neighbour)
    own, *_ = memberships_of(sqlite_world.parties[0])
    _, theirs = memberships_of(sqlite_world.parties[1])
    for named, status in ((own.id, 404), (theirs.id, 404), (sqlite_world.place, 404), ("x", 422)):
        assert person.post("/m/people/end", membership=named).status_code == status, named
    assert all(one.ended_at is None for party in sqlite_world.parties for one in memberships_of(party))


def test_a_delegation_is_accepted_once_within_a_day_with_a_name(sqlite_world: World, clock: TestClock) -> None:
    person = merchant(sqlite_world)
    path, late = delegation(person), delegation(person)
    helper = visitor(sqlite_world)
    assert "有人请您代办" in words(helper.get(path))
    answer = helper.post(path, name="  ")
    assert answer.status_code == 422
    assert "必须填写。" in words(answer)
    accept(helper, path, name="周小某")
    assert visitor(sqlite_world).get(path).status_code == 410
    clock.move(hours=24)
    assert visitor(sqlite_world).get(late).status_code == 410


def test_somebody_with_a_stall_of_their_own_acts_for_another_as_well(sqlite_world: World) -> None:
    person, neighbour = merchant(sqlite_world), merchant(sqlite_world, 1)
    path = delegation(person)
    assert "您已登录" in words(neighbour.get(path))
    accept(neighbour, path)
    assert "merchant 1 代办 换摊位" in words(neighbour.get("/m/"))
    assert neighbour.post("/m/people").status_code == 403
    neighbour.post("/m/stalls", party=sqlite_world.parties[1])
    assert "代办" not in words(neighbour.get("/m/")).split("ACS")[0]
    assert neighbour.post("/m/people").status_code == 200


def test_a_delegate_whom_the_bureau_invites_is_the_merchant(sqlite_world: World) -> None:
    helper = delegate_of(sqlite_world, merchant(sqlite_world))
    accept(helper, invitation(sqlite_world))
    assert "签署承诺" in words(helper.get("/m/pledge"))
    kept = [(one.capacity, one.ended_at is None) for one in memberships_of(sqlite_world.parties[0])]
    assert kept == [("principal", True), ("delegate", False), ("principal", True)]


# --- the market operator --------------------------------------------------------------------------------------------


@pytest.fixture
def operator(sqlite_world: World) -> Visitor:
    """The browser of whoever operates the market, and uses the first scale."""
    operate(sqlite_world, sqlite_world.place)
    person = visitor(sqlite_world)
    assert accept(person, invitation(sqlite_world)) == "/m/market"
    return person


def test_an_invitation_for_whoever_operates_a_place_makes_an_operator(operator: Visitor, sqlite_world: World) -> None:
    person = memberships.principal_of(db.session(), sqlite_world.parties[0])
    assert person.role == "operator"
    assert "我管理的市场" in words(operator.get("/m/"))
    assert "签署承诺" in words(operator.get("/m/pledge"))
    assert operator.get("/console/").status_code == 403


def test_an_operator_sees_what_is_due_at_every_stall(operator: Visitor, sqlite_world: World) -> None:
    sqlite_world.verify(VerificationResult.PASSED, "C-2", instrument=1)
    said = words(operator.get("/m/market"))
    assert "需要处理的器具" in said
    assert "A01 号摊位 秤 ACS-0001" in said
    assert "其余器具（1 台） A02 号摊位 秤 ACS-0002 在检定有效期内 检定有效期至 2027-11-20" in said
    assert "merchant 2" not in said
    sqlite_world.verify(VerificationResult.FAILED, "N-1", instrument=0)
    assert "检定不合格，不得用于交易 1" in words(operator.get("/m/market"))


def test_what_a_check_suspected_is_not_the_operators_to_know(operator: Visitor, sqlite_world: World) -> None:
    sqlite_world.verify(VerificationResult.PASSED, "C-2", instrument=1)
    phone = sqlite_world.phone()
    check = sqlite_world.check(BEYOND, instrument=1)
    (entry,) = phone.answers(phone.op("visit.record/1", sqlite_world.visit(check, party=1)))
    assert entry["status"] == "applied"
    said = words(operator.get("/m/market"))
    assert "疑似" not in said
    assert "A02 号摊位 秤 ACS-0002 在检定有效期内" in said


def test_a_place_of_somebody_else_is_not_found(operator: Visitor, sqlite_world: World) -> None:
    assert operator.get(f"/m/market/{sqlite_world.place}").status_code == 200
    for place in (sqlite_world.far_place, sqlite_world.parties[0], "x"):
        assert operator.get(f"/m/market/{place}").status_code == 404, place
    assert merchant(sqlite_world, 1).get("/m/market").status_code == 403


def test_an_operator_of_two_places_chooses_and_a_stall_alone_is_no_market(
    operator: Visitor, sqlite_world: World
) -> None:
    operate(sqlite_world, sqlite_world.far_place)
    said = words(operator.get("/m/market"))
    assert "market 411602 market 411681" in said
    assert "其他市场" in words(operator.get(f"/m/market/{sqlite_world.far_place}"))
    assert accept(operator, invitation(sqlite_world, 1)) == "/m/"
    assert operator.get("/m/market").status_code == 404
    assert operator.get(f"/m/market/{sqlite_world.place}").status_code == 404


def test_an_operator_whose_membership_ended_sees_no_market(operator: Visitor, sqlite_world: World) -> None:
    end_at_the_desk(sqlite_world)
    assert operator.get("/m/market").location == "/m/stalls"
    assert operator.get(f"/m/market/{sqlite_world.place}").location == "/m/stalls"


def test_a_person_who_is_suspended_comes_in_no_way(sqlite_world: World) -> None:
    person = merchant(sqlite_world)
    begin_write()
    memberships.principal_of(db.session(), sqlite_world.parties[0]).is_suspended = True
    transaction.commit(db.session(), now())
    assert str(person.get("/m/").location).startswith("/sign-in")
    again = visitor(sqlite_world)
    path = invitation(sqlite_world)
    again.get(path)
    again.post(path)
    assert str(again.get("/m/").location).startswith("/sign-in")
