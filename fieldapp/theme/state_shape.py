"""A state shape, a glyph or the mark on a Kivy canvas."""

from typing import Any

from kivy.graphics import Mesh
from kivy.graphics.instructions import InstructionGroup
from kivy.properties import AliasProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from fieldapp.theme.kv import load_kv
from fieldapp.theme.tessellation import fans
from shared.look.shapes import load_shapes

load_kv(__file__)


class StateShape(Widget):
    """``name`` is a state shape, a verdict or label verdict code, a glyph or ``mark``; empty draws nothing.

    ``tone`` follows from the name, and the colour from the tone unless ``tint`` is set; ``inset`` is empty room
    on each side.
    """

    name = StringProperty("")
    tint = ColorProperty(None, allownone=True)
    inset = NumericProperty(0)
    side = NumericProperty(0)

    def _get_tone(self) -> str:
        tone = load_shapes().named(self.name).tone if self.name else None
        return tone.value if tone else "ink"

    tone = AliasProperty(_get_tone, None, bind=["name"])

    def __init__(self, **properties: Any) -> None:
        self._pieces = InstructionGroup()
        super().__init__(**properties)

    def on_kv_post(self, _base: object) -> None:
        """Put the pieces behind what the rule drew: its colour and its scaling of a 1 x 1 box."""
        self.canvas.add(self._pieces)

    def on_name(self, *_change: object) -> None:
        """Draw the new shape."""
        self._pieces.clear()
        for fan in fans(self.name) if self.name else ():
            self._pieces.add(Mesh(vertices=fan.vertices, indices=fan.indices, mode="triangle_fan"))
