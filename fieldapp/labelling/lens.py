"""The camera of a step: codes are read off the UI thread while it runs, and a photo is taken when asked for."""

from __future__ import annotations

from collections.abc import Callable

from fieldapp.camera.photo import jpeg_of
from fieldapp.camera.port import Frame
from fieldapp.parts import Parts
from fieldapp.scan.reader import Reader
from fieldapp.scan.sight import Sight
from fieldapp.store.trouble import StorageTrouble
from fieldapp.visit.model import Evidence

Taken = Evidence | StorageTrouble


class Lens:
    """Runs from ``start`` to ``stop``; ``found`` gets what a frame held, ``see`` a small copy of it."""

    def __init__(self, parts: Parts, *, see: Callable[[Frame], None], found: Callable[[Sight], None]) -> None:
        self._parts = parts
        self._camera = parts.new_camera()
        self._reader = Reader(self._camera, parts.new_decoder(), parts.post, see=see, found=found)

    def start(self) -> None:
        """Begin; raises NoCamera."""
        self._reader.start()

    def stop(self) -> None:
        """End."""
        self._reader.stop()

    def shoot(self, kind: str, done: Callable[[Taken], None]) -> bool:
        """Keep the newest frame as a photo, beside the UI thread; False when there is no frame yet.

        ``done`` gets the photo once its sealed file is on the disk, or why it could not be kept.
        """
        frame = self._camera.latest()
        if frame is None:
            return False
        self._parts.off_thread(lambda: self._keep(frame, kind), done, StorageTrouble)
        return True

    def _keep(self, frame: Frame, kind: str) -> Evidence:
        content = jpeg_of(frame)
        return Evidence(self._parts.store.photos.keep(content), len(content), kind, None)
