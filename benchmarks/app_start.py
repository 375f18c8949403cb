"""The field app in a real window, timed from inside: prints a line for each moment that somebody waits for.

``python -m benchmarks.app_start PIN PICTURE [arguments of dingpan-field]``: ``ready`` when the first screen can be
used; then it signs in with PIN (``opened``: how long the derivation and the opening took), opens the scanner, puts
PICTURE before the camera and prints ``card`` with the time from the frame to the card on the screen.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from fieldapp.main import main

POLL_S = 0.001


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _app() -> Any:
    """Return the running app once its first screen stands; Kivy is never imported from here."""
    while True:
        found = getattr(sys.modules.get("kivy.app"), "App", None)
        app = found.get_running_app() if found else None
        if app is not None and getattr(app, "stage", None) is not None and app.stage.route:
            return app
        time.sleep(POLL_S)


def _wait_for_frame() -> None:
    """Return after the next frame was drawn."""
    from kivy.clock import Clock
    from kivy.core.window import Window

    drawn = threading.Event()

    def watch(_: float) -> None:
        Window.bind(on_flip=lambda *_: drawn.set())
        Window.canvas.ask_update()  # where nothing moves no frame is drawn

    Clock.schedule_once(watch, 0)
    drawn.wait()


def _wait_for_route(app: Any, route: str) -> None:
    while str(app.stage.route) != route:
        time.sleep(POLL_S)
    _wait_for_frame()


def _on_ui(action: Any) -> None:
    from kivy.clock import Clock

    done = threading.Event()
    Clock.schedule_once(lambda _: (action(), done.set()), 0)
    done.wait()


def _watch(pin: str, picture: Path, frames: Path) -> None:
    app = _app()
    _wait_for_frame()
    _say("ready")
    if str(app.stage.route) == "signin":
        _sign_in(app, pin)
        _scan(app, picture, frames)
    os._exit(0)


def _sign_in(app: Any, pin: str) -> None:
    began = time.perf_counter()
    for digit in pin:
        _on_ui(lambda digit=digit: app.stage.shown.vm.press(digit))
    _wait_for_route(app, "today")
    _say(f"opened {time.perf_counter() - began:.4f}")


def _scan(app: Any, picture: Path, frames: Path) -> None:
    """Open the scanner, raise the phone as long as the app needs to get ready, and time a frame from the camera on."""
    from fieldapp.camera.folder import FolderCamera

    while app.stage.to_come:
        time.sleep(POLL_S)
    _on_ui(lambda: app.stage.shown.vm.scan())
    _wait_for_route(app, "scan")
    read, seen = FolderCamera._read, []

    def timed(camera: FolderCamera, path: Path) -> Any:
        frame = read(camera, path)
        seen.append(time.perf_counter())
        return frame

    FolderCamera._read = timed  # a real camera hands over pixels: unpacking the file is not the app's work
    aside = frames / "aside"
    shutil.copy(picture, aside)
    aside.rename(frames / "now.jpg")
    _wait_for_route(app, "card")
    _say(f"card {time.perf_counter() - seen[0]:.4f}")


if __name__ == "__main__":
    where = Path(sys.argv[sys.argv.index("--frames") + 1])
    threading.Thread(target=_watch, args=(sys.argv[1], Path(sys.argv[2]), where), daemon=True).start()
    raise SystemExit(main(sys.argv[3:]))
