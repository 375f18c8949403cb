"""Recusal: whom an officer must not inspect, who tells it, and what follows for tasks and records."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from server.accounts.models import Person, Recusal
from server.administration.models import Act
from server.campaigns.models import Task
from server.credit.models import CreditEvent
from server.database import db
from server.inspections.models import Visit
from server.registry.models import Party, Place
from server.sync.models import Change
from shared.words import TaskKind
from tests.server.conftest import TestClock
from tests.server.pages import Visitor, visitor, words
from tests.server.world import BEYOND, GOOD, World, new_id, now


def told(world: World, person: str, party: int = 0, **fields: Any) -> Recusal:
    """Keep a relation, as if it had been told."""
    about = {"party_id": world.parties[party], "relation": "relative", "told_by": person, "told_at": now()} | fields
    recusal = Recusal(id=new_id(now()), person_id=person, **about)
    db.session.add(recusal)
    db.session.commit()
    return recusal


def tell(desk: Visitor, world: World, **fields: str) -> int:
    about = {"party": world.parties[0], "relation": "relative"} | fields
    return desk.post("/console/recusals", **about).status_code


def kept() -> list[tuple[str, str]]:
    return [(row.person_id, row.relation) for row in db.session.query(Recusal).filter(Recusal.ended_at.is_(None))]


def test_an_officer_tells_their_own(world: World) -> None:
    desk = visitor(world, "inspector")
    assert "merchant 1" in words(desk.get("/console/recusals?q=merchant"))
    assert "应当回避：merchant 1" in words(desk.get(f"/console/recusals?party={world.parties[0]}"))
    assert tell(desk, world) == 303
    assert tell(desk, world) == 303, "the same again changes nothing"
    assert tell(desk, world, relation="interest") == 303
    assert sorted(kept()) == [(world.inspector, "interest"), (world.inspector, "relative")]
    page = words(desk.get("/console/recusals"))
    assert "inspector merchant 1 近亲属 inspector" in page
    acts = db.session.query(Act).all()
    assert {act.kind for act in acts} == {"recusal_told"}
    assert len(acts) == 2
    assert all("merchant" not in act.details and set(json.loads(act.details)) == {"recusal"} for act in acts)


def test_an_officer_tells_for_nobody_else_and_ends_nothing(sqlite_world: World) -> None:
    desk = visitor(sqlite_world, "inspector")
    assert tell(desk, sqlite_world, person=sqlite_world.colleague) == 422
    recusal = told(sqlite_world, sqlite_world.inspector)
    told(sqlite_world, sqlite_world.colleague, 1)
    assert desk.post(f"/console/recusals/{recusal.id}/end").status_code == 403
    assert "merchant 2" not in words(desk.get("/console/recusals"))


def test_a_supervisor_tells_and_ends_for_officers_of_the_scope(world: World) -> None:
    desk = visitor(world, "supervisor")
    assert tell(desk, world, person=world.colleague, relation="former_employment") == 303
    assert tell(desk, world, person=world.stranger) == 422
    (recusal,) = db.session.query(Recusal)
    assert (recusal.person_id, recusal.told_by) == (world.colleague, world.supervisor)
    assert "colleague merchant 1 曾任职 supervisor" in words(desk.get("/console/recusals"))
    assert desk.post(f"/console/recusals/{recusal.id}/end").status_code == 303
    assert desk.post(f"/console/recusals/{recusal.id}/end").status_code == 303
    assert kept() == []
    assert sorted(act.kind for act in db.session.query(Act)) == ["recusal_ended", "recusal_told"]
    assert db.session.query(Recusal).count() == 1, "it stays on record"


def test_one_of_another_region_is_not_found(far: World) -> None:
    recusal = told(far, far.stranger, -1)
    desk = visitor(far, "supervisor")
    assert desk.post(f"/console/recusals/{recusal.id}/end").status_code == 404
    assert tell(desk, far, party=far.parties[-1], person=far.inspector) == 422
    assert desk.get(f"/console/recusals?party={far.parties[-1]}").status_code == 404
    assert kept() == [(far.stranger, "relative")]


@pytest.mark.parametrize(
    "fields", [{"relation": "friend"}, {"relation": ""}, {"party": "x"}, {"party": ""}, {"person": "x"}]
)
def test_what_is_told_wrong_is_said(sqlite_world: World, fields: dict[str, str]) -> None:
    assert tell(visitor(sqlite_world, "supervisor"), sqlite_world, **fields) == 422
    assert kept() == []


# --- tasks ----------------------------------------------------------------------------------------------------------


def assign(world: World, person: str) -> Any:
    desk = visitor(world, "supervisor")
    about = {"place": world.place, "person": person, "due_on": world.day.isoformat(), "note": ""}
    return desk, desk.post("/console/tasks", **about)


def test_no_task_about_a_place_of_the_party_is_given_to_who_stands_back(world: World) -> None:
    db.session.get_one(Place, world.place).operator_id = world.parties[0]
    told(world, world.inspector)
    _, answer = assign(world, world.inspector)
    assert answer.status_code == 409
    assert "这位人员与该场所的检查对象有回避关系，不能承办。请改派其他人员。" in words(answer)
    assert f'value="{world.inspector}" selected' in answer.text
    assert db.session.query(Task).count() == 0
    assert assign(world, world.colleague)[1].status_code == 303


def test_nor_where_nobody_else_trades(sqlite_world: World) -> None:
    told(sqlite_world, sqlite_world.inspector, 0)
    told(sqlite_world, sqlite_world.inspector, 1)
    assert assign(sqlite_world, sqlite_world.inspector)[1].status_code == 409


def test_a_task_about_a_market_with_a_stall_of_the_party_is_given_with_a_warning(world: World) -> None:
    told(world, world.inspector)
    told(world, world.colleague, 1)
    desk, answer = assign(world, world.inspector)
    assert answer.status_code == 303
    page = words(desk.get(answer.location))
    assert "应当回避：merchant 1，请由其他人检查" in page
    assert "merchant 2" not in page


def test_what_was_ended_hinders_no_task(sqlite_world: World) -> None:
    db.session.get_one(Place, sqlite_world.place).operator_id = sqlite_world.parties[0]
    told(sqlite_world, sqlite_world.inspector, ended_at=now())
    desk, answer = assign(sqlite_world, sqlite_world.inspector)
    assert answer.status_code == 303
    assert "应当回避" not in words(desk.get(answer.location))


# --- records --------------------------------------------------------------------------------------------------------


def pushed(world: World, body: dict[str, Any]) -> Visit:
    """Push a visit, and return it as it was taken in."""
    phone = world.phone()
    (entry,) = phone.answers(phone.op("visit.record/1", body))
    assert entry["status"] == "applied", entry
    db.session.rollback()
    return db.session.get_one(Visit, body["id"])


def reviews() -> list[str | None]:
    return [task.subject_id for task in db.session.query(Task).filter_by(kind=TaskKind.REVIEW_VISIT)]


@pytest.mark.parametrize("who", ["inspector", "colleague"])
def test_a_record_about_a_party_somebody_stands_back_from_is_kept_and_looked_at(world: World, who: str) -> None:
    """Whoever of the participants it is, and whoever signed."""
    told(world, getattr(world, who))
    visit = pushed(world, world.visit(world.check(GOOD)))
    assert visit.irregular == "recused"
    assert reviews() == [visit.id]
    assert db.session.query(CreditEvent).count() == 0, "it counts for nobody's credit"
    desk = visitor(world, "supervisor")
    assert "检查人员与检查对象有回避关系" in words(desk.get(f"/console/visit/{visit.id}"))
    tasks = desk.get("/console/tasks")
    assert "检查记录待复核" in words(tasks)
    assert f'href="/console/visit/{visit.id}"' in tasks.text


def test_a_supervisor_ends_the_review_and_says_what_came_of_it(world: World) -> None:
    told(world, world.inspector)
    visit = pushed(world, world.visit(world.check(GOOD)))
    desk, path = visitor(world, "supervisor"), f"/console/visit/{visit.id}"
    assert desk.post(f"{path}/reviewed", note="").status_code == 422
    assert visitor(world, "inspector").post(f"{path}/reviewed", note="x").status_code == 403
    assert "复核完毕" in words(desk.get(path))
    assert desk.post(f"{path}/reviewed", note="已由他人重新检查").status_code == 303
    task = db.session.query(Task).filter_by(kind=TaskKind.REVIEW_VISIT).one()
    db.session.refresh(task)
    assert (task.state, task.note) == ("done", "已由他人重新检查")
    assert "复核完毕" not in words(desk.get(path))
    assert "检查记录待复核" not in words(desk.get("/console/tasks"))
    assert desk.post(f"{path}/reviewed", note="again").status_code == 404
    (act,) = db.session.query(Act).filter_by(kind="visit_reviewed")
    assert (act.by_person, act.about_id, json.loads(act.details)) == (world.supervisor, visit.id, {"task": task.id})


def test_nobody_reviews_a_record_of_ones_own(sqlite_world: World) -> None:
    told(sqlite_world, sqlite_world.inspector)
    visit = pushed(sqlite_world, sqlite_world.visit(sqlite_world.check(GOOD)))
    db.session.get_one(Person, sqlite_world.inspector).role = "supervisor"
    db.session.commit()
    own = visitor(sqlite_world, "inspector").post(f"/console/visit/{visit.id}/reviewed", note="fine")
    assert own.status_code == 409
    assert reviews() == [visit.id]
    assert db.session.query(Task).one().state == "open"


def test_whoever_signed_without_taking_part_counts_too(sqlite_world: World) -> None:
    told(sqlite_world, sqlite_world.inspector)
    officers = [
        {"person": one, "capacity": "officer", "card_no": "1"}
        for one in (sqlite_world.colleague, sqlite_world.supervisor)
    ]
    visit = pushed(sqlite_world, sqlite_world.visit(sqlite_world.check(GOOD), participants=officers))
    assert visit.irregular == "recused"


def test_the_party_that_answers_for_an_instrument_counts_too(sqlite_world: World) -> None:
    """The stall inspected is another's, the scale is theirs."""
    told(sqlite_world, sqlite_world.inspector, 1)
    check = sqlite_world.check(GOOD, instrument=1, custody=sqlite_world.custodies[1])
    assert pushed(sqlite_world, sqlite_world.visit(check)).irregular == "recused"


def test_a_suspicion_goes_its_way_to_the_verification(sqlite_world: World) -> None:
    """The document decides, whoever measured."""
    told(sqlite_world, sqlite_world.inspector)
    pushed(sqlite_world, sqlite_world.visit(sqlite_world.check(BEYOND)))
    assert {task.kind for task in db.session.query(Task)} == {TaskKind.VERIFY, TaskKind.REVIEW_VISIT}


def test_a_relation_to_others_or_of_others_is_no_matter(sqlite_world: World) -> None:
    told(sqlite_world, sqlite_world.inspector, 1)
    told(sqlite_world, sqlite_world.verifier, 0)
    visit = pushed(sqlite_world, sqlite_world.visit(sqlite_world.check(GOOD)))
    assert (visit.irregular, reviews()) == ("", [])
    assert db.session.query(CreditEvent).count() == 1


def test_what_held_when_the_visit_began_counts_however_late_it_comes(sqlite_world: World, clock: TestClock) -> None:
    body = sqlite_world.visit(sqlite_world.check(GOOD))
    clock.move(hours=1)
    told(sqlite_world, sqlite_world.inspector, ended_at=now())
    assert pushed(sqlite_world, body).irregular == "recused"
    later = sqlite_world.visit(sqlite_world.check(GOOD))
    assert pushed(sqlite_world, later).irregular == ""


@pytest.mark.parametrize(("days", "irregular"), [(-1, "card_expired"), (0, ""), (None, "")])
def test_a_visit_with_a_card_that_had_run_out_is_looked_at(world: World, days: int | None, irregular: str) -> None:
    until: date | None = None if days is None else world.day + timedelta(days=days)
    db.session.get_one(Person, world.colleague).card_until = until
    db.session.commit()
    visit = pushed(world, world.visit(world.check(GOOD)))
    assert visit.irregular == irregular
    assert reviews() == ([visit.id] if irregular else [])


def test_the_card_of_a_witness_is_not_asked_for(sqlite_world: World) -> None:
    db.session.get_one(Person, sqlite_world.verifier).card_until = sqlite_world.day - timedelta(days=1)
    db.session.commit()
    people = [
        {"person": one, "capacity": "officer", "card_no": "1"}
        for one in (sqlite_world.inspector, sqlite_world.colleague)
    ]
    people.append({"person": sqlite_world.verifier, "capacity": "verifier", "card_no": "1"})
    assert pushed(sqlite_world, sqlite_world.visit(sqlite_world.check(GOOD), participants=people)).irregular == ""


def test_nothing_personal_travels_to_phones_with_the_task(sqlite_world: World) -> None:
    told(sqlite_world, sqlite_world.inspector)
    pushed(sqlite_world, sqlite_world.visit(sqlite_world.check(GOOD)))
    (task,) = db.session.query(Task).filter_by(kind=TaskKind.REVIEW_VISIT)
    assert task.note == ""
    assert db.session.query(Party).count() == 2


# --- phones ---------------------------------------------------------------------------------------------------------


def brought(world: World, person: str) -> Any:
    """Return the parties that the next token of somebody names."""
    phone = world.phone(person)
    phone.get_token()
    return phone.ask_refresh().json["recused_from"]


def test_a_phone_is_told_from_whom_its_own_officer_stands_back(world: World) -> None:
    told(world, world.inspector, 1)
    told(world, world.inspector, 1, relation="interest")
    told(world, world.colleague, 0)
    ended = told(world, world.inspector, 0)
    assert brought(world, world.inspector) == sorted(world.parties[:2])
    ended.ended_at = now()
    db.session.commit()
    assert brought(world, world.inspector) == [world.parties[1]]
    assert brought(world, world.colleague) == [world.parties[0]]
    assert brought(world, world.verifier) == []


def test_no_relation_stands_in_what_a_whole_region_reads(sqlite_world: World) -> None:
    desk = visitor(sqlite_world, "inspector")
    before = db.session.query(Change).count()
    assert tell(desk, sqlite_world) == 303
    assert db.session.query(Change).count() == before
    assert [row.kind for row in db.session.query(Change) if "recus" in f"{row.kind} {row.body}"] == []
