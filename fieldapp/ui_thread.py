"""Back to the UI thread: the only way for a result of other threads to reach a widget or a viewmodel."""

from __future__ import annotations

from collections.abc import Callable

Post = Callable[[Callable[[], None]], None]


def post(call: Callable[[], None]) -> None:
    """Run a call on the UI thread before the next frame."""
    from kivy.clock import Clock

    Clock.schedule_once(lambda _: call(), 0)


def at_once(call: Callable[[], None]) -> None:
    """Run a call here and now, where there is no other thread."""
    call()
