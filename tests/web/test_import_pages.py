"""Taking in a ledger in a real browser: the file is chosen, its columns checked, tried, taken in and undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.server.ledgers import a_region, as_csv, big_ledger
from tests.web.conftest import DESK, PHONE, Site
from tests.web.looking import is_cut_off, nameless, sign_in


def looked_at(page: Page, name: str, folder: Path) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    assert is_cut_off(page) == [], name
    assert nameless(page) == [], name


@pytest.mark.parametrize(
    ("size", "language"), [(DESK, "zh-CN"), (PHONE, "zh-CN"), (PHONE, "en")], ids=["desk", "phone", "english"]
)
def test_a_ledger_is_taken_in_and_undone_by_hand(
    site: Site, open_page: Any, tmp_path: Path, size: dict[str, int], language: str
) -> None:
    with site.inside() as world:
        a_region(world)
    ledger = tmp_path / "周口市计量器具台账2026.csv"
    ledger.write_bytes(as_csv(big_ledger(60, 42).table()))
    page = open_page(size)
    sign_in(page, "supervisor")
    page.goto(f"/console/imports?lang={language}")
    looked_at(page, "list", tmp_path)
    page.set_input_files("#file", ledger)
    page.click("main form[enctype] button")
    page.wait_for_url("**/columns")
    looked_at(page, "columns", tmp_path)
    page.click("main form[method=post] button[type=submit]")
    page.wait_for_selector(".figures")
    assert page.locator(".figure").all_inner_texts() == ["60", "0", "0", "42"]
    looked_at(page, "result", tmp_path)
    with page.expect_download() as waiting:
        page.click("a[href$='bad.csv']")
    assert waiting.value.suggested_filename == "bad-rows-2026-11-21.csv"
    page.click("form[action$='take-in'] button")
    page.wait_for_selector("form[action$=undo]")
    looked_at(page, "done", tmp_path)
    page.click("form[action$=undo] button")
    page.wait_for_selector("form[action$=undo]", state="detached")
    looked_at(page, "undone", tmp_path)
    page.goto("/console/imports")
    looked_at(page, "list again", tmp_path)
