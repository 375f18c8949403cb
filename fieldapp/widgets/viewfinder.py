"""What the camera sees, cut to fill the widget, with a frame to aim by."""

from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty, ListProperty, ObjectProperty
from kivy.uix.widget import Widget

from fieldapp.camera.port import Frame, Pixels
from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Viewfinder(Widget):
    """``frame`` is the newest frame; None shows an empty ground. ``light`` leaves its colours as they are.

    ``shown`` is the part of its texture that is seen, upright, and ``pictured`` how large. It is a texture of its own:
    a rectangle that is given another texture forgets which part of the one before it was to show. While it
    ``is_aiming`` the picture fills the widget; else all of it is seen.
    """

    frame = ObjectProperty(None, allownone=True)
    texture = ObjectProperty(None, allownone=True)
    shown = ObjectProperty(None, allownone=True)
    light = ColorProperty([1.0] * 4)
    pictured = ListProperty([0, 0])
    is_aiming = BooleanProperty(True)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fbind("size", self._cut)
        self.fbind("is_aiming", self._cut)

    def on_frame(self, _: object, frame: Frame | None) -> None:
        """Put the newest frame on the screen."""
        if frame is None:
            self.texture = self.shown = None
            return
        if self.texture is None or self.texture.size != (frame.width, frame.height):
            self.texture = Texture.create((frame.width, frame.height), colorfmt="rgb")
            self._cut()
        colours = "luminance" if frame.pixels is Pixels.LUMA else "rgb"
        self.texture.blit_buffer(frame.content, colorfmt=colours, bufferfmt="ubyte")
        self.canvas.ask_update()

    def _cut(self, *_change: object) -> None:
        """Choose the part of the frame that is seen without distortion; rows of a frame begin at the top."""
        if self.texture is None or not self.height:
            return
        scale = self._scale()
        wide = min(self.texture.width, max(1, round(self.width / scale)))
        high = min(self.texture.height, max(1, round(self.height / scale)))
        left, top = (self.texture.width - wide) // 2, (self.texture.height - high) // 2
        shown = self.texture.get_region(left, top, wide, high)
        shown.flip_vertical()
        self.pictured = [min(self.width, wide * scale), min(self.height, high * scale)]
        self.shown = shown

    def _scale(self) -> float:
        """Return how many pixels of the screen one of the frame is."""
        across, down = self.width / self.texture.width, self.height / self.texture.height
        return float(max(across, down) if self.is_aiming else min(across, down))

    def seen_at(self, corner: tuple[float, float]) -> tuple[float, float]:
        """Return where on the screen a place of the frame is seen.

        The place is told as shares of the frame's width and height from its top left.
        """
        scale = self._scale()
        across, down = (corner[0] - 0.5) * self.texture.width, (corner[1] - 0.5) * self.texture.height
        return float(self.center_x + across * scale), float(self.center_y - down * scale)
