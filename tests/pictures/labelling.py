"""A labelling day on a verifier's phone: a fresh label, the nameplate, serial and stall, the result, what is filed."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fieldapp.theme.fonts import find_fonts
from shared.texts import Texts, load
from tests.journeys.conftest import City
from tests.journeys.driver.display import Display
from tests.pictures.album import Album
from tests.pictures.labels import stock_label
from tests.pictures.paper import photographed
from tests.pictures.phone import HEIGHT, PIN, WIDTH, Phone

t: Texts = load("zh-CN", "fieldapp")
NAMEPLATE = (
    "电子计价秤",
    "型号 ACS-30   准确度等级 III",
    "Max 30 kg   Min 200 g   e = 10 g",
    "出厂编号 2600417",
    "衡正衡器",
)


def take_labelling(city: City, album: Album, folder: Path) -> None:
    """Take every screen of a first scale, and some of them in the dark."""
    display = Display(WIDTH, HEIGHT)
    try:
        phone = Phone(display, album, folder / "verifier")
        _enrol(phone, city)
        _begin(phone, city)
        _label(phone, city, folder)
        _file(phone)
        phone.window.stop()
        _in_the_dark(phone)
        phone.window.stop()
    finally:
        display.stop()


def a_nameplate() -> Image.Image:
    """Return the photo of a nameplate."""
    picture = Image.new("RGB", (960, 1280), "#8d9296")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((90, 430, 870, 860), 24, fill="#d9dcd8", outline="#5b6064", width=6)
    for row, line in enumerate(NAMEPLATE):
        pen.text((130, 465 + row * 76), line, "#20262a", ImageFont.truetype(str(find_fonts().regular), 42))
    return picture


def _enrol(phone: Phone, city: City) -> None:
    verifier = city.sign_in("verifier")["person"]
    texts = (json.loads(one["text"]) for one in city.way_in["enrolments"] if one["person"] == verifier)
    window = phone.start()
    phone.show_code(json.dumps(next(texts)))
    window.wait_for_screen("pin")
    for _ in range(2):
        window.press(PIN)
    window.wait_for_screen("today")
    window.wait_until_gone(t("sync.running"))


def _begin(phone: Phone, city: City) -> None:
    phone.press_button(t("today.labelling"))
    phone.window.wait_for_screen("labelling")
    phone.scroll_and_tap(_place_name(city))
    phone.take("app-labelling-begin", t("labelling.nothing_yet")[:8])
    phone.press_button(t("labelling.next"))
    phone.window.wait_for_screen("labelling.aim")


def _place_name(city: City) -> str:
    place = city.way_in["journey"]["place_id"].replace("-", "")
    return str(city.rows("SELECT name FROM place WHERE id = ?", place)[0][0])


def _label(phone: Phone, city: City, folder: Path) -> None:
    """Scan one that is used already, then a fresh one."""
    phone.show(Image.open(photographed(city, int(city.label("journey")["serial"]), folder, seed=21)))
    phone.window.wait_for(t("labelling.taken"))
    phone.take("app-labelling-used")
    fresh = Image.open(photographed(city, stock_label(city), folder, seed=22))
    phone.show(fresh)
    phone.window.wait_for(t("labelling.aim_nameplate"))
    phone.show(a_nameplate())
    phone.be_still()
    phone.take("app-labelling-nameplate")
    phone.press_button(t("labelling.shoot"))
    phone.window.wait_for_screen("labelling.plate")
    phone.show(fresh)


def _file(phone: Phone) -> None:
    window = phone.window
    for text in (t("nameplate.class", name="III"), "30 公斤", "10 克"):
        phone.scroll_and_tap(text)
    phone.take("app-labelling-plate")
    phone.press_button(t("labelling.take_plate"))
    window.wait_for_screen("labelling.number")
    window.press("2600417")
    phone.take("app-labelling-number")
    ways = [one for one in window.look().widgets if one.kind == "WayButton"]
    window.tap_at(*ways[0].middle)
    window.wait_for_screen("labelling.result")
    phone.be_still()
    window.write("ZJ2026-0417", t("labelling.certificate_no"))
    phone.take("app-labelling-result")
    phone.press_button(t("verification.passed"))
    window.wait_for(t("labelling.same_label"))
    phone.press_button(t("labelling.shoot"))
    window.wait_for_screen("labelling.review")
    phone.take("app-labelling-review")
    phone.press_button(t("labelling.save"))
    window.wait_for(t("labelling.aim_label"))
    window.back()
    window.wait_for_screen("labelling")
    phone.take("app-labelling-day")


def _in_the_dark(phone: Phone) -> None:
    window = phone.start()
    window.wait_for_screen("signin")
    window.press(PIN)
    window.wait_for_screen("labelling.aim")
    window.back()
    window.wait_for_screen("labelling")
    phone.press_button(t("labelling.give_up"))
    window.back()
    window.wait_for_screen("today")
    window.tap(t("today.preferences"))
    phone.scroll_and_tap(t("preferences.style_dark"))
    window.back()
    window.wait_for_screen("today")
    phone.take("app-labelling-today-dark", t("today.resume"))
    window.tap(t("today.resume"))
    window.wait_for_screen("labelling")
    phone.take("app-labelling-day-dark")
