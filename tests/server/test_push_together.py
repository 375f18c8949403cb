"""Visits that are taken in together leave what they leave when each comes alone; one that fails is alone in failing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.accounts.models import Person
from server.campaigns.models import Task
from server.credit.models import CreditEvent, PartyScore
from server.database import begin_write, db
from server.evidence.models import NamedFile
from server.findings import service as findings
from server.findings.models import Finding
from server.inspections.models import Check, Inspection, Visit
from server.registry.models import Instrument
from server.sync.models import StoredOp
from shared.ops import Status
from shared.wire import visit
from tests.server.protocol import send, statuses, stored
from tests.server.world import BEYOND, GOOD, World, new_id, now


def bodies(world: World, at: int) -> list[dict[str, Any]]:
    """Return visits of every sort to one of the two stalls."""

    def made(readings: list[tuple[int, int]], **fields: Any) -> dict[str, Any]:
        return world.visit(world.check(readings, instrument=at), party=at, **fields)

    good, beyond = made(GOOD), made(BEYOND)
    disputed = made(GOOD)
    disputed["inspections"][0]["checks"][0]["verdict"] = "beyond"
    far = made(GOOD, place=world.far_place)
    unknown = made(GOOD)
    unknown["inspections"][0]["checks"][0]["custody"] = new_id(now())
    of_another = made(GOOD)
    of_another["inspections"][0]["checks"][0]["custody"] = world.custodies[1 - at]
    same_check = made(GOOD)
    same_check["inspections"][0]["checks"][0]["id"] = good["inspections"][0]["checks"][0]["id"]
    same_visit = made(GOOD, id=beyond["id"])
    late = made(GOOD, made_at="2999-01-01T00:00:00Z")
    one_officer = made(GOOD, participants=[{"person": world.inspector, "capacity": "officer", "card_no": "1"}])
    labelled = made(GOOD)
    labelled["inspections"][0]["checks"][0] |= {
        "label": world.links[at].rpartition("/")[2],
        "label_verdict": "genuine",
        "photo_matches": True,
    }
    return [
        *(good, beyond, disputed, far, unknown, of_another, same_check, same_visit),
        *(late, one_officer, labelled, made([])),
        made(GOOD),
    ]


TAKEN, OUT, TWICE = Status.APPLIED, Status.REJECTED, Status.CONFLICT
EXPECTED = [TAKEN, TAKEN, TAKEN, OUT, OUT, OUT, TWICE, TWICE, TAKEN, TAKEN, TAKEN, OUT, TAKEN]


def left(world: World, at: int) -> dict[str, Any]:
    """Return what is there of one of the stalls."""
    db.session.rollback()
    instrument, party = world.instruments[at], world.parties[at]
    checks = db.session.query(Check).where(Check.instrument_id == instrument).all()
    visits = db.session.query(Visit).join(Inspection).where(Inspection.party_id == party).all()
    tasks = db.session.query(Task).where(Task.instrument_id == instrument)
    about_visits = db.session.query(Task).where(Task.subject_id.in_([one.id for one in visits]))
    score = db.session.get_one(PartyScore, party)
    return {
        "checks": Counter((check.verdict, check.is_disputed, len(check.readings)) for check in checks),
        "visits": Counter((one.irregular, len(one.participants), len(one.inspections)) for one in visits),
        "tasks": Counter((task.kind, task.state) for task in tasks),
        "reviews": Counter((task.kind, task.state) for task in about_visits),
        "events": Counter(
            (event.code, event.state) for event in db.session.query(CreditEvent).where(CreditEvent.party_id == party)
        ),
        "findings": db.session.query(Finding).where(Finding.instrument_id == instrument).count(),
        "score": (score.points, score.grade),
        "status": db.session.get_one(Instrument, instrument).status,
    }


def test_together_or_each_alone_leaves_the_same(world: World) -> None:
    together, alone = world.phone(), world.phone()
    ops = [together.op(visit.KIND, body) for body in bodies(world, 0)]
    assert statuses(world.app, together, *ops) == EXPECTED
    singles = [alone.op(visit.KIND, body) for body in bodies(world, 1)]
    assert [statuses(world.app, alone, op)[0] for op in singles] == EXPECTED
    assert left(world, 0) == left(world, 1)
    assert left(world, 0)["findings"] == 1
    assert sum(left(world, 0)["checks"].values()) == EXPECTED.count(TAKEN)


def test_other_kinds_between_visits_see_what_came_before_them(world: World) -> None:
    phone = world.phone()
    first = phone.op(visit.KIND, world.visit(world.check(GOOD)))
    note = phone.op("correction/1", {"corrects": first.op_id, "note": "x"}, depends_on=(first.op_id,))
    changed = dict(world.visit(world.check(GOOD)), id=new_id(now()))
    second = phone.op(visit.KIND, changed, depends_on=(note.op_id,))
    again = phone.op(visit.KIND, changed | {"approval_no": "2"})
    entries = send(world.app, phone, first, note, second, again)
    assert [entry["status"] for entry in entries] == ["applied", "applied", "applied", "conflict"]
    assert entries[3]["theirs"] == {"body": second.body}


def test_visits_on_both_sides_of_what_came_before_are_each_taken_in(world: World) -> None:
    """What is answered without being taken in parts them all the same: the second must not be lost from sight."""
    phone = world.phone()
    visits = [phone.op(visit.KIND, world.visit(world.check(GOOD, instrument=at), party=at)) for at in (0, 1)]
    note = phone.op("correction/1", {"corrects": visits[0].op_id, "note": "x"})
    unknown = phone.op("new.kind/1", "{}")
    assert statuses(world.app, phone, note) == ["applied"]
    assert statuses(world.app, phone, visits[0], note, visits[1]) == ["applied", "duplicate", "applied"]
    others = [phone.op(visit.KIND, world.visit(world.check(GOOD, instrument=at), party=at)) for at in (1, 0)]
    assert statuses(world.app, phone, others[0], unknown, others[1]) == ["applied", "retry", "applied"]


def test_a_recused_officer_keeps_one_visit_of_many_from_counting(world: World) -> None:
    begin_write()
    person = db.session.get_one(Person, world.colleague)
    accounts.tell_recusal(db.session(), person, world.parties[0], "relative", told_by=world.supervisor, now=now())
    db.session.commit()
    phone = world.phone()
    ops = [
        phone.op(visit.KIND, world.visit(world.check(GOOD, instrument=at), party=at)) for at in (0, 1) for _ in range(2)
    ]
    assert statuses(world.app, phone, *ops) == ["applied"] * 4
    assert db.session.query(Task).where(Task.kind == "review_visit").count() == 2
    counted = Counter(event.party_id for event in db.session.query(CreditEvent))
    assert counted == {world.parties[1]: 2}


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_visit_whose_effects_fail_is_alone_in_failing(
    world: World, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    phone = world.phone()
    sent = [world.visit(world.check(BEYOND, instrument=at % 2), party=at % 2) for at in range(5)]
    poison = sent[place]["inspections"][0]["checks"][0]["id"]
    real = findings.suspect

    def _fails(session: Session, *, check_id: str, **about: Any) -> Any:
        if check_id == poison:
            raise ValueError("poison")
        return real(session, check_id=check_id, **about)

    ops = [phone.op(visit.KIND, body) for body in sent]
    with monkeypatch.context() as patched:
        patched.setattr(findings, "suspect", _fails)
        expected = ["retry" if at == place else "applied" for at in range(5)]
        assert statuses(world.app, phone, *ops) == expected
    for table in (Visit, Finding, StoredOp):
        assert db.session.query(table).count() == 4, table
    assert statuses(world.app, phone, *ops) == ["applied" if at == place else "duplicate" for at in range(5)]
    assert all(op.is_chained for op in stored())
    assert db.session.query(Finding).count() == 5


def test_files_of_many_visits_are_kept_under_their_own(world: World) -> None:
    phone = world.phone()
    sent = []
    for number in range(3):
        body = world.visit(world.check(GOOD))
        body["inspections"][0]["evidence"] = [
            {"sha256": f"{number}{place}" * 32, "bytes": 5, "kind": "photo", "check": None} for place in range(2)
        ]
        sent.append(body)
    ops = [phone.op(visit.KIND, body) for body in sent]
    assert statuses(world.app, phone, *ops) == ["applied"] * 3
    rows = db.session.query(NamedFile).order_by(NamedFile.record_id, NamedFile.place_in_list).all()
    named = {(row.record_id, row.place_in_list, row.sha256, row.op_id) for row in rows}
    assert named == {
        (body["id"], place, f"{number}{place}" * 32, ops[number].op_id)
        for number, body in enumerate(sent)
        for place in range(2)
    }
