"""Two phones by touches in real windows: one shows codes and saves a file, the other films them and takes the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.rescue.package import holdings, seal_series
from fieldapp.store.outbox import OpState
from shared.rescue_codes import codes_of
from shared.texts import load
from tests.fieldapp.field_builders import PIN, a_phone, save
from tests.fieldapp.photographs import a_jpeg, a_photograph
from tests.fieldapp.test_seals_touch import open_again
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow

t = load("zh-CN", "fieldapp")


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    started = Display()
    yield started
    started.stop()


def a_window(display: Display, folder: Path, outbox: str) -> FieldWindow:
    """Start the app of a phone and go to the rescue by touches."""
    (folder / "frames").mkdir(exist_ok=True)
    arguments = ["--data", str(folder / "data"), "--frames", str(folder / "frames"), "--files", str(folder / "files")]
    window = FieldWindow(display, [*arguments, "--size", "390x844"])
    window.press(PIN)
    window.wait_for_screen("today")
    window.scroll_to(outbox)
    window.tap(outbox)
    window.wait_for_screen("outbox")
    return window


def hold_before(folder: Path, number: int, text: str) -> None:
    """Hold a camera before a code on another phone's screen; a camera never shows half a picture."""
    picture = a_photograph(text, seed=number, size=(900, 1100), module_px=8)
    (folder / "frames" / "next.part").write_bytes(a_jpeg(picture))
    (folder / "frames" / "next.part").rename(folder / "frames" / f"{number:03d}.jpg")


def test_one_phone_saves_and_shows_and_another_takes_both(display: Display, tmp_path: Path) -> None:
    dead, carrier = tmp_path / "dead", tmp_path / "carrier"
    for folder in (dead, carrier):
        folder.mkdir()
    store = a_phone(dead / "data")
    save(store)
    (package,) = seal_series(store, holdings(store).entries)
    store.database.close()
    a_phone(carrier / "data").database.close()
    window = a_window(display, dead, t("today.outbox", waiting=1))
    try:
        window.tap(t("rescue.open"))
        window.wait_for_screen("rescue")
        window.wait_for(t("rescue.held", ops=1, photos=0))
        window.tap(t("rescue.save"))
        saved = window.until(lambda: list((dead / "files").glob("*.dprescue")), "the file")
        window.wait_for(str(saved[0]))
        window.tap(t("rescue.show_codes"))
        window.wait_for_screen("rescue.codes")
        texts = codes_of(package)
        window.wait_for(t("rescue.where", number=len(texts), count=len(texts)))
        window.tap(t("rescue.pause"))
        window.wait_for(t("rescue.go_on"))
    finally:
        window.kill()
    assert [entry.state for entry in open_again(dead / "data").outbox.all()] == [OpState.WAITING]
    (carrier / "files").mkdir()
    saved[0].rename(carrier / "files" / saved[0].name)
    window = a_window(display, carrier, t("today.outbox_title"))
    try:
        window.tap(t("rescue.open"))
        window.tap(t("rescue.carry"))
        window.wait_for_screen("rescue.carry")
        for number, text in enumerate(texts[1:], start=1):
            hold_before(carrier, number, text)
            window.wait_for(t("rescue.progress", seen=number, count=len(texts)))
        window.wait_for(t("rescue.missing", numbers="1"))
        hold_before(carrier, len(texts), texts[0])
        window.wait_for(t("rescue.carry_more"))
        window.tap(t("rescue.carry_more"))
        window.tap(t("rescue.choose_file"))
        window.tap(saved[0].name)
        window.wait_for(t("rescue.carry_more"))
        window.back()
        window.wait_for(t("rescue.carrying", count=1))  # the file and the codes hold the same
    finally:
        window.kill()
    kept = open_again(carrier / "data").carried
    (one,) = kept.all()
    assert kept.path(one.sha256).read_bytes() == package
