"""A QR code: black on white in light and dark, each module the same whole number of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.graphics.texture import Texture
from kivy.properties import AliasProperty, ListProperty, ObjectProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.image import Image

from fieldapp.theme.kv import load_kv

__all__ = ["CodePicture", "Image"]

load_kv(__file__)


def pixels(modules: Sequence[Sequence[bool]]) -> bytes:
    """Return one byte of grey for each module, the upper row first."""
    return bytes(0 if dark else 255 for row in modules for dark in row)


class CodePicture(AnchorLayout):
    """``modules`` are rows of the code with its quiet zone, True for dark; none shows an empty square."""

    modules = ListProperty()
    texture = ObjectProperty(None, allownone=True)

    def _get_side(self) -> float:
        """As large as fits between the edges, in whole pixels for each module."""
        count = len(self.modules)
        return float(self.width // count * count) if count else float(self.width)

    side = AliasProperty(_get_side, bind=["width", "modules"])

    def on_modules(self, *_: Any) -> None:
        """Draw the code, one pixel a module; the screen enlarges it without smoothing."""
        if not self.modules:
            self.texture = None
            return
        texture = Texture.create(size=(len(self.modules[0]), len(self.modules)), colorfmt="luminance")
        texture.mag_filter = texture.min_filter = "nearest"
        texture.blit_buffer(pixels(self.modules), colorfmt="luminance", bufferfmt="ubyte")
        texture.flip_vertical()
        self.texture = texture
