"""The field app's screens, in the order of an inspector's first day."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from shared.texts import Texts, load
from tests.journeys.conftest import City
from tests.journeys.driver.display import Display
from tests.journeys.network import Network, network
from tests.pictures.album import Album
from tests.pictures.labels import forged_link, neighbour, photos_for_the_inspector
from tests.pictures.paper import photographed
from tests.pictures.phone import HEIGHT, PIN, WIDTH, Phone, out_of_focus

t: Texts = load("zh-CN", "fieldapp")
en: Texts = load("en", "fieldapp")


def take_app(city: City, album: Album, folder: Path) -> None:
    """Take every screen; afterwards the server has a record of today."""
    display = Display(WIDTH, HEIGHT)
    try:
        with network(city.port) as cable:
            phone = Phone(display, album, folder / "phone")
            _enrol(phone, city, cable)
            _scan(phone, city, folder)
            _check(phone, city)
            _finish(phone)
            phone.window.stop()
            _in_the_dark(phone, city, folder)
            phone.window.stop()
            _in_english(phone)
            phone.window.stop()
    finally:
        display.stop()


def _enrol(phone: Phone, city: City, cable: Network) -> None:
    enrolment = json.loads(city.way_in["enrolments"][0]["text"])
    enrolment["url"] = f"http://127.0.0.1:{cable.port}"
    text = json.dumps(enrolment)
    phone.show_code(text, is_sharp=False)
    window = phone.start()
    phone.wait_for_preview()
    phone.take("app-enrol", t("enrol.hint"))
    cable.cut()
    phone.show_code(text)
    window.wait_for_screen("pin")
    window.press(PIN[:4])
    phone.take("app-pin")
    window.press(PIN[4:])
    window.wait_for(t("pin.repeat"))
    window.press(PIN)
    phone.take("app-joining", t("joining.unreachable"))
    cable.restore()
    window.tap(t("app.retry"))
    window.wait_for_screen("today")
    window.until(lambda: phone.photos == photos_for_the_inspector(city), "every photo of the register")
    window.wait_until_gone(t("sync.running"))
    phone.take("app-today", t("balance.nothing"))
    window.tap(t("today.preferences"))
    phone.take("app-preferences", t("preferences.title"))
    window.back()
    window.wait_for_screen("today")


def _scan(phone: Phone, city: City, folder: Path) -> None:
    window = phone.window
    label = city.label("journey")
    photo = Image.open(photographed(city, int(label["serial"]), folder, seed=7))
    phone.show(out_of_focus(photo))
    window.tap(t("today.scan"))
    window.wait_for_screen("scan")
    phone.wait_for_preview()
    phone.take("app-scan", t("scan.hint"))
    phone.show_code(forged_link(str(label["link"])))
    phone.take("app-scan-forged", t("scan.advice_forged"))
    phone.show(_two_labels(photo, Image.open(photographed(city, neighbour(city), folder, seed=7))))
    window.tap(t("scan.again"))
    phone.take("app-scan-several", t("scan.which"))
    phone.show(photo)
    window.tap(t("scan.again"))
    window.wait_for_screen("card")
    window.wait_for(t("label.genuine"))
    phone.take("app-card")
    phone.scroll_and_tap(t("card.same"))
    _seals(phone)


def _two_labels(first: Image.Image, second: Image.Image) -> Image.Image:
    """Return a picture of two labels side by side; each stands left of the middle in its own."""
    both, half = Image.new("RGB", first.size), first.width // 2
    for place, photo in enumerate((first, second)):
        both.paste(photo.resize(first.size).crop((half // 4, 0, half // 4 + half, first.height)), (place * half, 0))
    return both


def _seals(phone: Phone) -> None:
    """Put a seal on the scale, and begin to tell that it was opened."""
    window = phone.window
    phone.scroll_and_tap(t("card.seals"))
    window.wait_for_screen("physical_seals")
    window.tap(t("seal_act.applied"))
    window.wait_for_screen("physical_seals.move")
    window.write("QF-0417", t("physical_seals.new_number"))
    phone.press_button(t("physical_seals.save"))
    phone.take("app-seals", t("physical_seals.stands", number="QF-0417"))
    window.tap(t("seal_act.opened_with_authority"))
    window.wait_for_screen("physical_seals.move")
    window.tap(t("physical_seals.is_known", number="QF-0417"))
    phone.press_button(t("physical_seals.save"))
    phone.take("app-seal-opened", t("physical_seals.fault_needs_authority"))
    phone.scroll_and_tap(t("physical_seals.give_up"))
    window.wait_for_screen("physical_seals")
    window.back()
    window.wait_for_screen("card")


def _measure(phone: Phone, load_kg: str, shown_kg: str) -> None:
    phone.window.press(load_kg)
    phone.press_button(t("check.next"))
    phone.window.press(shown_kg)
    phone.press_button(t("check.note_down"))


def _begin(phone: Phone, colleague: str = "") -> None:
    """Begin a visit; the app remembers who came along the last time."""
    window = phone.window
    window.tap(t("card.check"))
    window.wait_for_screen("start")
    if colleague:
        window.tap(colleague)
    for key in ("start.card_shown", "start.recusal_told"):
        phone.scroll_and_tap(t(key))


def _check(phone: Phone, city: City) -> None:
    window = phone.window
    _begin(phone, city.sign_in("colleague")["name"])
    phone.take("app-start")
    phone.press_button(t("start.begin"))
    window.wait_for_screen("check")
    phone.take("app-check-load", t("check.ask_load"))
    _measure(phone, "1", "1.000")
    window.press("10")
    phone.press_button(t("check.next"))
    window.press("10.02")
    phone.take("app-check")
    window.press("5")
    phone.press_button(t("check.note_down"))
    _measure(phone, "5", "5.010")
    phone.take("app-check-beyond", t("verdict.beyond"))
    phone.scroll_and_tap(t("check.wrong_nameplate"))
    window.wait_for_screen("nameplate")
    phone.take("app-nameplate")
    window.back()
    window.wait_for_screen("check")
    phone.press_button(t("check.finish"))


def _finish(phone: Phone) -> None:
    window = phone.window
    window.wait_for_screen("party")
    phone.take("app-party-empty")
    phone.scroll_and_tap(t("disposition.sent_for_verification"))
    phone.scroll_and_tap(t("remark.short_told"))
    phone.take("app-party")
    phone.scroll_and_tap(t("party.sign"))
    window.wait_for_screen("signature")
    phone.sign()
    phone.take("app-signature")
    phone.press_button(t("signature.sign"))
    window.wait_for_screen("party")
    phone.press_button(t("party.finish"))
    window.wait_for_screen("visit")
    phone.take("app-visit")
    phone.press_button(t("visit.save"))
    window.wait_for_screen("today")
    window.wait_for(t("balance.equal", count=2))
    window.tap(t("today.outbox_title"))
    window.wait_for_screen("outbox")
    window.wait_until_gone(t("sync.running"))
    phone.take("app-outbox")
    window.tap(f"{t('outbox.received')}  ")  # of a row, where other facts follow; the balance says the word as well
    window.wait_for_screen("record")
    phone.press_button(t("record.prove"))
    window.wait_for(t("record.proof_proven", number="", size="").rpartition("，")[2])
    phone.take("app-record")


def _in_the_dark(phone: Phone, city: City, folder: Path) -> None:
    """The app again, dark, with a scale of the same place that is in order."""
    window = phone.start()
    window.wait_for_screen("signin")
    window.press(PIN[:3])
    phone.take("app-signin")
    window.press(PIN[3:])
    window.wait_for_screen("today")
    window.tap(t("today.preferences"))
    phone.scroll_and_tap(t("preferences.style_dark"))
    window.back()
    window.wait_for_screen("today")
    window.wait_until_gone(t("sync.running"))
    phone.take("app-today-dark")
    phone.show(Image.open(photographed(city, neighbour(city), folder, seed=11)))
    window.tap(t("today.scan"))
    window.wait_for_screen("card")
    phone.take("app-card-dark", t("label.genuine"))
    _begin(phone)
    phone.press_button(t("start.begin"))
    window.wait_for_screen("check")
    for load_kg, shown_kg in (("1", "1.000"), ("5", "5.000"), ("10", "10.005")):
        _measure(phone, load_kg, shown_kg)
    phone.take("app-check-within-dark", t("verdict.within"))


def _in_english(phone: Phone) -> None:
    """The same test in English, then the lists, light again."""
    window = phone.start("--lang", "en")
    window.wait_for_screen("signin")
    window.press(PIN)
    window.wait_for_screen("check")
    phone.take("app-check-within-dark-en", en("verdict.within"))
    phone.press_button(en("check.finish"))
    window.wait_for_screen("party")
    phone.press_button(en("party.finish"))
    window.wait_for_screen("visit")
    window.back()
    window.wait_for_screen("today")
    window.tap(en("today.preferences"))
    phone.scroll_and_tap(en("preferences.style_light"))
    window.back()
    window.wait_for_screen("today")
    window.wait_until_gone(en("sync.running"))
    phone.take("app-today-en", en("today.resume"))
