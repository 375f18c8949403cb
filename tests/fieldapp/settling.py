"""Let a screen come to rest: a text that wraps changes a height, which moves what changes another."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock

STILL = 3  # frames without a change
AT_MOST = 60


def settle(*widgets: Any) -> None:
    """Draw frames until nothing moves any more, as a person waits before touching; a screen that never rests fails."""
    seen, still = _places(widgets), 0
    for _ in range(AT_MOST):
        Clock.tick()
        now = _places(widgets)
        still = still + 1 if now == seen else 0
        if still == STILL:
            return
        seen = now
    raise AssertionError(f"still moving after {AT_MOST} frames: {widgets}")


def _places(widgets: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [
        (*one.pos, *one.size, *getattr(one, "texture_size", ()))
        for widget in widgets
        for one in widget.walk(restrict=True)
    ]
