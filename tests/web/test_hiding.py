"""Marking what to hide with the mouse and with a finger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.database import db
from server.registry.models import Instrument
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import is_cut_off, sign_in


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_drag_marks_a_part_in_pixels_of_the_original(
    site: Site, open_page: Any, size: dict[str, int], tmp_path: Path
) -> None:
    with site.inside() as world:
        sha256 = db.session.get_one(Instrument, world.instruments[0]).photo_sha256
    page = open_page(size)
    sign_in(page, "inspector")
    page.goto(f"/console/pictures/{sha256}/hiding")
    page.wait_for_selector(".hiding-frame.is-ready")
    image = page.locator(".hiding-frame img")
    box, natural = image.bounding_box(), image.evaluate("i => [i.naturalWidth, i.naturalHeight]")
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.75)
    page.mouse.up()
    ((left, top, right, bottom),) = json.loads(page.locator("#rectangles").input_value())
    for found, share, side in ((left, 0.25, 0), (right, 0.5, 0), (top, 0.25, 1), (bottom, 0.75, 1)):
        assert abs(found - share * natural[side]) <= 3
    assert not is_cut_off(page)
    page.screenshot(path=tmp_path / "hiding.png", full_page=True)
    page.click("text=保存并更新公开照片")
    page.wait_for_selector("text=公开照片已更新")
    page.wait_for_selector(".hiding-frame.is-ready")
    assert page.locator(".hiding-mark").count() == 1
    page.click("text=全部清除")
    assert page.locator("#rectangles").input_value() == "[]"
