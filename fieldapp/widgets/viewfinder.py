"""What the camera sees, cut to fill the widget, with a frame to aim by."""

from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, ListProperty, ObjectProperty
from kivy.uix.widget import Widget

from fieldapp.camera.port import Frame, Pixels
from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Viewfinder(Widget):
    """``frame`` is the newest frame; None shows an empty ground. ``light`` leaves its colours as they are."""

    frame = ObjectProperty(None, allownone=True)
    texture = ObjectProperty(None, allownone=True)
    part = ListProperty([0.0] * 8)
    light = ColorProperty([1.0] * 4)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fbind("size", self._cut)

    def on_frame(self, _: object, frame: Frame | None) -> None:
        """Put the newest frame on the screen."""
        if frame is None:
            self.texture = None
            return
        if self.texture is None or self.texture.size != (frame.width, frame.height):
            self.texture = Texture.create((frame.width, frame.height), colorfmt="rgb")
            self._cut()
        colours = "luminance" if frame.pixels is Pixels.LUMA else "rgb"
        self.texture.blit_buffer(frame.content, colorfmt=colours, bufferfmt="ubyte")
        self.canvas.ask_update()

    def _cut(self, *_change: object) -> None:
        """Choose the part of the frame that fills the widget without distortion; rows of a frame begin at the top."""
        if self.texture is None or not self.height:
            return
        wide, high = 1.0, 1.0
        ratio = (self.texture.width / self.texture.height) / (self.width / self.height)
        if ratio > 1:
            wide = 1 / ratio
        else:
            high = ratio
        left, top = (1 - wide) / 2, (1 - high) / 2
        right, bottom = left + wide, top + high
        self.part = [left, bottom, right, bottom, right, top, left, top]
