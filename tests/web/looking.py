"""What a person with eyes would notice on a page."""

from __future__ import annotations

import io
from typing import Any

import pyotp
from PIL import Image
from playwright.sync_api import Locator, Page

from tests.camera_codes import texts_in
from tests.server.conftest import TODAY
from tests.server.world import PASSWORD


def sign_in(page: Page, name: str) -> None:
    """Sign in as somebody of the staff, by hand; where a second factor is still to be enrolled, enrol it."""
    page.goto("/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    if "/sign-in/second-factor" in page.url:
        enrol(page)
    page.wait_for_url("**/console/**")


def enrol(page: Page) -> None:
    """Type the secret into an authenticator of our own, and its first code into the page."""
    secret = "".join((page.locator("code.secret").text_content() or "").split())
    page.fill("#code", pyotp.TOTP(secret).at(TODAY))
    page.click("main button[type=submit]")


def ask(page: Page, script: str, argument: object = None) -> Any:
    """Run a script on a page once it stands: right after a click the next page has no element yet."""
    page.wait_for_load_state()
    return page.evaluate(script, argument)


def set_print(page: Page, percent: str) -> None:
    """Show a page in a size of print."""
    ask(page, "percent => document.documentElement.dataset.scale = percent", percent)


def is_cut_off(page: Page) -> list[str]:
    """Return what sticks out of the screen sideways, but for what scrolls in a box of its own."""
    found: list[str] = ask(
        page,
        """() => {
            const width = document.documentElement.clientWidth;
            const boxed = (e) => e.closest('.table-responsive, .desk-menu, textarea') !== null;
            return [...document.querySelectorAll('body *')]
                .filter((e) => !boxed(e) && e.getClientRects().length && e.getBoundingClientRect().right > width + 1)
                .map((e) => e.tagName + '.' + e.className + ' ' + (e.textContent || '').trim().slice(0, 30));
        }""",
    )
    return found


SPEAKS = ("textbox", "combobox", "checkbox", "radio", "button", "link", "image", "Date", "DisclosureTriangle")


def nameless(page: Page) -> list[str]:
    """Return what a screen reader would announce without a name, and every id that stands twice."""
    page.wait_for_load_state()
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    mute = [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in SPEAKS and not node.get("name", {}).get("value", "").strip()
    ]
    twice: list[str] = ask(
        page,
        "() => [...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, at, all) => all.indexOf(id) !== at)",
    )
    return mute + twice


def bottom_of(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def top_of(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"]


def read_code(locator: Locator) -> str:
    """Read a QR code from the screen, as a phone held before it."""
    (found,) = texts_in(Image.open(io.BytesIO(locator.screenshot())))
    return found


def focus_is_visible(page: Page) -> bool:
    """Say whether the focused element has an outline of at least two pixels that is no part transparent."""
    shown: bool = ask(
        page,
        """() => {
            const style = getComputedStyle(document.activeElement);
            const seen = !style.outlineColor.startsWith('rgba');
            return seen && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        }""",
    )
    return shown
