"""What the camera saw with the outline of each label in it, and a number on each to touch."""

from typing import Any

from kivy.graphics import Color, Line
from kivy.graphics.instructions import InstructionGroup
from kivy.metrics import dp
from kivy.properties import ListProperty
from kivy.uix.label import Label

from fieldapp.scan.code import Corner
from fieldapp.scan.sight import middle
from fieldapp.theme.face import face
from fieldapp.theme.kv import load_kv
from fieldapp.widgets.viewfinder import Viewfinder

load_kv(__file__)


class OutlinedFinder(Viewfinder):
    """``outlines`` are the corners of labels as shares of the frame; one without corners is not shown.

    Emits ``on_choose`` with the place of the outline that was touched, at its number or anywhere within.
    """

    __events__ = ("on_choose",)

    outlines = ListProperty()

    def __init__(self, **properties: Any) -> None:
        self._lines = InstructionGroup()
        self._places: dict[int, list[Corner]] = {}
        self._numbers: dict[int, OutlineNumber] = {}
        super().__init__(**properties)
        for name in ("pos", "size", "shown", "outlines"):
            self.fbind(name, self._draw)

    def on_kv_post(self, _base: object) -> None:
        """Put the lines above the picture, which the rule drew, and under the numbers, which are widgets."""
        self.canvas.add(self._lines)
        self._draw()

    def _draw(self, *_change: object) -> None:
        self._lines.clear()
        self.clear_widgets()
        self._places, self._numbers = {}, {}
        if self.shown is None:
            return
        for place, outline in enumerate(self.outlines):
            if outline:
                self._places[place] = [self.seen_at(corner) for corner in outline]
                self._outline(self._places[place])
                self._number(place)

    def _outline(self, corners: list[Corner]) -> None:
        """Draw a line that is seen on a light as on a dark picture."""
        flat = [side for corner in corners for side in corner]
        for colour, width in ((face.ground, dp(3)), (face.brand, dp(1.6))):
            self._lines.add(Color(*colour))
            self._lines.add(Line(points=flat, close=True, width=width, joint="round"))

    def _number(self, place: int) -> None:
        """Put a number on a label; it stays within the picture, so that a finger reaches it."""
        number = OutlineNumber(text=str(place + 1))
        x, y = middle(tuple(self._places[place]))
        half_wide, half_high = number.width / 2, number.height / 2
        number.center_x = min(max(x, self.x + half_wide), self.right - half_wide)
        number.center_y = min(max(y, self.y + half_high), self.top - half_high)
        self._numbers[place] = number
        self.add_widget(number)

    def on_touch_up(self, touch: Any) -> bool:
        """Take a touch that begins and ends on the same label."""
        place = self._touched(*touch.pos)
        if place is None or place != self._touched(touch.ox, touch.oy):
            return bool(super().on_touch_up(touch))
        self.dispatch("on_choose", place)
        return True

    def _touched(self, x: float, y: float) -> int | None:
        """Return the label at a point, its number before its outline; None for none."""
        if not self.collide_point(x, y):
            return None
        on_number = (place for place, number in self._numbers.items() if number.collide_point(x, y))
        within = (place for place, corners in self._places.items() if is_within((x, y), corners))
        return next(on_number, next(within, None))

    def on_choose(self, place: int) -> None:
        """A label was touched."""


class OutlineNumber(Label):
    """The number of a label, as large as a finger."""


def is_within(point: Corner, corners: list[Corner]) -> bool:
    """Say whether a point lies within a polygon: a line from it to the right crosses an odd number of its sides.

    >>> square = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
    >>> is_within((1.0, 1.0), square), is_within((5.0, 1.0), square)
    (True, False)
    """
    x, y = point
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    crossed = ((y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 for (x1, y1), (x2, y2) in sides)
    return sum(crossed) % 2 == 1
