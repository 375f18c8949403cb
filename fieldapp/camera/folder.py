"""A folder of pictures that behaves like a camera: about fifteen frames a second, new files appear while it runs.

It begins with the newest file, goes on to each file that appears, in order of time and name, and then keeps showing the
last one, as a camera held still does. A file that is still being written is looked at again later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from fieldapp.camera.port import Frame, NoCamera

FRAME_S = 1 / 15
KINDS = (".jpg", ".jpeg", ".png")

Age = tuple[int, str]


class FolderCamera:
    """Serves the files of a folder."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._monotonic = folder, monotonic
        self._frame: Frame | None = None
        self._age: Age | None = None
        self._next_at = 0.0
        self._number = 0
        self._is_on = False

    def start(self) -> None:
        """Begin with the newest file there is."""
        if not self._folder.is_dir():
            raise NoCamera("no_folder")
        self._frame, self._age, self._next_at, self._is_on = None, None, 0.0, True

    def stop(self) -> None:
        """End."""
        self._is_on = False

    def latest(self) -> Frame | None:
        """Return the frame that is due."""
        if self._is_on and self._monotonic() >= self._next_at:
            self._next_at = self._monotonic() + FRAME_S
            self._advance()
        return self._frame

    def _advance(self) -> None:
        files = sorted(self._files())
        later = [found for found in files if self._age is not None and found[0] > self._age]
        wanted = later[:1] if self._age is not None else files[-1:]
        for age, path in wanted:
            frame = self._read(path)
            if frame is not None:
                self._frame, self._age = frame, age

    def _files(self) -> list[tuple[Age, Path]]:
        found = (path for path in self._folder.iterdir() if path.suffix.lower() in KINDS)
        return [((path.stat().st_mtime_ns, path.name), path) for path in found]

    def _read(self, path: Path) -> Frame | None:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(path) as picture:
                colour = picture.convert("RGB")
        except (UnidentifiedImageError, OSError):
            return None
        self._number += 1
        return Frame(self._number, colour.width, colour.height, colour.tobytes())
