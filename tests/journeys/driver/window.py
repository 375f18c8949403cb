"""The client: finds what a person would see, taps and types there, and waits for what follows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

from tests.journeys.driver.display import Display

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 20.0
LOOK_S = 0.05

Found = TypeVar("Found")


class NotSeen(AssertionError):
    """What was waited for did not come; the message lists what was on the screen instead."""


@dataclass(frozen=True)
class Seen:
    """A widget on the screen; places are window pixels from the upper left corner."""

    kind: str
    texts: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float
    is_enabled: bool
    is_touchable: bool
    is_whole: bool
    is_cut: bool

    @property
    def middle(self) -> tuple[int, int]:
        return round(self.x + self.width / 2), round(self.y + self.height / 2)

    def says(self, text: str) -> bool:
        """Say whether one of its texts contains this one; line breaks do not count."""
        return any(text in one.replace("\n", "") for one in self.texts)


@dataclass(frozen=True)
class Look:
    """All that is on the screen at one moment."""

    screen: str
    size: tuple[int, int]
    widgets: tuple[Seen, ...]

    def that_say(self, text: str) -> list[Seen]:
        """Return the widgets that say this, the shortest text first: an exact one before a sentence around it."""
        found = [widget for widget in self.widgets if widget.says(text)]
        return sorted(found, key=lambda widget: min(len(one) for one in widget.texts if text in one.replace("\n", "")))

    @property
    def words(self) -> list[str]:
        """Every text on the screen."""
        return [text for widget in self.widgets for text in widget.texts]


class FieldWindow:
    """One run of the app in a window of its own; ``arguments`` are those of ``dingpan-field``."""

    def __init__(
        self, display: Display, arguments: Sequence[str], *, environment: dict[str, str] | None = None
    ) -> None:
        self._display = display
        self._folder = Path(tempfile.mkdtemp(prefix="dingpan-window-"))
        socket_path = self._folder / "probe"
        self._log = (self._folder / "log").open("w+")
        command = [sys.executable, "-m", "tests.journeys.driver.launch", str(socket_path), *arguments]
        started = {"DISPLAY": display.name, "SDL_VIDEODRIVER": "x11"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KIVY_")}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=inherited | started | (environment or {}),
            stdout=self._log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        self._socket = self.until(lambda: self._connect(socket_path), "the app to start")
        self._answers = self._socket.makefile("r")
        self.until(lambda: self.look().screen, "the first screen")
        self._focus()

    def _connect(self, path: Path) -> socket.socket | None:
        if self.process.poll() is not None:
            raise NotSeen(f"the app ended with {self.process.returncode}:\n{self.log}")
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
        except OSError:
            connection.close()
            return None
        return connection

    @property
    def log(self) -> str:
        """What the app wrote to its console."""
        self._log.flush()
        return Path(self._log.name).read_text(errors="replace")

    # Looking

    def look(self) -> Look:
        """Return what is on the screen now."""
        self._socket.sendall(b"{}\n")
        line = self._answers.readline()
        if not line:
            raise NotSeen(f"the app is gone:\n{self.log}")
        answer: dict[str, Any] = json.loads(line)
        widgets = (Seen(**row | {"texts": tuple(row["texts"])}) for row in answer["widgets"])
        return Look(answer["screen"], tuple(answer["size"]), tuple(widgets))

    @property
    def screen(self) -> str:
        """The route that is shown."""
        return self.look().screen

    def until(self, condition: Callable[[], Found], what: str, patience_s: float = PATIENCE_S) -> Found:
        """Wait until a condition is true and return its value; NotSeen says what was there instead."""
        end = time.monotonic() + patience_s
        while not (found := condition()):
            if time.monotonic() > end:
                there = " | ".join(self.look().words) if hasattr(self, "_answers") else self.log
                raise NotSeen(f"waited in vain for {what}; there is: {there}")
            time.sleep(LOOK_S)
        return found

    def wait_for(self, text: str, patience_s: float = PATIENCE_S) -> Seen:
        """Wait until something on the screen says this."""
        return self.until(lambda: next(iter(self.look().that_say(text)), None), repr(text), patience_s)

    def wait_for_screen(self, route: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until a screen is shown."""
        self.until(lambda: self.screen == route, f"the screen {route}", patience_s)

    def wait_until_gone(self, text: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until nothing on the screen says this."""
        self.until(lambda: not self.look().that_say(text), f"{text!r} to go", patience_s)

    def says(self, text: str) -> bool:
        """Say whether something on the screen says this now."""
        return bool(self.look().that_say(text))

    def screenshot(self, path: Path | None = None) -> Image.Image:
        """Return the window's pixels as the X server shows them, and keep them as a PNG file."""
        width, height = self.look().size
        picture = self._display.screenshot(width, height)
        if path is not None:
            picture.save(path)
        return picture

    # Touching

    def _xdotool(self, *arguments: str | int) -> str:
        command = ["xdotool", *(str(argument) for argument in arguments)]
        environment = os.environ | {"DISPLAY": self._display.name}
        return subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout

    def _focus(self) -> None:
        """Without a window manager nobody gives the window the keyboard, nor a place."""
        window = self.until(lambda: self._windows(), "the window")[-1]
        self._xdotool("windowmove", "--sync", window, 0, 0, "windowfocus", "--sync", window)

    def _windows(self) -> list[str]:
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)]
        environment = os.environ | {"DISPLAY": self._display.name}
        return subprocess.run(command, check=False, env=environment, capture_output=True, text=True).stdout.split()

    def tap_at(self, x: int, y: int) -> None:
        """Touch a point of the window."""
        self._xdotool("mousemove", x, y, "click", 1)

    def tap(self, text: str, *, place: int = 0, patience_s: float = PATIENCE_S) -> None:
        """Touch what says this; of several the shortest, or another by its ``place``. Scrolls to it when it must."""
        seen = self.until(lambda: self._touchable(text, place), f"{text!r} to tap", patience_s)
        self.tap_at(*seen.middle)

    def _touchable(self, text: str, place: int) -> Seen | None:
        """Return it once it stands still where it can be touched."""
        before, after = (self._touchables(text)[place : place + 1] for _ in range(2))
        return after[0] if after and before == after else None

    def _touchables(self, text: str) -> list[Seen]:
        """Return what can be tapped and says this, things made for it first."""
        found = [one for one in self.look().that_say(text) if one.is_enabled]
        return sorted(found, key=lambda one: not one.is_touchable)

    def back(self) -> None:
        """Touch the arrow at the head of the screen."""
        arrows = self.until(lambda: [one for one in self.look().widgets if one.kind == "GlyphButton"], "the way back")
        self.tap_at(*arrows[0].middle)

    def press(self, keys: Iterable[str]) -> None:
        """Press keys of a number pad, one after the other: digits, the point, or ``erase``."""
        for key in keys:
            self.tap_key(key)

    def tap_key(self, key: str) -> None:
        """Press one key of a pad, and wait until the pad can have taken it."""
        pad = self.until(lambda: self._pad_keys(), "a number pad")
        self.tap_at(*pad[key].middle)
        self.look()

    def _pad_keys(self) -> dict[str, Seen]:
        keys = [widget for widget in self.look().widgets if widget.kind == "PadKey" and widget.is_enabled]
        return {widget.texts[-1]: widget for widget in keys}

    def write(self, text: str, field: str) -> None:
        """Type text with the keyboard into a field, named by its label, its hint, or what stands in it."""
        self.tap_at(*self.until(lambda: self._field(field), f"the field {field!r}").middle)
        self._pass_a_frame()  # a field takes keys once it has heard of the touch
        self._xdotool("type", "--delay", 20, text)
        self.wait_for(text)

    def _field(self, name: str) -> Seen | None:
        """Return the field that says this, or the one right under what says it."""
        look = self.look()
        fields = [one for one in look.widgets if one.kind == "TextInput" and one.is_enabled]
        labels = look.that_say(name)
        under = [one for one in fields if labels and one.y >= labels[0].y]
        named = [one for one in fields if one.says(name)]
        return next(iter(named), None) or min(under, key=lambda one: one.y, default=None)

    def draw(self, points: Sequence[tuple[int, int]]) -> None:
        """Draw a line with a finger, from frame to frame, so that the app sees every point."""
        self._xdotool("mousemove", *points[0], "mousedown", 1)
        for x, y in points[1:]:
            self._pass_a_frame()
            self._xdotool("mousemove", x, y)
        self._pass_a_frame()
        self._xdotool("mouseup", 1)

    def _pass_a_frame(self) -> None:
        """Wait until the app has taken what the X server told it: one look may still come before that."""
        for _ in range(2):
            self.look()

    def scroll(self, pixels: int) -> None:
        """Drag the page with a finger and wait until it stands still; positive shows what is further down."""
        page = self._page()
        x, middle, reach = round(page.x + page.width - 10), page.middle[1], round(page.height * 0.4)
        while pixels:
            step = max(-reach, min(reach, pixels))
            start, end = middle + step // 2, middle - step // 2
            self.draw([(x, start + (end - start) * part // 8) for part in range(9)] + [(x, end)] * 4)
            self._be_still()
            pixels -= step

    def _page(self) -> Seen:
        pages = [widget for widget in self.look().widgets if widget.kind in ("Scrolled", "RowList")]
        if not pages:
            raise NotSeen("nothing here scrolls")
        return pages[0]

    def _be_still(self) -> None:
        self.until(lambda: len({self.look() for _ in range(3)}) == 1, "the page to stand still")

    def scroll_to(self, text: str, *, most: int = 20) -> Seen:
        """Scroll down until something that says this is wholly on the screen."""
        for _ in range(most):
            seen = next((one for one in self._touchables(text) if one.is_whole), None)
            if seen is not None:
                return seen
            self.scroll(round(self._page().height * 0.4))
        return self.wait_for(text, 0.1)

    # Ending

    def kill(self) -> None:
        """End the app as a dead battery does."""
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """Close the app, if it runs."""
        self.process.terminate()
        self._end()

    def _end(self) -> None:
        self.process.wait(10)
        for open_file in (self._answers, self._socket, self._log):
            open_file.close()
        shutil.rmtree(self._folder, ignore_errors=True)
