"""A seal recorded and a label chosen by touches in a real window; a dead battery in between costs nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldapp.store.database import Database
from fieldapp.store.outbox import OpState
from fieldapp.store.store import Store
from fieldapp.store.vault import Vault
from shared.seal import short_code
from shared.texts import load
from shared.words import SealPosition
from tests.builders import a_label
from tests.fieldapp.field_builders import NOON, PIN, SCALE, SettableClock, a_phone
from tests.fieldapp.photographs import a_jpeg, a_photograph
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow

t = load("zh-CN", "fieldapp")
WORN_SERIAL = 1_000_005


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    started = Display()
    yield started
    started.stop()


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    """How the app is started on a phone that was enrolled yesterday."""
    (tmp_path / "frames").mkdir()
    a_phone(tmp_path / "data").database.close()
    return ["--data", str(tmp_path / "data"), "--frames", str(tmp_path / "frames"), "--size", "390x844"]


def hold_before(tmp_path: Path, number: int, *links: str) -> None:
    """Hold the camera before labels; a camera never shows half a picture."""
    picture = a_photograph(*links, size=(960, 1280) if len(links) > 1 else (720, 960), module_px=6)
    (tmp_path / "frames" / "next.part").write_bytes(a_jpeg(picture))
    (tmp_path / "frames" / "next.part").rename(tmp_path / "frames" / f"{number:03d}.jpg")


def drafts(folder: Path) -> int:
    """Count what is filled in, as it lies on the disk."""
    connection = sqlite3.connect(folder / "dingpan.db")
    try:
        return int(connection.execute("SELECT count(*) FROM seal_draft").fetchone()[0])
    finally:
        connection.close()


def open_again(folder: Path) -> Store:
    """Look into the phone's store with its PIN."""
    database = Database(folder / "dingpan.db")
    return Store(database, Vault(database).unlock(PIN, NOON), folder, SettableClock())


def test_a_seal_is_recorded_by_touches_and_a_dead_battery_costs_nothing(
    display: Display, tmp_path: Path, arguments: list[str]
):
    data = tmp_path / "data"
    window = FieldWindow(display, arguments)
    try:
        window.press(PIN)
        hold_before(tmp_path, 1, a_label())
        window.tap(t("today.scan"))
        window.wait_for_screen("card")
        window.scroll_to(t("card.seals"))
        window.tap(t("card.seals"))
        window.wait_for_screen("physical_seals")
        window.wait_for(t("physical_seals.nothing_known"))
        window.tap(t("seal_act.applied"))
        window.wait_for_screen("physical_seals.move")
        window.tap(t("physical_seals.save"))
        window.wait_for(t("physical_seals.fault_needs_number"))
        window.write("QF-0417", t("physical_seals.new_number"))
        window.until(lambda: drafts(data) == 1, "what was typed to lie on the disk")
    finally:
        window.kill()
    again = FieldWindow(display, arguments)
    try:
        again.press(PIN)
        again.wait_for_screen("physical_seals.move")
        again.wait_for("QF-0417")
        again.tap(t("physical_seals.save"))
        again.wait_for_screen("physical_seals")
        again.wait_for(t("physical_seals.stands", number="QF-0417"))
        again.tap(t("seal_act.replaced"))
        again.tap(t("physical_seals.is_known", number="QF-0417"))
        again.write("QF-0418", t("physical_seals.new_number"))
        again.tap(t("physical_seals.save"))
        again.wait_for(t("physical_seals.stands", number="QF-0418"))
    finally:
        again.kill()
    store = open_again(data)
    entries = store.outbox.all()[::-1]
    found = [json.loads(store.outbox.op(entry, "x").body) for entry in entries]
    assert [entry.state for entry in entries] == [OpState.WAITING] * 2
    assert [(one["act"], one.get("old_number"), one["new_number"]) for one in found] == [
        ("applied", None, "QF-0417"),
        ("replaced", "QF-0417", "QF-0418"),
    ]
    assert store.seal_moves.standing(SCALE)[SealPosition.ADJUSTER].number == "QF-0418"
    assert drafts(data) == 0


@pytest.mark.parametrize("kind", ["OutlineNumber", "PlainRow"])
def test_of_two_labels_in_the_picture_the_finger_chooses(
    display: Display, tmp_path: Path, arguments: list[str], kind: str
):
    window = FieldWindow(display, arguments)
    try:
        window.press(PIN)
        window.wait_for_screen("today")
        hold_before(tmp_path, 1, a_label(), a_label(serial=WORN_SERIAL))
        window.tap(t("today.scan"))
        window.wait_for(t("scan.which"))
        seen = window.wait_for(short_code(WORN_SERIAL))
        if kind == "OutlineNumber":
            seen = next(one for one in window.look().widgets if one.kind == kind and one.says("2"))
        window.tap_at(*seen.middle)
        window.wait_for_screen("card")
        window.wait_for("W-2")
    finally:
        window.kill()
