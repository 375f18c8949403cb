"""One picture of the album: asked for, opened and read beside the UI thread; what was read is posted there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from fieldapp.album.port import MOST_BYTES, Album, Answer, NoAlbum, Picture, PictureFault
from fieldapp.parts import Parts
from fieldapp.scan.sight import Sight
from fieldapp.scan.still import NoPicture

See = Callable[[IO[bytes]], Sight]


@dataclass(frozen=True)
class Hearers:
    """Who hears what on the UI thread: that a picture is being read, that none was chosen, and what came of it."""

    reading: Callable[[], None]
    nothing: Callable[[], None]
    found: Callable[[Sight], None]
    failed: Callable[[PictureFault], None]


class AlbumReader:
    """Runs from ``start`` to ``stop``; what comes later is dropped."""

    def __init__(self, parts: Parts, hearers: Hearers) -> None:
        self._parts, self._hearers = parts, hearers
        self._album: Album = parts.new_album()
        self._is_over = False

    def start(self) -> None:
        """Ask for a picture."""
        self._album.ask(lambda answer: self._parts.post(lambda: self._answered(answer)))

    def stop(self) -> None:
        """Take the album away; a picture that is being read is read for nobody."""
        self._is_over = True
        self._album.close()

    def _answered(self, answer: Answer) -> None:
        if self._is_over:
            return
        if answer is None:
            self._hearers.nothing()
        elif isinstance(answer, NoAlbum):
            self._hearers.failed(PictureFault.NO_ALBUM)
        else:
            self._hearers.reading()
            job = _reading(answer, self._parts.see_picture)
            self._parts.off_thread(job, self._read, NoPicture, OSError, MemoryError)

    def _read(self, result: Sight | NoPicture | OSError | MemoryError) -> None:
        if self._is_over:
            return
        if isinstance(result, Sight):
            self._hearers.found(result)
        elif isinstance(result, NoPicture):
            self._hearers.failed(result.fault)
        else:
            self._hearers.failed(PictureFault.GONE if isinstance(result, OSError) else PictureFault.TOO_BIG)


def _reading(picture: Picture, see: See) -> Callable[[], Sight]:
    """Return what opens a picture and reads it; a stream that cannot be rewound is copied, but no endless one."""

    def _read() -> Sight:
        with picture.open() as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise NoPicture(PictureFault.TOO_BIG)
        return see(BytesIO(content))

    return _read
