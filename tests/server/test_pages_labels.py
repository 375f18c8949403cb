"""The stock of labels at the desk: order, print, issue, take back, write off; who sees what; the life of one label."""

from __future__ import annotations

from typing import Any

import pytest
from flask import current_app

from server.accounts.models import Person
from server.clock import now
from server.database import db
from server.public import service as public
from server.registry.models import Region
from server.seals import service as seals
from server.seals.models import SealEvent, SealStock
from shared.ops import Status
from shared.seal import LabelVerdict, open_seal, short_code
from tests.server.pages import Visitor, visitor, words
from tests.server.protocol import statuses
from tests.server.world import World, a_label, scope_of_branch

LABELS = "/console/labels"
FIRST = 1_000_003  # after the labels of the two scales


@pytest.fixture
def desk(world: World) -> Visitor:
    return visitor(world, "supervisor")


def order(desk: Visitor, count: int = 20) -> None:
    answer = desk.post(f"{LABELS}/order", region="411602", count=str(count))
    assert answer.status_code == 303, words(answer)


def move(desk: Visitor, to: str, first: int, last: int, **fields: str) -> Any:
    return desk.post(f"{LABELS}/move", move=to, first=str(first), last=str(last), **fields)


def state(serial: int) -> tuple[str, str]:
    db.session.rollback()
    label = db.session.get_one(SealStock, serial)
    return label.state, label.holder


def issued(world: World, desk: Visitor, last: int = FIRST + 9) -> None:
    order(desk)
    assert move(desk, "printed", FIRST, FIRST + 19).status_code == 303
    assert move(desk, "issued", FIRST, last, person=world.inspector).status_code == 303


def test_ordered_labels_are_signed_stock_labels_that_follow_the_last_serial(world: World, desk: Visitor) -> None:
    order(desk, 3)
    keys = current_app.extensions["dingpan"].keyring.key_set
    for serial in range(FIRST, FIRST + 3):
        label = db.session.get_one(SealStock, serial)
        found = open_seal(f"HTTPS://DINGPAN.TEST/V/{label.text}", keys, None, world.day)
        assert found.verdict is LabelVerdict.GENUINE_STALE
        assert (found.payload.serial, found.payload.kind, found.payload.binding) == (serial, 0, bytes(4))
        assert (found.payload.region, found.payload.last_day) == ("411602", None)
        assert (public.find(db.session(), serial) or {})["label"]["state"] == "ordered"
    event = db.session.query(SealEvent).filter_by(kind="ordered").one()
    assert (event.first_serial, event.last_serial, event.from_state) == (FIRST, FIRST + 2, None)
    assert event.by_person == world.supervisor


def test_the_page_counts_by_state_and_holder_and_says_that_it_adds_up(world: World, desk: Visitor) -> None:
    issued(world, desk)
    text = words(desk.get(LABELS))
    assert "各处合计 22 枚，与台账登记 22 枚相符" in text
    assert "已印制 branch 10" in text
    assert "已发放 inspector 10" in text
    assert "已粘贴 在用器具上 2" in text
    assert f"{short_code(FIRST)} – {short_code(FIRST + 9)}" in text


def test_a_label_that_no_event_brought_in_is_noticed(world: World, desk: Visitor) -> None:
    db.session.add(a_label(world, 5_000_000, None))
    db.session.commit()
    assert "与台账登记 2 枚不符" in words(desk.get(LABELS))


def test_labels_go_out_and_come_back_and_the_life_of_one_is_told(world: World, desk: Visitor) -> None:
    issued(world, desk)
    assert move(desk, "returned", FIRST + 5, FIRST + 9).status_code == 303
    text = words(desk.get(move(desk, "void", FIRST + 6, FIRST + 6, reason="印刷错位").headers["Location"]))
    assert "已登记，共 1 枚" in text
    told = [text.index(word) for word in ("已订制", "已印制", "已发放", "已退回", "已作废", "印刷错位")]
    assert told
    page = words(desk.get(f"{LABELS}?q={short_code(FIRST + 6)}"))
    steps = page[page.index("的经历") :]
    places = [steps.index(word) for word in ("待印制", "已印制", "已发放 branch inspector", "已退回 inspector branch")]
    assert places == sorted(places)
    assert "已作废 branch 已退出使用 supervisor" in steps
    assert state(FIRST + 6) == ("void", "gone")
    assert seals.serials_to_revoke(db.session()) == [FIRST + 6]
    assert (public.find(db.session(), FIRST + 6) or {})["label"]["state"] == "void"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"move": "issued", "first": str(FIRST)}, "这位人员不负责该处"),
        ({"move": "void", "first": str(FIRST)}, "请填写原因"),
        ({"move": "printed", "first": str(FIRST), "person": "inspector"}, "只有发放时才选领用人"),
        ({"move": "printed", "first": "AAAA6QSB8"}, "这不是标识的短码或序号"),
        ({"move": "printed", "first": str(FIRST + 1), "last": str(FIRST)}, "末号要在首号之后，一次最多 20000 枚"),
        ({"move": "printed", "first": str(FIRST), "last": "1099511627775"}, "末号要在首号之后，一次最多 20000 枚"),
        ({"move": "applied", "first": str(FIRST)}, "请"),
    ],
)
def test_what_is_typed_wrong_is_told_beside_its_field(
    world: World, desk: Visitor, fields: dict[str, str], sentence: str
) -> None:
    order(desk, 3)
    fields = fields | ({"person": world.inspector} if "person" in fields else {})
    answer = desk.post(f"{LABELS}/move", **fields)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert state(FIRST) == ("ordered", "printer")


def test_a_range_with_one_label_that_cannot_move_stays_as_it_was(world: World, desk: Visitor) -> None:
    issued(world, desk)
    answer = move(desk, "returned", FIRST + 8, FIRST + 10)
    assert answer.status_code == 409
    assert f"标识 {short_code(FIRST + 10)}（序号 {FIRST + 10}）现在是“已印制”，不能登记为“已退回”" in words(answer)
    assert state(FIRST + 8) == ("issued", f"person/{world.inspector}")
    answer = move(desk, "lost", FIRST + 18, FIRST + 21, reason="x")
    assert answer.status_code == 409
    assert "号段中有 2 枚标识不在本辖区的台账中" in words(answer)


def test_an_order_of_the_same_serials_at_the_same_moment_is_told(world: World, desk: Visitor) -> None:
    """Signing comes before the lock: whoever is second there finds the serials taken."""
    dingpan = current_app.extensions["dingpan"]
    draft = {"region": "411602", "host": "DINGPAN.TEST", "day": world.day}
    slow = seals.draft(db.session(), dingpan.keyring, count=3, **draft)
    order(desk, 1)
    with pytest.raises(seals.LabelsTaken):
        seals.place(db.session(), slow, by=None, now=now())
    db.session.rollback()
    assert db.session.query(SealEvent).filter_by(kind="ordered").count() == 1


def test_labels_and_regions_elsewhere_are_as_good_as_not_there(world: World, desk: Visitor) -> None:
    order(desk, 3)
    assert "这里不在您的管辖范围" in words(desk.post(f"{LABELS}/order", region="411681", count="1"))
    db.session.query(SealStock).filter(SealStock.serial >= FIRST).update({"region": "411681"})
    db.session.commit()
    assert move(desk, "printed", FIRST, FIRST + 2).status_code == 409
    assert "台账里没有找到" in words(desk.get(f"{LABELS}?q={FIRST}"))
    assert state(FIRST) == ("ordered", "printer")


def test_an_officer_sees_what_is_held_and_moves_nothing(world: World, desk: Visitor) -> None:
    issued(world, desk)
    officer, other = visitor(world, "inspector"), visitor(world, "colleague")
    text = words(officer.get(f"{LABELS}?q={FIRST}"))
    assert f"{short_code(FIRST)} – {short_code(FIRST + 9)}" in text
    assert "的经历" in text
    assert "登记变动" not in text
    assert "台账登记总数" not in text
    assert "您现在没有持有标识" in words(other.get(LABELS))
    assert "台账里没有找到" in words(other.get(f"{LABELS}?q={FIRST}"))
    assert move(officer, "void", FIRST, FIRST, reason="x").status_code == 403
    assert officer.post(f"{LABELS}/order", region="411602", count="1").status_code == 403


def test_a_label_bound_by_a_phone_leaves_its_holder_and_the_sum_stays(world: World, desk: Visitor) -> None:
    issued(world, desk)
    phone = world.phone()
    op = phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": FIRST})
    assert statuses(world.app, phone, op) == [Status.APPLIED]
    assert state(FIRST) == ("applied", "instrument")
    assert state(1_000_001) == ("replaced", "gone")
    event = db.session.query(SealEvent).filter_by(first_serial=FIRST, kind="applied").one()
    told = (event.op_id, event.from_holder, event.instrument_id, event.by_person)
    assert told == (op.op_id, f"person/{world.inspector}", world.instruments[0], world.inspector)
    assert seals.adds_up(db.session(), scope_of_branch())
    assert "22 枚相符" in words(desk.get(LABELS))


def test_a_label_written_off_while_it_is_on_a_scale_takes_it_from_the_scale(world: World, desk: Visitor) -> None:
    assert move(desk, "broken", 1_000_001, 1_000_001, reason="被撕毁").status_code == 303
    assert seals.labels_of(db.session(), world.instruments) == {
        world.instruments[1]: db.session.get_one(SealStock, 1_000_002)
    }
    assert (public.find(db.session(), 1_000_001) or {})["label"]["state"] == "broken"


def test_a_region_that_others_lie_below_gets_no_labels_of_its_own(world: World, desk: Visitor) -> None:
    person = db.session.get_one(Person, world.supervisor)
    assert person.unit is not None
    person.unit.regions[0].region = "4116"
    db.session.commit()
    text = desk.get(LABELS).text
    leaves = db.session.query(Region).filter(Region.code.in_(["411602", "411681"]))
    assert all(f'value="{region.code}"' in text for region in leaves)
    assert 'value="411600"' not in text
