"""The pages: a consumer, a merchant and the desk in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from server.public.state import PageState
from shared.dates import civil_day
from tests.journeys.conftest import CHROMIUM, City
from tests.pictures.album import Album, first_page
from tests.pictures.labels import busiest_day, forged_link, label_url
from tests.pictures.phone import STROKES
from tests.server.calculator_pages import ASKED, page_of

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
SHARP = 2
LABELS = {
    "label-in-date": (PageState.IN_DATE, True),
    "label-due-soon": (PageState.DUE_SOON, False),
    "label-overdue": (PageState.OVERDUE, False),
    "label-servicing": (PageState.SERVICING, False),
    "label-void": (PageState.VOID, False),
    "label-stock": (PageState.STOCK, False),
}


# A browser writes days in its own language; Debian's speaks English unless its translations are installed.
DAYS_AS_IN_CHINESE = """() => document.querySelectorAll("input[type=date]").forEach((input) => {
    const day = input.value.replaceAll("-", "/");
    input.type = "text";
    input.value = day;
})"""


class Studio:
    """Opens pages of a city and takes their pictures."""

    def __init__(self, browser: Browser, city: City, album: Album) -> None:
        self._browser, self._album = browser, album
        self.city = city

    def open(self, size: dict[str, int], *, is_dark: bool = False) -> Page:
        """Open an empty page with cookies of its own."""
        context = self._browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale="zh-CN",
            base_url=self.city.url,
            device_scale_factor=SHARP if size is PHONE else 1,
            color_scheme="dark" if is_dark else "light",
        )
        return context.new_page()

    def take(self, name: str, page: Page, path: str = "", *, is_whole: bool = False) -> None:
        """Take a picture of a page, of all of it or of what the screen shows."""
        if path:
            page.goto(path, wait_until="load")
        page.evaluate(DAYS_AS_IN_CHINESE)
        page.evaluate("document.fonts.ready")
        self._album.keep_bytes(name, page.screenshot(full_page=is_whole, animations="disabled"))

    def desk(self, role: str, *, is_dark: bool = False) -> Page:
        """Sign somebody in."""
        page = self.open(DESK, is_dark=is_dark)
        self.city.enter(page, role)
        page.wait_for_url("**/console/**")
        return page


def take_pages(city: City, album: Album, folder: Path) -> None:
    """Take every page; the phone has sent its record before."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        studio = Studio(browser, city, album)
        _labels(studio)
        _tools(studio)
        _desk(studio)
        _people(studio)
        _merchant(studio, album, folder)
        browser.close()


def _labels(studio: Studio) -> None:
    page, city = studio.open(PHONE), studio.city
    for name, (state, has_pledge) in LABELS.items():
        url = label_url(city, state, has_pledge=has_pledge) or label_url(city, state, has_pledge=not has_pledge)
        if url:
            studio.take(name, page, url)
    journey = str(city.label("journey")["url"])
    studio.take("label-suspected", page, journey)
    studio.take("label-forged", page, forged_link(journey))
    studio.take("home", page, "/")
    studio.take("sign-in", page, "/sign-in")
    studio.take("merchant-enter", page, "/m/enter")
    studio.take("api-docs", studio.open(DESK), "/api/v1/docs")
    in_date = label_url(city, PageState.IN_DATE, has_pledge=True)
    studio.take("label-in-date-dark", studio.open(PHONE, is_dark=True), in_date or journey)
    studio.take("label-in-date-en", page, f"{in_date or journey}?lang=en")
    studio.take("label-in-date-large", page, f"{in_date or journey}?lang=zh-CN&print=large")
    page.goto(f"{in_date or journey}?lang=zh-CN&on={civil_day(datetime.now(UTC))}")
    page.click("#feedback summary")
    studio.take("label-history", page, is_whole=True)
    page.fill("#words", "秤放在柜台里面，看不清读数。")
    page.click("#feedback form[action*=feedback] button")
    ((number,),) = city.rows("SELECT number FROM pledge WHERE text_id = 'optics-1' ORDER BY number LIMIT 1")
    studio.take("pledge-optician", page, f"/P/{number}?lang=zh-CN", is_whole=True)


def _tools(studio: Studio) -> None:
    page = studio.open(PHONE)
    studio.take("tools", page, "/tools")
    for name in ("scale-check", "reweigh"):
        studio.take(f"tools-{name}", page, page_of(name, ASKED[name]))


def _desk(studio: Studio) -> None:
    city, page = studio.city, studio.desk("supervisor")
    studio.take("console-today", page, "/console/")
    for name in ("incoming", "tasks"):
        studio.take(f"console-{name}", page, f"/console/{name}")
    studio.take("console-invitation", page, f"/console/invitation?q={city.way_in['invitations'][0]['party'][-4:]}")
    page.click("main table button >> nth=0")
    studio.take("console-invited", page)
    studio.take("console-bulletin", page, f"/console/bulletin?day={busiest_day(city)}")
    ((visit,),) = city.rows("SELECT id FROM visit ORDER BY received_at DESC LIMIT 1")
    studio.take("console-visit", page, f"/console/visit/{_dashed(visit)}", is_whole=True)
    studio.take("console-feedback", page, "/console/feedback")
    studio.take("console-labels", page, "/console/labels", is_whole=True)
    studio.take("console-imports", page, "/console/imports")
    studio.take("console-devices", page, "/console/devices")
    page.click("main td a >> nth=0")
    studio.take("console-device", page)
    studio.take("console-device-lost", page, f"{page.url}/lost")
    studio.take("console-today-dark", studio.desk("supervisor", is_dark=True))
    verifier = studio.desk("verifier")
    studio.take("console-verification", verifier, "/console/verification")
    instrument = city.way_in["journey"]["instrument_id"]
    studio.take("console-verification-form", verifier, f"/console/verification?instrument={instrument}")
    inspector = studio.desk("inspector")
    inspector.goto("/console/enrolment")
    inspector.click("main form button")
    studio.take("console-enrolment", inspector)


def _dashed(text: str) -> str:
    return text if "-" in text else "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _people(studio: Studio) -> None:
    """The staff: joining, the second factor, and the pages of the three administrators."""
    city, page = studio.city, studio.open(PHONE)
    studio.take("join", page, city.way_in["staff_invitations"][0]["url"])
    one = city.sign_in("supervisor")
    page.goto("/sign-in")
    page.fill("[name=name]", one["sign_in_name"])
    page.fill("[name=password]", one["password"])
    page.click("main button[type=submit]")
    studio.take("sign-in-code", page)
    studio.take("console-people", studio.desk("system_administrator"))
    desk = studio.desk("security_administrator")
    desk.goto(f"/console/people?q={city.way_in['staff_invitations'][0]['sign_in_name']}")
    desk.click("main td a")
    studio.take("console-person", desk)
    studio.take("console-acts", studio.desk("audit_administrator"))


def _merchant(studio: Studio, album: Album, folder: Path) -> None:
    page = studio.open(PHONE)
    studio.take("merchant-invitation", page, studio.city.way_in["invitations"][0]["url"])
    page.click("main button")
    page.wait_for_url("**/m/")
    studio.take("merchant-home", page, is_whole=True)
    page.goto("/m/pledge")
    page.fill("#signer", "周某")
    _sign(page)
    studio.take("merchant-pledge", page, is_whole=True)
    page.click("main button[type=submit]")
    page.wait_for_selector(".verdict-word")
    studio.take("merchant-signed", page, is_whole=True)
    studio.take("merchant-home-signed", page, "/m/")
    page.goto("/m/poster")
    pdf = folder / "poster.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)
    album.keep("merchant-poster", first_page(pdf, folder, dpi=90))


def _sign(page: Page) -> None:
    """Write on the pad by hand."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for stroke in STROKES:
        points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=6)
        page.mouse.up()
