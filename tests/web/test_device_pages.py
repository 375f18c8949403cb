"""The pages of phones in a real browser: nothing is cut off, axe-core finds nothing, asking to send anew works."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.server.standing import tell
from tests.server.world import GOOD
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import is_cut_off, sign_in
from tests.web.test_label_access import complaints

ASIDE = [
    {"state": "quarantined", "reason": "bad-body", "count": 2},
    {"state": "conflict", "reason": "same-record-other-body", "count": 1},
    {"state": "rejected", "reason": "a-reason-of-a-newer-server", "count": 12},
]
WORST: dict[str, Any] = {
    "waiting": 137,
    "photos": 24,
    "oldest_age_s": 9 * 86_400,
    "aside": ASIDE,
    "alarms": 2,
    "clock_offset_s": -3650 * 86_400,
    "clock_doubt_s": 3,
    "pulled_age_s": 9 * 86_400,
    "free_bytes": 120_000_000,
}


@pytest.fixture
def phones(site: Site) -> list[str]:
    """Phones as they may stand: one with every trouble and a conflict, one that is well, one that never told."""
    with site.inside() as world:
        worst, fine, mute = world.phone(), world.phone(world.colleague), world.phone(world.verifier)
        body = world.visit(world.check(GOOD))
        assert fine.answers(fine.op("visit.record/1", body))[0]["status"] == "applied"
        later = worst.op("visit.record/1", body | {"approval_no": "other"})
        assert worst.answers(later)[0]["status"] == "conflict"
        assert {tell(worst, **WORST).status_code, tell(fine).status_code} == {200}
        return [worst.device_id, fine.device_id, mute.device_id]


@pytest.mark.parametrize(("size", "language"), [(DESK, "en"), (PHONE, "zh-CN")], ids=["desk", "phone"])
def test_the_pages_of_phones_are_whole_and_open_to_everyone(
    site: Site, open_page: Any, phones: list[str], size: dict[str, int], language: str
) -> None:
    page = open_page(size)
    sign_in(page, "supervisor")
    page.goto(f"/console/?lang={language}")
    for path in ("", "?show=attention", "?show=suspended", *(f"/{id_}" for id_ in phones)):
        page.goto(f"/console/devices{path}")
        assert is_cut_off(page) == [], path
        assert complaints(page) == [], path


def test_the_worst_comes_first_and_is_asked_to_send_anew(site: Site, desk: Page, phones: list[str]) -> None:
    sign_in(desk, "supervisor")
    desk.goto("/console/devices")
    expect(desk.locator("tbody tr >> nth=0")).to_contain_text("手机报警")
    desk.click("tbody tr >> nth=0 >> text=查看")
    desk.click("text=请手机重发")
    expect(desk.locator("main")).to_contain_text("已请手机重发，等它联网。")
    expect(desk.locator("button >> text=请手机重发")).to_have_count(0)
