"""Physical seals from the desk and from a phone: kept as told, what stands now, and what is looked into."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.campaigns.models import Task
from server.clock import now
from server.credit.models import CreditEvent
from server.database import db
from server.findings.models import Finding
from server.physical_seals import service as physical_seals
from server.physical_seals.models import PhysicalSealEvent
from shared.dates import instant_text
from shared.ops import Status
from shared.words import SealPosition
from tests.server.pages import Visitor, visitor, words
from tests.server.protocol import send, statuses
from tests.server.world import World, new_id

PAGE, KIND = "/console/physical-seals", "physical_seal.record/1"
HOUSING = SealPosition.HOUSING


def enter(desk: Visitor, world: World, act: str, **fields: str) -> Any:
    return enter_as(desk, world, act=act, **fields)


def enter_as(desk: Visitor, world: World, **fields: str) -> Any:
    sound = {"instrument": world.instruments[0], "position": "housing", "owner": "verification"}
    return desk.post(PAGE, **(sound | {"done_on": world.day.isoformat()} | fields))


def record(world: World, act: str, **fields: Any) -> dict[str, Any]:
    body = {"id": new_id(now()), "instrument": world.instruments[0], "at": instant_text(now()), "act": act}
    return body | {"position": "housing", "owner": "supervision"} | fields


def numbers(world: World) -> dict[SealPosition, str | None]:
    db.session.rollback()
    return {at: here.number for at, here in physical_seals.standing_of(db.session(), world.instruments[0]).items()}


def tasks() -> list[tuple[str, str | None, str]]:
    return [(task.kind, task.instrument_id, task.note) for task in db.session.query(Task)]


def test_from_the_first_seal_over_an_opening_to_the_next_all_is_told(world: World) -> None:
    desk = visitor(world, "verifier")
    assert enter(desk, world, "applied", new_number="QF-001").status_code == 303
    assert (
        enter(desk, world, "opened_with_authority", old_number="QF-001", authority="周检修〔2026〕7号").status_code
        == 303
    )
    assert numbers(world) == {HOUSING: None}
    answer = enter(desk, world, "applied", new_number="QF-002", witnesses="李四、王五", note="修理后")
    page = words(desk.get(answer.headers["Location"]))
    assert numbers(world) == {HOUSING: "QF-002"}
    for told in ("已登记", "机壳 完好 QF-002 检定机构", "依据：周检修〔2026〕7号", "见证人：李四、王五", "修理后"):
        assert told in page
    assert db.session.query(PhysicalSealEvent).count() == 3
    assert tasks() == []


def test_a_broken_seal_is_looked_into_and_accuses_nobody(world: World) -> None:
    desk = visitor(world, "inspector")
    assert enter(desk, world, "found_broken", old_number="QF-001").status_code == 303
    assert tasks() == [("broken_seal", world.instruments[0], "QF-001")]
    assert db.session.query(Finding).count() == db.session.query(CreditEvent).count() == 0
    assert numbers(world) == {HOUSING: None}
    page = visitor(world, "supervisor").get("/console/tasks")
    assert "封印破损，待核查" in words(page)
    assert f"{PAGE}?instrument={world.instruments[0]}" in page.text


def test_another_number_than_the_one_on_file_is_looked_into(world: World) -> None:
    desk = visitor(world, "supervisor")
    enter(desk, world, "applied", new_number="QF-001")
    assert enter(desk, world, "replaced", old_number="QF-999", new_number="QF-002").status_code == 303
    assert tasks() == [("other_seal", world.instruments[0], "QF-999")]
    assert "与档案编号不符" in words(desk.get(f"{PAGE}?instrument={world.instruments[0]}"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"act": "applied"}, "请填写新封印的编号"),
        ({"act": "opened_with_authority", "old_number": "1"}, "请填写启封的文书编号或维修单位"),
        ({"act": "found_broken", "position": "encoder_transducer"}, "这类器具没有这个封印位置"),
        ({"act": "found_broken", "done_on": "2026-11-22"}, "日期不能在今天之后"),
        ({"act": "found_broken", "done_on": "2015-01-01"}, "日期早于 10 年前"),
        ({"act": "found_broken", "witnesses": "甲,乙,丙,丁,戊,己,庚"}, "最多 6 位见证人"),
        ({"act": "torn"}, "请"),
    ],
)
def test_what_is_typed_wrong_is_told_and_nothing_is_kept(world: World, fields: dict[str, str], sentence: str) -> None:
    answer = enter_as(visitor(world, "inspector"), world, **fields)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert db.session.query(PhysicalSealEvent).count() == 0


def test_a_seal_over_a_seal_is_asked_for_as_a_replacement(world: World) -> None:
    desk = visitor(world, "verifier")
    enter(desk, world, "applied", new_number="QF-001")
    answer = enter(desk, world, "applied", new_number="QF-002")
    assert answer.status_code == 422
    assert "这里已有封印 QF-001，请登记为更换封印" in words(answer)
    assert enter(desk, world, "applied", new_number="QF-003", position="adjuster").status_code == 303
    assert numbers(world) == {HOUSING: "QF-001", SealPosition.ADJUSTER: "QF-003"}


def test_instruments_elsewhere_are_not_found_and_auditors_enter_nothing(far: World) -> None:
    desk = visitor(far, "inspector")
    assert desk.get(f"{PAGE}?instrument={far.instruments[2]}").status_code == 404
    assert enter(desk, far, "found_broken", instrument=far.instruments[2]).status_code == 404
    assert "ACS-0001" in words(desk.get(f"{PAGE}?q=ACS-0001"))


# --- from a phone ---------------------------------------------------------------------------------------------------


def test_what_a_phone_recorded_is_kept_with_its_op_and_looked_into(world: World) -> None:
    phone = world.phone()
    first = phone.op(KIND, record(world, "applied", new_number="A1", witnesses=["李四"]))
    broken = phone.op(KIND, record(world, "found_broken", old_number="A1", at=instant_text(now() + timedelta(hours=1))))
    assert statuses(world.app, phone, first, broken, first) == [Status.APPLIED, Status.APPLIED, Status.DUPLICATE]
    events = physical_seals.history(db.session(), world.instruments[0])
    assert [(event.act, event.op_id, event.witnesses) for event in events] == [
        ("applied", first.op_id, "李四"),
        ("found_broken", broken.op_id, ""),
    ]
    assert events[0].by_person == world.inspector
    assert tasks() == [("broken_seal", world.instruments[0], "A1")]


def test_a_record_that_comes_late_takes_its_place_in_the_order_of_what_happened(world: World) -> None:
    phone, desk = world.phone(), visitor(world, "verifier")
    early = phone.op(KIND, record(world, "applied", new_number="A1", at=instant_text(now() - timedelta(days=2))))
    assert enter(desk, world, "replaced", new_number="A2", old_number="A1").status_code == 303
    assert statuses(world.app, phone, early) == [Status.APPLIED]
    assert numbers(world) == {HOUSING: "A2"}
    assert tasks() == []


def test_a_record_without_what_its_act_needs_is_refused_by_the_field(world: World) -> None:
    phone = world.phone()
    for act, name in (("replaced", "new_number"), ("opened_with_authority", "authority")):
        (answer,) = send(world.app, phone, phone.op(KIND, record(world, act)))
        assert answer["status"] == Status.REJECTED
        assert [row["pointer"] for row in answer["problem"]["errors"]] == [f"/{name}"]


def test_an_instrument_elsewhere_is_out_of_scope_and_an_id_taken_is_a_conflict(far: World) -> None:
    phone = far.phone()
    elsewhere = phone.op(KIND, record(far, "found_broken", instrument=far.instruments[2]))
    body = record(far, "found_broken")
    ops = [phone.op(KIND, body), phone.op(KIND, body | {"note": "other"})]
    assert statuses(far.app, phone, elsewhere, *ops) == [Status.REJECTED, Status.APPLIED, Status.CONFLICT]
    assert db.session.query(PhysicalSealEvent).count() == 1


def test_the_desk_names_the_kind_of_record_that_came_in(world: World) -> None:
    phone = world.phone()
    assert statuses(world.app, phone, phone.op(KIND, record(world, "found_broken"))) == [Status.APPLIED]
    assert "封印" in words(visitor(world, "supervisor").get("/console/incoming"))
