"""The field app: cold start beside a bare KivyMD window, the PIN, and a frame until its card is on the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server import DINGPAN, demo
from benchmarks.table import RUNS, Line
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import FieldWindow
from tests.journeys.photograph import photograph, rasterise

PIN = "246813"
WARM_UP = 1


@dataclass(frozen=True)
class Phone:
    """A phone that was enrolled once, and a photograph of a label it knows."""

    display: Display
    data: Path
    picture: Path


def lines() -> Iterator[Line]:
    """Measure; the bare window and the app take turns, so that both see the same machine."""
    with tempfile.TemporaryDirectory() as name:
        display = Display()
        try:
            yield from _lines(_enrolled(Path(name), display))
        finally:
            display.stop()


def _lines(phone: Phone) -> Iterator[Line]:
    bare, ready, opened, card = [], [], [], []
    for turn in range(RUNS + WARM_UP):
        bare_s = _bare_s(phone.display)
        ready_s, opened_s, card_s = _app_s(phone)
        if turn >= WARM_UP:
            bare.append(bare_s)
            ready.append(ready_s)
            opened.append(opened_s)
            card.append(card_s * 1000)
    yield Line.of("bare KivyMD window to its first frame", bare, "s", float("inf"))
    yield Line.of("field app to its first usable screen", ready, "s", 1.5)
    ratios = [mine / theirs for mine, theirs in zip(ready, bare, strict=True)]
    yield Line.of("field app over the bare window", ratios, "x", 3)
    yield Line.of("last digit of the PIN to today (Argon2id told apart)", opened, "s", float("inf"))
    yield Line.of("frame to the card on the screen", card, "ms", 300)


def _enrolled(folder: Path, display: Display) -> Phone:
    """Enrol a phone with a small demo city, and photograph one of its labels."""
    frames = folder / "frames"
    frames.mkdir()
    with demo(folder / "demo", "--instruments", "80") as way_in:
        arguments = ["--data", str(folder / "phone"), "--frames", str(frames)]
        window = FieldWindow(display, [*arguments, "--enrol", way_in["enrolments"][0]["text"]])
        window.press(PIN)
        window.wait_for("再输入一次")
        window.press(PIN)
        window.wait_for_screen("today")
        window.stop()
        label = way_in["labels"][0]
        pdf = folder / "label.pdf"
        command = [str(DINGPAN), "label", str(label["serial"]), "--data", str(folder / "demo"), "--out", str(pdf)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    picture = folder / "label.jpg"
    photograph(rasterise(pdf, folder), seed=3).save(picture, quality=90)
    return Phone(display, folder / "phone", picture)


def _environment(display: Display) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KIVY_")}
    return inherited | {"DISPLAY": display.name, "SDL_VIDEODRIVER": "x11"}


def _bare_s(display: Display) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.bare_window"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_environment(display))
    return _until(process, b"ready", began)


def _app_s(phone: Phone) -> tuple[float, float, float]:
    """Start the app on a copy of the phone; return until ready, until opened, and from frame to card, in seconds."""
    with tempfile.TemporaryDirectory() as name:
        data, frames = Path(name) / "phone", Path(name) / "frames"
        shutil.copytree(phone.data, data)
        frames.mkdir()
        arguments = [PIN, str(phone.picture), "--data", str(data), "--frames", str(frames)]
        command = [sys.executable, "-m", "benchmarks.app_start", *arguments]
        began = time.perf_counter()
        environment = _environment(phone.display)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
        ready_s = _until(process, b"ready", began, ends=False)
        assert process.stdout is not None
        said = dict(line.decode().split() for line in process.stdout.read().splitlines())
        process.stdout.close()
        process.wait(timeout=30)
        return ready_s, float(said["opened"]), float(said["card"])


def _until(process: subprocess.Popen[bytes], word: bytes, began: float, *, ends: bool = True) -> float:
    """Return how long it took until a program wrote a word."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            took = time.perf_counter() - began
            if ends:
                process.stdout.close()
                process.wait(timeout=30)
            return took
    raise AssertionError(f"the program ended without {word!r}")
