"""Hiding a face in the picture that everyone sees, by hand, from the desk."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from server.database import db
from server.evidence import service as evidence
from server.registry.models import Instrument
from tests.server import photos
from tests.server.pages import visitor, words
from tests.server.test_public_copies import PHOTO, hang_up, publish, shown
from tests.server.world import World

FACE = "[[150, 100, 250, 200]]"


def colours_in(content: bytes, box: tuple[int, int, int, int]) -> int:
    """Return how many colours a part of a picture has."""
    with Image.open(io.BytesIO(content)) as image:
        found = image.crop(box).getcolors(1 << 16)
    return len(found or ())


def test_what_is_marked_is_hidden_from_everyone_and_shown_as_marked_later(world: World) -> None:
    noise = photos.jpeg(Image.effect_noise((400, 300), 90).convert("RGB"))
    sha256 = hang_up(world, noise)
    before = publish(world, sha256)
    desk = visitor(world, "inspector")
    path = f"/console/pictures/{sha256}/hiding"
    assert before in desk.get(path).text
    answer = desk.post(path, rectangles=FACE)
    assert answer.status_code == 303
    page = desk.get(answer.headers["Location"])
    assert "公开照片已更新" in words(page)
    after = shown(world)
    assert after not in (None, before)
    assert str(after) in page.text
    assert world.client.get(f"/pictures/{before}").status_code == 404
    hidden = world.client.get(f"/pictures/{after}", buffered=True).data
    assert colours_in(hidden, (160, 110, 240, 190)) < colours_in(hidden, (10, 10, 90, 90)) / 3
    assert evidence.store().get(sha256) == noise
    assert "[[150, 100, 250, 200]]" in page.text, "a later look begins with what is hidden"
    assert desk.post(path, rectangles="[]").status_code == 303
    assert shown(world) == before, "the same pixels are the same copy"


WRONG = ("", "x", "{}", "[1]", "[[1,2,3]]", "[[1,2,3,true]]", '[["1",2,3,4]]', "[[1.5,2,3,4]]", "[[-1,2,3,4]]")
TOO_MUCH = ("[" * 3000, json.dumps([[1, 2, 3, 4]] * 51), "[[0,0,20001,5]]")


@pytest.mark.parametrize("typed", [*WRONG, *TOO_MUCH])
def test_what_is_no_list_of_parts_is_told_and_nothing_changes(sqlite_world: World, typed: str) -> None:
    sha256 = hang_up(sqlite_world, PHOTO)
    before = publish(sqlite_world, sha256)
    desk = visitor(sqlite_world, "inspector")
    answer = desk.post(f"/console/pictures/{sha256}/hiding", rectangles=typed)
    assert answer.status_code == 422
    assert 'id="rectangles-wrong"' in answer.text
    assert shown(sqlite_world) == before


def test_a_part_outside_the_picture_is_told_with_its_size(sqlite_world: World) -> None:
    sha256 = hang_up(sqlite_world, PHOTO)
    answer = visitor(sqlite_world, "inspector").post(f"/console/pictures/{sha256}/hiding", rectangles="[[0,0,401,300]]")
    assert answer.status_code == 422
    assert "400×300" in words(answer)


@pytest.mark.parametrize("name", ["heic of a phone", "heif without more"])
def test_an_original_that_is_heic_is_told_with_what_to_set(sqlite_world: World, name: str) -> None:
    """Uploads take none; one may have come into the store another way."""
    sha256 = hang_up(sqlite_world, photos.BRANDS[name]())
    answer = visitor(sqlite_world, "inspector").post(f"/console/pictures/{sha256}/hiding", rectangles="[[0,0,9,9]]")
    assert answer.status_code == 415
    assert "请在手机的相机设置里把照片格式改为“兼容性最佳”（JPEG），关闭“高效”。" in words(answer)


def test_only_who_is_responsible_for_the_instrument_may_hide(sqlite_world: World) -> None:
    sha256 = hang_up(sqlite_world, PHOTO)
    path = f"/console/pictures/{sha256}/hiding"
    db.session.get_one(Instrument, sqlite_world.instruments[0]).region = "411681"
    db.session.commit()
    desk = visitor(sqlite_world, "inspector")
    assert desk.get(path).status_code == 404
    assert desk.post(path, rectangles="[]").status_code == 404
