"""What decoders take and give: a view of light, and a code that was read in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fieldapp.camera.port import Pixels

TEXT_LIMIT = 4096

Buffer = bytes | memoryview
Corner = tuple[float, float]


@dataclass(frozen=True)
class View:
    """A part or copy of a frame; rows begin ``row_bytes`` apart, the last one may end with its last pixel."""

    content: Buffer
    width: int
    height: int
    pixels: Pixels
    row_bytes: int


@dataclass(frozen=True)
class Code:
    """A text, and its four corners in pixels of the view or frame it was read in, clockwise from its own top left."""

    text: str
    corners: tuple[Corner, ...]

    def moved(self, move: Callable[[Corner], Corner]) -> Code:
        """Return the code with its corners elsewhere."""
        return Code(self.text, tuple(move(corner) for corner in self.corners))


# Reads the QR codes of a view: each text once and none over the limit, light on dark as well as dark on light.
Engine = Callable[[View], list[Code]]


def each_once(codes: list[Code]) -> list[Code]:
    """Return the first code of every text that is neither empty nor over the limit."""
    kept: dict[str, Code] = {}
    for code in codes:
        if 0 < len(code.text) <= TEXT_LIMIT:
            kept.setdefault(code.text, code)
    return list(kept.values())
