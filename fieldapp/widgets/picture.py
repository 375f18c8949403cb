"""A photo from its bytes."""

from io import BytesIO

from kivy.graphics.texture import Texture
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image
from PIL import Image as Pictures

from fieldapp.theme.kv import load_kv
from fieldapp.theme.state_shape import StateShape
from fieldapp.theme.words import Words

__all__ = ["Image", "Picture", "StateShape", "Words"]

load_kv(__file__)

KINDS = ("JPEG", "PNG")


class Picture(FloatLayout):
    """``content`` are the bytes of a JPEG or PNG file; None shows the ``hint`` instead."""

    content = ObjectProperty(None, allownone=True)
    texture = ObjectProperty(None, allownone=True)
    hint = StringProperty("")

    def on_content(self, _: object, content: bytes | None) -> None:
        """Decode the file, without Kivy's loader: it imports a reader for every kind of picture there is."""
        if not content:
            self.texture = None
            return
        with Pictures.open(BytesIO(content), formats=KINDS) as picture:
            colour = picture.convert("RGB")
        texture = Texture.create(colour.size, colorfmt="rgb")
        texture.blit_buffer(colour.tobytes(), colorfmt="rgb", bufferfmt="ubyte")
        texture.flip_vertical()
        self.texture = texture
