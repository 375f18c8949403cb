"""How quick the app is, from real runs: ``python -m tests.fieldapp.measures``. Medians; nothing here is a test.

Cold start is the time from starting the process to the second frame of the sign-in screen, beside a bare KivyMD window
in the same run. Frame to card is from the moment a photograph lies in the camera's folder to the frame that shows the
instrument's card, with no network; the card's screen is built while the camera
looks, as it always is.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fieldapp.store.derivation import derive, new_derivation
from tests.builders import a_label
from tests.fieldapp.field_builders import PIN, a_phone
from tests.fieldapp.photographs import a_jpeg, a_photograph
from tests.journeys.driver.display import Display
from tests.journeys.driver.window import ROOT

RUNS = 5
READY = """
import os, sys, time
from kivy.clock import Clock
def ready(left):
    if left:
        Clock.schedule_once(lambda _: ready(left - 1), 0)
    else:
        sys.stdout.write(f"{time.time() - float(os.environ['STARTED'])}\\n")
        sys.stdout.flush()
        os._exit(0)
"""
BARE = (
    READY
    + """
from kivymd.app import MDApp
from kivymd.uix.label import MDLabel
class Bare(MDApp):
    def build(self):
        return MDLabel(text="Dingpan")
    def on_start(self):
        ready(2)
Bare().run()
"""
)
APP = """
import sys
from fieldapp.settings import from_arguments
import fieldapp.main as main
main._prepare_kivy(from_arguments(sys.argv[1:]))
{ready}
from fieldapp.app import FieldApp
FieldApp.on_start = lambda self: ready(2)
raise SystemExit(main.main(sys.argv[1:]))
"""
SCAN = """
import os, sys, time
from pathlib import Path
from fieldapp.settings import from_arguments
import fieldapp.main as main
settings = from_arguments(sys.argv[1:])
main._prepare_kivy(settings)
from kivy.clock import Clock
from fieldapp.app import FieldApp
from fieldapp.routes import Route
PIN, PICTURES = os.environ["PIN"], Path(os.environ["PICTURES"])
found = []
def begin(app):
    app.parts.open(app.parts.vault.unlock(PIN, app.parts.clock.now()))
    app.parts.path.begin(Route.TODAY)
    Clock.schedule_once(lambda _: scan(app, sorted(PICTURES.iterdir())), 1)
def scan(app, pictures):
    if not pictures:
        sys.stdout.write(" ".join(str(one) for one in found) + "\\n")
        sys.stdout.flush()
        os._exit(0)
    app.parts.path.go(Route.SCAN)
    Clock.schedule_once(lambda _: show(app, pictures), 1.5)
def show(app, pictures):
    started = time.perf_counter()
    pictures[0].rename(settings.frames_dir / pictures[0].name)
    def look(_):
        if app.stage.route is not Route.CARD:
            return True
        Clock.schedule_once(lambda _: done(app, pictures, started), 0)
        return False
    Clock.schedule_interval(look, 0)
def done(app, pictures, started):
    found.append(time.perf_counter() - started)
    app.parts.path.back()
    for picture in settings.frames_dir.iterdir():
        picture.unlink()
    Clock.schedule_once(lambda _: scan(app, pictures[1:]), 0.3)
FieldApp.on_start = begin
raise SystemExit(main.main(sys.argv[1:]))
"""


def run(program: str, display: Display, folder: Path, arguments: list[str], **more: str) -> str:
    """Run a program in a window of its own and return the last line it wrote; Kivy wants it to be a file."""
    (folder / "program.py").write_text(program)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KIVY_")}
    quiet = {"KIVY_NO_CONSOLELOG": "1", "KIVY_NO_FILELOG": "1", "SDL_VIDEODRIVER": "x11", "DISPLAY": display.name}
    environment = inherited | quiet | {"STARTED": str(time.time()), "PYTHONPATH": str(ROOT)} | more
    command = [sys.executable, str(folder / "program.py"), *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    if not ran.stdout.strip():
        raise RuntimeError(ran.stderr)
    return ran.stdout.strip().splitlines()[-1]


def cold_starts(display: Display, data: Path) -> tuple[list[float], list[float]]:
    """Return the times of a bare window and of the app, started in turns; the first of each only warms the disk."""
    bare, app = [], []
    program = APP.format(ready=READY)
    for _ in range(RUNS + 1):
        bare.append(float(run(BARE, display, data, [], KIVY_NO_ARGS="1", KIVY_HOME=str(data / "kivy"))))
        app.append(float(run(program, display, data, ["--data", str(data)])))
    return bare[1:], app[1:]


def frames_to_card(display: Display, data: Path, folder: Path) -> list[float]:
    """Return the time of each scan, the first with the building of the screen."""
    pictures, frames = folder / "pictures", folder / "frames"
    pictures.mkdir()
    frames.mkdir()
    for seed in range(RUNS + 1):
        (pictures / f"{seed:03d}.jpg").write_bytes(a_jpeg(a_photograph(a_label(), seed=seed, size=(1080, 1440))))
    arguments = ["--data", str(data), "--frames", str(frames)]
    return [float(one) for one in run(SCAN, display, folder, arguments, PIN=PIN, PICTURES=str(pictures)).split()]


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="dingpan-measures-"))
    display = Display()
    try:
        a_phone(folder / "data").database.close()
        bare, app = cold_starts(display, folder / "data")
        scans = frames_to_card(display, folder / "data", folder)
        started = time.perf_counter()
        derive(PIN, new_derivation())
        derivation = time.perf_counter() - started
    finally:
        display.stop()
        shutil.rmtree(folder)
    bare_s, app_s, scan_s = statistics.median(bare), statistics.median(app), statistics.median(scans)
    lines = (
        f"bare KivyMD window   {bare_s:.2f} s   {_rounded(bare)}",
        f"app, first screen    {app_s:.2f} s   {_rounded(app)}   {app_s / bare_s:.2f} x bare",
        f"PIN derivation       {derivation:.2f} s",
        f"frame to card        {scan_s:.3f} s   {_rounded(scans)}",
    )
    sys.stdout.write("\n".join(lines) + "\n")


def _rounded(seconds: list[float]) -> str:
    return " ".join(f"{one:.2f}" for one in seconds)


if __name__ == "__main__":
    main()
