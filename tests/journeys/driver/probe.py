"""The probe inside the app: one thread, one socket, one answer for each line asked. It changes nothing."""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

TEXTS = ("text", "title", "second", "trailing", "hint_text")


def start_probe(path: str) -> None:
    """Serve questions on a unix socket until the program ends."""
    server = socketserver.ThreadingUnixStreamServer(path, _Questions)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="probe", daemon=True).start()


class _Questions(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            answer = json.dumps(_on_ui_thread(json.loads(line)), ensure_ascii=False)
            self.wfile.write(answer.encode() + b"\n")
            self.wfile.flush()


def _on_ui_thread(question: dict[str, Any]) -> dict[str, Any]:
    """Wait for the next frame and look then, so that no half-built screen is seen.

    Kivy is never imported from here: the first import makes the window, which belongs to the main thread.
    """
    while not _is_running():
        time.sleep(0.01)
    from kivy.clock import Clock

    found: dict[str, Any] = {}
    looked = threading.Event()

    def look(_: float) -> None:
        found.update(_look())
        looked.set()

    Clock.schedule_once(look, 0)
    looked.wait(30)
    return found


def _is_running() -> bool:
    app = getattr(sys.modules.get("kivy.app"), "App", None)
    running = app.get_running_app() if app else None
    return getattr(running, "root", None) is not None


def _look() -> dict[str, Any]:
    from kivy.app import App
    from kivy.core.window import Window

    app = App.get_running_app()
    stage = getattr(app, "stage", None)
    whole = (0.0, 0.0, float(Window.width), float(Window.height))
    widgets = [row for child in Window.children for row in _rows(child, whole, is_enabled=True)]
    return {
        "pid": os.getpid(),
        "screen": str(stage.route) if stage is not None and stage.route else "",
        "size": [Window.width, Window.height],
        "widgets": widgets,
    }


Clip = tuple[float, float, float, float]


def _rows(widget: Any, clip: Clip, *, is_enabled: bool) -> Iterator[dict[str, Any]]:
    """Yield a widget and what it holds, as far as it can be seen; places count from the upper left corner."""
    from kivy.core.window import Window
    from kivy.uix.behaviors import ButtonBehavior
    from kivy.uix.scrollview import ScrollView
    from kivy.uix.textinput import TextInput

    if not widget.opacity:
        return
    x, y = widget.to_window(widget.x, widget.y)
    seen = _cut((x, y, x + widget.width, y + widget.height), clip)
    is_enabled = is_enabled and not widget.disabled
    texts = [str(getattr(widget, name, "") or "") for name in TEXTS]
    texts += [widget.key] if type(widget).__name__ == "PadKey" else []
    if seen is not None:
        left, bottom, right, top = seen
        yield {
            "kind": type(widget).__name__,
            "texts": [text for text in texts if text],
            "x": left,
            "y": Window.height - top,
            "width": right - left,
            "height": top - bottom,
            "is_enabled": is_enabled,
            "is_touchable": isinstance(widget, ButtonBehavior | TextInput),
            "is_whole": (right - left, top - bottom) >= (widget.width - 1, widget.height - 1),
            "is_cut": _is_cut(widget),
        }
    inner = seen if isinstance(widget, ScrollView) else clip
    if inner is not None:
        for child in reversed(widget.children):
            yield from _rows(child, inner, is_enabled=is_enabled)


def _is_cut(widget: Any) -> bool:
    """Say whether a label's text is larger than the label."""
    size = getattr(widget, "texture_size", None)
    if not size or not getattr(widget, "text", "") or not widget.width or not widget.height:
        return False
    return bool(size[0] > widget.width + 1 or size[1] > widget.height + 1)


def _cut(box: Clip, clip: Clip) -> Clip | None:
    left, bottom = max(box[0], clip[0]), max(box[1], clip[1])
    right, top = min(box[2], clip[2]), min(box[3], clip[3])
    return (left, bottom, right, top) if right - left > 1 and top - bottom > 1 else None
