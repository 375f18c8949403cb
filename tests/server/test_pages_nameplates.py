"""Photos of nameplates that labelling sent, where a supervisor looks at an instrument; to open one is an act."""

from __future__ import annotations

import json
import re

import pytest

from server.administration.models import Act
from server.database import db
from shared.ops import Status
from tests.server.labelling import BIND, REGISTER, a_binding, an_instrument, files, photo, stock, upload
from tests.server.pages import Visitor, visitor, words
from tests.server.protocol import statuses
from tests.server.sending import digest
from tests.server.world import World

LINK = re.compile(r'href="(/[^"]*/pictures/([0-9a-f]{64}))"')


def photographed(world: World, *, is_sent: bool = True) -> tuple[str, bytes]:
    """Register a scale with a photo of its nameplate; return its id and the photo."""
    phone, content = world.phone(), photo(1)
    body = an_instrument(world, 1, content)
    assert statuses(world.app, phone, phone.op(REGISTER, body)) == [Status.APPLIED]
    if is_sent:
        upload(phone, body["id"], "nameplate", content)
    return body["id"], content


def links(page: Visitor, instrument: str) -> list[tuple[str, str]]:
    """Return path and name of the photos that the page of an instrument leads to."""
    answer = page.get(f"/console/physical-seals?instrument={instrument}")
    assert answer.status_code == 200
    return LINK.findall(answer.text)


def readings() -> list[str]:
    return [json.loads(act.details)["ids"] for act in db.session.query(Act).filter_by(kind="data_read")]


def test_a_supervisor_opens_the_photo_and_that_is_an_act(world: World) -> None:
    instrument, content = photographed(world)
    page = visitor(world, "supervisor")
    ((path, sha256),) = links(page, instrument)
    assert (sha256, readings()) == (digest(content), []), "to see that there is a photo is no reading of it"
    assert "铭牌照片" in words(page.get(f"/console/physical-seals?instrument={instrument}"))
    answer = page.get(path)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", content)
    assert readings() == [sha256]


def test_a_photo_that_came_with_another_label_is_there_and_one_of_the_label_in_place_is_no_nameplate(
    world: World,
) -> None:
    instrument, first = photographed(world)
    (serial,), phone = stock(world, 1), world.phone()
    second, in_place = photo(2), photo(3)
    sent = files("nameplate", [second]) + files("label_in_place", [in_place])
    bind = phone.op(BIND, a_binding(instrument, serial) | {"evidence": sent})
    assert statuses(world.app, phone, bind) == [Status.APPLIED]
    upload(phone, bind.op_id, "nameplate", second)
    upload(phone, bind.op_id, "label_in_place", in_place)
    found = {sha256 for _, sha256 in links(visitor(world, "supervisor"), instrument)}
    assert found == {digest(first), digest(second)}


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_photo_that_has_not_come_is_not_offered(world: World, is_sent: bool) -> None:
    instrument, _ = photographed(world, is_sent=is_sent)
    assert len(links(visitor(world, "supervisor"), instrument)) == is_sent


def test_an_instrument_without_one_says_nothing_of_photos(world: World) -> None:
    page = visitor(world, "supervisor")
    assert links(page, world.instruments[0]) == []
    assert "铭牌照片" not in words(page.get(f"/console/physical-seals?instrument={world.instruments[0]}"))
