"""The app as a person meets it: its own process, a real window, a finger and a camera."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.store.database import Database
from fieldapp.store.facts import Fact
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.store.vault import Vault
from shared.field_invitation import open_text
from shared.texts import load
from tests.builders import a_label
from tests.camera_codes import texts_in
from tests.fieldapp.field_builders import (
    COLLEAGUE,
    DEVICE,
    NOON,
    PIN,
    SettableClock,
    a_phone,
    a_scale_row,
    a_visit,
    an_inspection,
    fill,
)
from tests.fieldapp.photographs import a_jpeg, a_photograph
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow

t = load("zh-CN", "fieldapp")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    started = Display()
    yield started
    started.stop()


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    (tmp_path / "frames").mkdir()
    return tmp_path / "frames"


def photograph(frames: Path, text: str, seed: int) -> None:
    """Hold the camera before a label; a camera never shows half a picture."""
    (frames / "next.part").write_bytes(a_jpeg(a_photograph(text, seed=seed)))
    (frames / "next.part").rename(frames / f"{seed:03d}.jpg")


def open_again(folder: Path) -> Store:
    """Look into the phone's store with its PIN."""
    database = Database(folder / "dingpan.db")
    return Store(database, Vault(database).unlock(PIN, NOON), folder, SettableClock())


def test_a_new_phone_scans_its_code_takes_a_pin_and_says_what_is_missing(
    display: Display, tmp_path: Path, frames: Path
):
    window = FieldWindow(display, ["--data", str(tmp_path / "data"), "--frames", str(frames)])
    try:
        assert window.screen == "enrol"
        photograph(frames, "wxp://f2f0", 1)
        window.wait_for(t("enrol.not_one"))
        code = {"url": "http://127.0.0.1:9", "root_sha256": "a1" * 32, "code": "c"}
        photograph(frames, json.dumps(code), 2)
        window.wait_for_screen("pin")
        window.press("123456")
        window.wait_for(t("pin.weak"))
        window.press(PIN)
        window.wait_for(t("pin.repeat"))
        window.press(PIN)
        window.wait_for(t("joining.unreachable"))
    finally:
        window.kill()
    again = FieldWindow(display, ["--data", str(tmp_path / "data"), "--frames", str(frames), "--lang", "en"])
    try:
        again.wait_for_screen("signin")
        again.press(PIN)
        again.wait_for(load("en", "fieldapp")("joining.unreachable"))
    finally:
        again.stop()


def test_a_national_code_is_read_off_a_scale_and_its_card_folds_the_codes(
    display: Display, tmp_path: Path, frames: Path
):
    link = "https://sc.example.cn/c?id=26040116"
    store = a_phone(tmp_path / "data")
    fill(store, [("instrument", a_scale_row(production_code=link, verification_code="J26040116"))])
    store.database.close()
    window = FieldWindow(display, ["--data", str(tmp_path / "data"), "--frames", str(frames)])
    try:
        window.press(PIN)
        photograph(frames, link, 3)
        window.tap(t("today.scan"))
        window.wait_for_screen("card")
        assert not window.says("J26040116")
        window.tap(t("card.more_of_plate"))
        window.wait_for("J26040116")
        window.wait_for(link)
        window.tap(t("card.more_of_plate"))
        window.wait_until_gone("J26040116")
    finally:
        window.kill()


def test_a_scale_is_checked_without_a_network_and_a_dead_battery_loses_nothing(
    display: Display, tmp_path: Path, frames: Path
):
    data = tmp_path / "data"
    a_phone(data).database.close()
    arguments = ["--data", str(data), "--frames", str(frames)]
    window = FieldWindow(display, arguments)
    try:
        window.press(PIN)
        window.wait_for(t("sync.offline"))
        photograph(frames, a_label(), 3)
        window.tap(t("today.scan"))
        window.wait_for_screen("card")
        window.wait_for(t("label.genuine"))
        window.tap(t("card.check"))
        window.tap(COLLEAGUE.name)
        for key in ("start.card_shown", "start.recusal_told"):
            window.scroll_to(t(key))
            window.tap(t(key))
        window.tap(t("start.begin"))
        window.wait_for_screen("check")
        for load_kg, shown_kg in (("10", "10.025"), ("1", "1.000")):
            window.press(load_kg)
            window.tap(t("check.next"))
            window.press(shown_kg)
            window.tap(t("check.note_down"))
        window.press("5")
    finally:
        window.kill()
    again = FieldWindow(display, arguments)
    try:
        again.press(PIN)
        again.wait_for_screen("check")
        again.wait_for("10 公斤 → 10.025 公斤")
        again.tap(t("check.another"))
        again.press("5")
        again.tap(t("check.next"))
        again.press("5.010")
        again.tap(t("check.note_down"))
        again.wait_for(t("verdict.beyond"))
        again.tap(t("check.finish"))
        again.scroll_to(t("disposition.sent_for_verification"))
        again.tap(t("disposition.sent_for_verification"))
        again.scroll_to(t("party.sign"))
        again.tap(t("party.sign"))
        again.wait_for_screen("signature")
        pad = next(one for one in again.look().widgets if one.kind == "SignaturePad")
        x, y = round(pad.x), round(pad.y)
        again.draw([(x + 40, y + 40), (x + 90, y + 90), (x + 140, y + 40), (x + 190, y + 90)])
        again.tap(t("signature.sign"))
        again.tap(t("party.finish"))
        again.tap(t("visit.save"))
        again.wait_for(t("balance.unequal", count=1))
    finally:
        again.kill()
    store = open_again(data)
    (entry,) = store.outbox.all()
    body = json.loads(store.outbox.op(entry, "x").body)
    readings = body["inspections"][0]["checks"][0]["readings"]
    assert (entry.state, len(readings), store.drafts.running()) == (OpState.WAITING, 3, None)
    assert len(body["inspections"][0]["signature"]["strokes"][0]) == 8


def codes_on(window: FieldWindow) -> set[str]:
    """Read the codes that another phone's camera would see."""
    return set(texts_in(window.screenshot()))


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_merchants_phone_reads_the_invitation_from_the_screen(display: Display, tmp_path: Path, is_dark: bool):
    data = tmp_path / "data"
    store, inspection = a_phone(data), an_inspection()
    store.drafts.keep(a_visit(inspection), NOON)
    store.facts.set(Fact.STYLE, "dark" if is_dark else "light")
    store.database.close()
    window = FieldWindow(display, ["--data", str(data), "--size", "360x780"])
    try:
        window.press(PIN)
        window.wait_for_screen("visit")
        window.tap(inspection.party_name)
        window.wait_for_screen("party")
        window.scroll_to(t("party.invite"))
        window.tap(t("party.invite"))
        window.wait_for_screen("invitation")
        first = window.until(lambda: codes_on(window), "a code to be read").pop()
        assert open_text(first.rpartition("/m/f/")[2]).is_signed_by(DEVICE.signer.public)
        window.tap(t("invitation.again"))
        window.until(lambda: codes_on(window) - {first}, "another code")
    finally:
        window.stop()


def test_a_store_that_cannot_be_opened_is_told_on_the_console(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    from fieldapp.main import main

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "dingpan.db").write_bytes(b"no database" * 50)
    assert main(["--data", str(tmp_path / "data")]) == 1
    assert capfd.readouterr().err.strip() == t("storage.damaged")


SHOW = """
import sys
from pathlib import Path
from kivy.clock import Clock
from fieldapp.main import _prepare_kivy
from fieldapp.settings import from_arguments
settings = from_arguments(["--data", sys.argv[1]])
_prepare_kivy(settings)
from kivy.core.window import Window
from fieldapp.refusal import RefusalApp
app = RefusalApp(settings, sys.argv[2])
def look(_):
    shown = [one for one in app.root.walk() if getattr(one, "text", "") and one.height > 0]
    if shown and app.root.y > 0:
        print([(one.text, 0 < one.y < Window.height - one.height) for one in shown])
        app.stop()
Clock.schedule_interval(look, 0.1)
Clock.schedule_once(app.stop, 20)
app.run()
"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_phone_shows_why_its_store_cannot_be_opened(display: Display, tmp_path: Path, language: str):
    sentence = load(language, "fieldapp")("storage.newer")
    command = [sys.executable, "-c", SHOW, str(tmp_path), sentence]
    environment = os.environ | {"DISPLAY": display.name, "SDL_VIDEODRIVER": "x11"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert ended.stdout.strip().splitlines()[-1] == str([(sentence, True)])
