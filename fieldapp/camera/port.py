"""What a camera is: it is started, it has a newest frame, it is stopped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Pixels(StrEnum):
    """How a frame's bytes are laid out, rows from the top: one byte of light a pixel, or red, green, blue."""

    LUMA = "luma"
    RGB = "rgb"

    @property
    def size(self) -> int:
        """Bytes of one pixel."""
        return 1 if self is Pixels.LUMA else 3


@dataclass(frozen=True)
class Frame:
    """One picture; ``number`` rises with each new one. ``turned`` counts quarter turns clockwise to stand upright."""

    number: int
    width: int
    height: int
    content: bytes
    pixels: Pixels = Pixels.RGB
    turned: int = 0

    def __post_init__(self) -> None:
        if len(self.content) != self.width * self.height * self.pixels.size:
            raise ValueError("the bytes are not those of a frame of this size")


class NoCamera(Exception):
    """There is no camera, or it may not be used; ``code`` names the sentence ``camera.<code>``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Camera(Protocol):
    """A camera. Started on the UI thread; ``latest`` may be called from another, and never blocks for long."""

    def start(self) -> None:
        """Begin; raises NoCamera."""

    def stop(self) -> None:
        """End; a stopped camera may be started again."""

    def latest(self) -> Frame | None:
        """Return the newest frame since the start; None before the first."""
