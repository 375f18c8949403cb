"""What the camera sees, cut to fill the widget, with a frame to aim by."""

from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty, ObjectProperty
from kivy.uix.widget import Widget

from fieldapp.camera.port import Frame, Pixels
from fieldapp.theme.kv import load_kv

load_kv(__file__)


class Viewfinder(Widget):
    """``frame`` is the newest frame; None shows an empty ground. ``light`` leaves its colours as they are;

    ``is_aiming`` shows the frame to aim by.

    ``shown`` is the part of its texture that fills the widget, upright. It is a texture of its own: a rectangle that is
    given another texture forgets which part of the one before it was to show.
    """

    frame = ObjectProperty(None, allownone=True)
    texture = ObjectProperty(None, allownone=True)
    shown = ObjectProperty(None, allownone=True)
    light = ColorProperty([1.0] * 4)
    is_aiming = BooleanProperty(True)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.fbind("size", self._cut)

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

    def seen_at(self, corner: tuple[float, float]) -> tuple[float, float]:
        """Return where on the screen a place of the frame is seen, told as shares of its width and height from its

        top left: the middle of the frame is that of the widget, and what does not fit is cut off at two sides.
        """
        wide, high = self.texture.size
        scale = max(self.width / wide, self.height / high)
        across, down = (corner[0] - 0.5) * wide * scale, (corner[1] - 0.5) * high * scale
        return float(self.center_x + across), float(self.center_y - down)

    def _cut(self, *_change: object) -> None:
        """Choose the part of the frame that fills the widget without distortion; rows of a frame begin at the top."""
        if self.texture is None or not self.height:
            return
        wide, high = self.texture.size
        ratio = (wide / high) / (self.width / self.height)
        if ratio > 1:
            wide = max(1, round(wide / ratio))
        else:
            high = max(1, round(high * ratio))
        left, top = (self.texture.width - wide) // 2, (self.texture.height - high) // 2
        shown = self.texture.get_region(left, top, wide, high)
        shown.flip_vertical()
        self.shown = shown
