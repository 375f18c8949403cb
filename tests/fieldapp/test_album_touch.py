"""A picture chosen by touches in a real window: large, with two labels, damaged, or none after all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from shared.seal import short_code
from shared.texts import load
from tests.builders import a_label
from tests.fieldapp.field_builders import PIN, a_phone
from tests.fieldapp.photographs import a_photograph
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow

t = load("zh-CN", "fieldapp")
WORN_SERIAL = 1_000_005
NAMES = ("damaged.jpg", "two.jpg", "one.jpg")


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    started = Display()
    yield started
    started.stop()


def a_large_jpeg(*links: str) -> bytes:
    """Return a photograph of twelve megapixels."""
    picture = a_photograph(*links, size=(1000, 750), module_px=6 if len(links) == 1 else 5).resize((4000, 3000))
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=90)
    return content.getvalue()


@pytest.fixture
def window(display: Display, tmp_path: Path) -> Iterator[FieldWindow]:
    """The app of an enrolled phone, whose camera sees nothing."""
    for folder in ("frames", "album"):
        (tmp_path / folder).mkdir()
    one, two = a_large_jpeg(a_label()), a_large_jpeg(a_label(), a_label(serial=WORN_SERIAL))
    for age, (name, content) in enumerate(zip(NAMES, (one[: len(one) // 3], two, one), strict=True), start=1):
        (tmp_path / "album" / name).write_bytes(content)
        os.utime(tmp_path / "album" / name, (age, age))
    a_phone(tmp_path / "data").database.close()
    arguments = ["--data", str(tmp_path / "data"), "--frames", str(tmp_path / "frames")]
    started = FieldWindow(display, [*arguments, "--album", str(tmp_path / "album"), "--size", "390x844"])
    started.press(PIN)
    started.tap(t("today.scan"))
    started.wait_for(t("scan.hint"))
    yield started
    started.kill()


def open_album(window: FieldWindow) -> list[str]:
    """Touch the button and return the pictures that are shown, in their order."""
    window.tap(t("picture.from"))
    window.until(lambda: names(window), "the pictures")
    return names(window)


def names(window: FieldWindow) -> list[str]:
    return [one.texts[0] for one in window.look().widgets if one.kind == "PictureTile"]


def choose(window: FieldWindow, name: str) -> None:
    tiles = window.until(
        lambda: [one for one in window.look().widgets if one.kind == "PictureTile" and one.says(name)], name
    )
    window.tap_at(*tiles[0].middle)


def test_a_picture_of_twelve_megapixels_leads_to_the_card(window: FieldWindow):
    assert open_album(window) == ["one.jpg", "two.jpg", "damaged.jpg"]
    choose(window, "one.jpg")
    window.wait_for_screen("card")
    window.wait_for(t("label.genuine"))
    window.until(lambda: not names(window), "the pictures to go")


def test_of_two_labels_in_it_the_finger_chooses(window: FieldWindow):
    open_album(window)
    choose(window, "two.jpg")
    window.wait_for(t("scan.which"))
    window.wait_for(short_code(WORN_SERIAL))
    window.until(lambda: not names(window), "the pictures to go")
    number = next(one for one in window.look().widgets if one.kind == "OutlineNumber" and one.says("2"))
    window.tap_at(*number.middle)
    window.wait_for_screen("card")
    window.wait_for("W-2")


def test_a_damaged_file_is_told_and_the_next_picture_is_read(window: FieldWindow):
    open_album(window)
    window.wait_for(t("picture.unreadable"))
    choose(window, "damaged.jpg")
    window.wait_for(t("picture.damaged"))
    window.wait_for(t("picture.advice_damaged"))
    window.until(lambda: not names(window), "the pictures to go")
    open_album(window)
    choose(window, "one.jpg")
    window.wait_for_screen("card")


@pytest.mark.parametrize("way", ["arrow", "key"])
def test_back_takes_the_pictures_away_and_the_camera_goes_on(window: FieldWindow, way: str, tmp_path: Path):
    open_album(window)
    if way == "arrow":
        heads = [one for one in window.look().widgets if one.kind == "GlyphButton" and one.is_whole]
        window.tap_at(*heads[0].middle)
    else:
        window._xdotool("key", "Escape")
    window.wait_for(t("scan.hint"))
    window.until(lambda: not names(window), "the pictures to go")
    assert window.screen == "scan"
    picture = Image.open(io.BytesIO(a_large_jpeg(a_label()))).resize((960, 720))
    picture.save(tmp_path / "frames" / "next.part", "JPEG")
    (tmp_path / "frames" / "next.part").rename(tmp_path / "frames" / "001.jpg")
    window.wait_for_screen("card")
