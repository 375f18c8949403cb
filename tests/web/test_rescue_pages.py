"""Taking in a rescue file in a real browser: a good one twice, a damaged one, one that waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.server import photos
from tests.server.rescuing import package_of
from tests.server.sending import digest
from tests.server.world import BEYOND
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import is_cut_off, nameless, sign_in

PHOTO = photos.noise((60, 40), 3)
EARLIER = "019aa111-0000-7000-8000-000000000001"


def looked_at(page: Page, name: str, folder: Path) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    assert is_cut_off(page) == [], name
    assert nameless(page) == [], name


def a_package(site: Site) -> bytes:
    """A record with a photo, and one that waits for another."""
    with site.inside() as world:
        phone = world.phone()
        body = world.visit(world.check(BEYOND))
        file = {"sha256": digest(PHOTO), "bytes": len(PHOTO), "kind": "photo", "check": None}
        body["inspections"][0]["evidence"] = [file]
        first = phone.op("visit.record/1", body)
        waiting = phone.op("correction/1", {"corrects": first.op_id, "note": "n"}, depends_on=(EARLIER,))
        return package_of(site.app, first, waiting, photos=[(body["id"], PHOTO)])


def take_in(page: Page, path: Path) -> None:
    page.goto("/console/rescue")
    page.set_input_files("#file", path)
    page.click("main form[enctype] button")


@pytest.mark.parametrize(
    ("size", "language"), [(DESK, "zh-CN"), (PHONE, "zh-CN"), (PHONE, "en")], ids=["desk", "phone", "english"]
)
def test_a_rescue_file_is_taken_in_by_hand(
    site: Site, open_page: Any, tmp_path: Path, size: dict[str, int], language: str
) -> None:
    package = a_package(site)
    good, bad = tmp_path / "dingpan-0001.dprescue", tmp_path / "dingpan-0002.dprescue"
    good.write_bytes(package)
    bad.write_bytes(package[:-1])
    page = open_page(size)
    sign_in(page, "inspector")
    page.goto(f"/console/rescue?lang={language}")
    looked_at(page, "form", tmp_path)
    take_in(page, bad)
    page.wait_for_selector("#file-wrong")
    looked_at(page, "damaged", tmp_path)
    for name, figures in (("first", ["1", "0", "0", "1", "1", "0"]), ("again", ["0", "1", "0", "1", "0", "1"])):
        take_in(page, good)
        page.wait_for_selector(".figures")
        assert page.locator(".figure").all_inner_texts() == figures, name
        looked_at(page, name, tmp_path)
    page.click("main a.btn")
    page.wait_for_selector("#file")
