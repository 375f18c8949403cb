"""An original that goes to a phone is an act, as looking at one at the desk is: once for a person, a file and a day."""

from __future__ import annotations

import json
from functools import partial

from sqlalchemy import text

from server.accounts.models import Role
from server.administration.models import Act
from server.audit.models import Leaf
from server.database import db
from server.evidence.folder import FolderStore
from server.registry.models import Instrument
from tests.server.conftest import TestClock
from tests.server.pages import words
from tests.server.people import one_of_each
from tests.server.test_people import desk_of, with_passwords
from tests.server.world import Phone, World

PICTURE = b"\xff\xd8 picture"


def kept(world: World, number: int = 0, content: bytes = PICTURE) -> str:
    """Keep a picture of an instrument, and return its name."""
    folder = world.app.extensions["dingpan"].settings.evidence_dir
    name = FolderStore(folder).put(content)
    db.session.get_one(Instrument, world.instruments[number]).photo_sha256 = name
    db.session.commit()
    return name


def fetch(phone: Phone, name: str, **headers: str) -> int:
    answer = phone.client.get(f"/api/v1/evidence/{name}", headers=phone.headers | headers, buffered=True)
    return int(answer.status_code)


def sent() -> list[tuple[str | None, str]]:
    db.session.expire_all()
    acts = db.session.query(Act).filter_by(kind="picture_sent").order_by(Act.at, Act.id)
    return [(act.by_person, act.about_id) for act in acts]


def test_a_picture_sent_to_a_phone_is_an_act_with_person_file_and_phone(world: World) -> None:
    name, phone, leaves = kept(world), world.phone(), db.session.query(Leaf).count()
    assert fetch(phone, name) == 200
    (act,) = db.session.query(Act).filter_by(kind="picture_sent")
    assert (act.by_person, act.about_kind, act.about_id) == (world.inspector, "picture", name)
    assert json.loads(act.details) == {"device": phone.device_id}
    assert db.session.query(Leaf).count() == leaves + 1


def test_the_same_again_on_the_same_day_is_the_same_act(world: World, clock: TestClock) -> None:
    """The clock of the tests begins at ten in the morning in Shanghai, when it is two in the UTC."""
    name, other, phone = kept(world), kept(world, 1, PICTURE + b"2"), world.phone()
    get = partial(fetch, phone)
    assert [get(name), get(name)] == [200] * 2
    clock.move(minutes=1)
    assert get(other) == 200
    assert sent() == [(world.inspector, name), (world.inspector, other)]
    clock.move(hours=13, minutes=58, seconds=59)
    again = world.phone()
    assert fetch(again, name) == 200
    assert len(sent()) == 2, "it is still the day, and a second phone of the same person tells nothing new"
    clock.move(seconds=1)
    assert fetch(world.phone(), name) == 200
    assert sent()[2:] == [(world.inspector, name)]
    clock.move(seconds=1)
    assert fetch(world.phone(world.colleague), name) == 200
    assert sent()[3:] == [(world.colleague, name)]


def test_what_is_not_sent_is_no_act(sqlite_world: World) -> None:
    name, phone = kept(sqlite_world), sqlite_world.phone()
    assert fetch(sqlite_world.phone(sqlite_world.stranger), name) == 404
    assert fetch(phone, "0" * 64) == 404
    assert fetch(phone, name, **{"If-None-Match": f'"{name}"'}) == 304
    assert sent() == []


def test_where_it_cannot_be_written_down_nothing_is_sent(sqlite_world: World) -> None:
    name, phone = kept(sqlite_world), sqlite_world.phone()
    phone.get_token()
    db.session.execute(text("PRAGMA query_only=ON"))
    db.session.rollback()
    answer = phone.client.get(f"/api/v1/evidence/{name}", headers=phone.headers, buffered=True)
    db.session.execute(text("PRAGMA query_only=OFF"))
    db.session.rollback()
    assert (answer.status_code, PICTURE in answer.data) == (503, False)
    assert sent() == []


def test_the_auditors_read_it_in_words_and_may_ask_for_it_alone(sqlite_world: World) -> None:
    name, phone = kept(sqlite_world), sqlite_world.phone()
    fetch(phone, name)
    desk = desk_of(sqlite_world, with_passwords(one_of_each(sqlite_world))[Role.AUDITOR])
    said = words(desk.get("/console/acts?kind=picture_sent"))
    assert f"照片原件下发到手机 inspector picture {name} 手机 {phone.device_id}" in said
    assert "没有这样的操作记录。" in words(desk.get("/console/acts?kind=data_read"))
