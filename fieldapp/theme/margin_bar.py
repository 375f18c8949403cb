"""The margin bar: zero in the middle, limits as brass marks, the reading's error as a needle in a soft band."""

from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, StringProperty
from kivy.uix.widget import Widget

from fieldapp.theme.kv import load_kv
from shared.look import MarginScale, margin_scale
from shared.look.margin import END

load_kv(__file__)

TICKS = range(-END, END + 1, END // 8)


class MarginBar(Widget):
    """``value``, ``limit`` and ``uncertainty`` are whole numbers of one unit; ``limit`` 0 shows no needle yet.

    ``low_text`` and ``high_text`` stand under the limits. The other properties are what the .kv file draws:
    points in window pixels. ``is_off_scale`` turns the needle into an arrow at its end of the bar.
    """

    value = NumericProperty(0)
    limit = NumericProperty(0)
    uncertainty = NumericProperty(0)
    tone = StringProperty("unknown")
    low_text = StringProperty("")
    high_text = StringProperty("")

    natural_height = NumericProperty(0)
    is_off_scale = BooleanProperty(False)
    rule_y = NumericProperty(0)
    needle_x = NumericProperty(0)
    low_x = NumericProperty(0)
    high_x = NumericProperty(0)
    rule = ListProperty()
    needle = ListProperty([0] * 6)
    band = ListProperty([0] * 4)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name in ("pos", "size", "value", "limit", "uncertainty"):
            self.fbind(name, self.place)
        self.place()

    def place(self, *_change: object) -> None:
        """Compute where everything stands."""
        scale = margin_scale(value=int(self.value), limit=int(self.limit) or 1, uncertainty=int(self.uncertainty))
        self.rule_y = self.top - dp(34)
        self.low_x, self.high_x = self._x(-scale.limit), self._x(scale.limit)
        self.rule = self._rule_points()
        self._place_needle(scale)

    def _x(self, position: int) -> float:
        half = self.width / 2 - dp(14)
        return float(self.center_x + position * half / END)

    def _rule_points(self) -> list[float]:
        """One line along the rule that steps up and down at each tick."""
        points: list[float] = []
        for tick in TICKS:
            x, y = self._x(tick), self.rule_y
            points += [x, y, x, y + dp(10 if tick == 0 else 5), x, y]
        return points

    def _place_needle(self, scale: MarginScale) -> None:
        self.is_off_scale = bool(self.limit) and scale.is_off_scale
        self.needle_x = x = self._x(scale.needle)
        y = self.rule_y
        low, high = (self._x(edge) for edge in scale.band)
        if not self.limit:
            self.needle, self.band = [0] * 6, [0] * 4
        elif scale.is_off_scale:
            point = dp(12) if scale.needle > 0 else -dp(12)
            self.needle = [x + point, y + dp(14), x - point / 6, y + dp(24), x - point / 6, y + dp(4)]
            self.band = [0] * 4
        else:
            self.needle = [x, y + dp(22), x - dp(6), y + dp(32), x + dp(6), y + dp(32)]
            self.band = [low, y, high - low, dp(26)]
