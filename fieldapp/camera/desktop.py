"""The webcam of a desktop, through whatever provider Kivy has there.

Kivy's camera delivers a texture, whose pixels can be read on the UI thread only; so each new texture is read there,
when Kivy says that there is one, and other threads take the bytes.
"""

from __future__ import annotations

from typing import Any

from fieldapp.camera.port import Frame, NoCamera

RESOLUTION = (1280, 720)
RGBA = 4


class DesktopCamera:
    """Serves the first camera of the machine."""

    def __init__(self, index: int = 0) -> None:
        self._index = index
        self._camera: Any = None
        self._frame: Frame | None = None
        self._number = 0

    def start(self) -> None:
        """Begin; raises NoCamera where Kivy finds none."""
        from kivy.core.camera import Camera as Provider

        if Provider is None:
            raise NoCamera("no_provider")
        self._frame = None
        self._camera = Provider(index=self._index, resolution=RESOLUTION, stopped=True)
        self._camera.bind(on_texture=self._take)
        self._camera.start()

    def stop(self) -> None:
        """End and free the device."""
        if self._camera is not None:
            self._camera.stop()
            self._camera.unbind(on_texture=self._take)
            self._camera = None

    def latest(self) -> Frame | None:
        """Return the newest frame."""
        return self._frame

    def _take(self, *_: object) -> None:
        texture = self._camera.texture
        if texture is None:
            return
        pixels = texture.pixels
        colour = bytearray(len(pixels) // RGBA * 3)
        for channel in range(3):
            colour[channel::3] = pixels[channel::RGBA]
        self._number += 1
        self._frame = Frame(self._number, texture.width, texture.height, bytes(colour))
