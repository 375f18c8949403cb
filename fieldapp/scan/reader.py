"""The thread that looks at frames: each new one is decoded off the UI thread, and what was read is posted there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event, Thread

from fieldapp.camera.port import Camera, Frame, Pixels
from fieldapp.scan.code import Code
from fieldapp.scan.sight import Sight
from fieldapp.ui_thread import Post

PAUSE_S = 1 / 30
PREVIEW_SIDE = 640

Decode = Callable[[Frame], list[Code]]


def small(frame: Frame) -> Frame:
    """Return a frame that is quick to show, upright: a screen needs fewer pixels than a decoder."""
    factor = -(-max(frame.width, frame.height) // PREVIEW_SIDE)
    if factor < 2 and not frame.turned:
        return frame
    from PIL import Image

    mode = "L" if frame.pixels is Pixels.LUMA else "RGB"
    picture = Image.frombytes(mode, (frame.width, frame.height), frame.content).reduce(max(1, factor))
    for _ in range(frame.turned):
        picture = picture.transpose(Image.Transpose.ROTATE_270)
    return replace(frame, width=picture.width, height=picture.height, content=picture.tobytes(), turned=0)


class Reader:
    """Runs from ``start`` to ``stop``: ``found`` gets what a new frame held, then ``see`` a small copy of it.

    An answer does not wait for a preview, and who stops on an answer is shown no more.
    """

    def __init__(
        self,
        camera: Camera,
        decode: Decode,
        post: Post,
        *,
        see: Callable[[Frame], None],
        found: Callable[[Sight], None],
    ) -> None:
        self._camera, self._decode, self._post = camera, decode, post
        self._see, self._found = see, found
        self._is_over = Event()
        self._seen = 0

    def start(self) -> None:
        """Start the camera, on the UI thread, and the reading; raises NoCamera."""
        self._camera.start()
        Thread(target=self._run, name="reader", daemon=True).start()

    def stop(self) -> None:
        """Stop both; what is read after this is dropped."""
        self._is_over.set()
        self._camera.stop()

    def _run(self) -> None:
        while not self._is_over.is_set():
            if not self.look():
                self._is_over.wait(PAUSE_S)

    def look(self) -> bool:
        """Look at the newest frame; False when it was looked at before."""
        frame = self._camera.latest()
        if frame is None or frame.number == self._seen:
            return False
        self._seen = frame.number
        codes = self._decode(frame)
        if codes:
            self._tell(lambda: self._found(Sight(frame, tuple(codes))))
        preview = small(frame)
        self._tell(lambda: self._see(preview))
        return True

    def _tell(self, call: Callable[[], None]) -> None:
        self._post(lambda: None if self._is_over.is_set() else call())
