"""The few things of Android that camera, decoder and album need, as a port, so that each is tested without a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Java(Protocol):
    """What reaches the Java side. ``exception`` is what every Java exception becomes."""

    activity: Any
    main_executor: Any
    background_executor: Any
    exception: type[Exception]

    def new(self, name: str) -> Any:
        """Return a Java class."""

    def runnable(self, call: Callable[[], None]) -> Any:
        """Return a java.lang.Runnable."""

    def analyser(self, take: Callable[[Any], None]) -> Any:
        """Return an ImageAnalysis.Analyzer."""

    def life_cycle(self) -> Any:
        """Return a LifecycleOwner with ``begin`` and ``end``."""

    def bytes_of(self, buffer: Any) -> bytes:
        """Copy a java.nio.ByteBuffer."""

    def on_main_thread(self, call: Callable[[], None]) -> None:
        """Run a call on Android's main thread."""

    def is_granted(self, permission: str) -> bool:
        """Whether a permission was given."""

    def ask_for(self, permission: str, answered: Callable[[bool], None]) -> bool:
        """Ask for a permission; False when the person must not be asked again."""

    def ask_activity(self, intent: Any, answered: Callable[[int, Any], None]) -> None:
        """Start an activity for its result; ``answered`` gets the result code and an intent or None, on some thread.

        Raises ``exception`` where no activity takes the intent. Called on Android's main thread.
        """


def android_java() -> Java:
    """Return the real one; it can be imported on a phone only."""
    from fieldapp.camera.pyjnius_java import PyjniusJava

    java: Java = PyjniusJava()
    return java
