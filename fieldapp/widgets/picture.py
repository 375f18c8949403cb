"""A photo from its bytes."""

from io import BytesIO

from kivy.core.image import Image as CoreImage
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image

from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words

__all__ = ["Image", "Picture", "StateShape", "Words"]

load_kv(__file__)

JPEG = b"\xff\xd8"


class Picture(FloatLayout):
    """``content`` are the bytes of a JPEG or PNG file; None shows the ``hint`` instead."""

    content = ObjectProperty(None, allownone=True)
    texture = ObjectProperty(None, allownone=True)
    hint = StringProperty("")

    def on_content(self, _: object, content: bytes | None) -> None:
        """Decode the file."""
        if not content:
            self.texture = None
            return
        kind = "jpg" if content.startswith(JPEG) else "png"
        self.texture = CoreImage(BytesIO(content), ext=kind).texture
