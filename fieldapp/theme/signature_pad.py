"""A place to sign with a finger; what is kept is small whole numbers, and what is shown is what is kept."""

from typing import Any

from kivy.graphics import Line
from kivy.graphics.instructions import InstructionGroup
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ListProperty, StringProperty
from kivy.uix.widget import Widget

from fieldapp.theme.kv import load_kv
from fieldapp.theme.strokes import WIDTH, fitted, on_pad

load_kv(__file__)


class SignaturePad(Widget):
    """``strokes`` has the form that ``strokes.py`` describes, at most 4096 bytes as JSON, ready to be recorded.

    A stroke that would not fit any more is not taken, and ``on_full`` is emitted. ``hint`` stands under the line.
    """

    __events__ = ("on_full",)

    strokes = ListProperty()
    is_empty = BooleanProperty(True)
    hint = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self._ink = InstructionGroup()
        super().__init__(**properties)
        self.fbind("pos", self.redraw)
        self.fbind("size", self.redraw)

    def on_kv_post(self, _base: object) -> None:
        """Put the ink over the paper that the rule drew."""
        self.canvas.after.add(self._ink)

    def clear(self) -> None:
        """Wipe the pad."""
        self.strokes = []

    def on_strokes(self, *_change: object) -> None:
        """Show what is kept."""
        self.is_empty = not self.strokes
        self.redraw()

    def on_full(self) -> None:
        """There is no room for another stroke."""

    def on_touch_down(self, touch: Any) -> bool:
        """Begin a stroke."""
        if self.disabled or not self.collide_point(*touch.pos):
            return bool(super().on_touch_down(touch))
        touch.grab(self)
        touch.ud[self] = line = Line(points=touch.pos, width=dp(1.6), joint="round", cap="round")
        self._ink.add(line)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Follow the finger."""
        if touch.grab_current is not self:
            return bool(super().on_touch_move(touch))
        touch.ud[self].points += touch.pos
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Keep the stroke."""
        if touch.grab_current is not self:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self._keep(touch.ud.pop(self).points)
        return True

    def _keep(self, points: list[float]) -> None:
        drawn = [(x - self.x, self.top - y) for x, y in zip(points[::2], points[1::2], strict=True)]
        new = on_pad(drawn, width=self.width, height=self.height)
        strokes = fitted([*self.strokes, new])
        if strokes is None:
            self.redraw()
            self.dispatch("on_full")
        else:
            self.strokes = strokes

    def redraw(self, *_change: object) -> None:
        """Draw all kept strokes where the pad now is."""
        self._ink.clear()
        scale = self.width / WIDTH
        for stroke in self.strokes:
            pairs = zip(stroke[::2], stroke[1::2], strict=True)
            points = [number for x, y in pairs for number in (self.x + x * scale, self.top - y * scale)]
            if len(points) == 2:
                points += [points[0] + dp(0.5), points[1]]  # a dot: a line needs two ends
            self._ink.add(Line(points=points, width=dp(1.6), joint="round", cap="round"))
