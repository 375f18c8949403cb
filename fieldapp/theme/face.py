"""What every .kv file reads: the colours now worn, the type sizes at the chosen text scale, the measures.

``face`` is an EventDispatcher, so ``color: face.ink`` in a .kv file follows a change of palette by itself, and
``font_size: face.body`` a change of the text scale. All values come from ``shared/look/tokens.json``.
"""

from kivy.event import EventDispatcher
from kivy.metrics import Metrics, dp, sp
from kivy.properties import BooleanProperty, ColorProperty, DictProperty, NumericProperty, StringProperty

from shared.look import Palette, Tone, load_tokens

LARGE = 1.3  # from this text scale on a narrow phone has no room for what stands in one line at 1.0


class Face(EventDispatcher):
    """One coat of colours and one set of sizes; ``tones`` and ``softs`` hold the state colours by tone name.

    Sizes are pixels: of text already scaled, of measures density-independent. ``row`` is the height of a list row: a
    title, and ``second_lines`` smaller ones, two in large print. The key ``ink`` stands in ``tones`` and ``softs`` for
    drawings without a state.
    """

    is_dark = BooleanProperty(False)
    text_scale = NumericProperty(1.0)
    font = StringProperty("NotoSansSC")

    ground = ColorProperty()
    card = ColorProperty()
    ink = ColorProperty()
    second_ink = ColorProperty()
    brand = ColorProperty()
    brand_pressed = ColorProperty()
    brand_soft = ColorProperty()
    text_on_brand = ColorProperty()
    brass = ColorProperty()
    line = ColorProperty()
    edge = ColorProperty()
    shadow = ColorProperty()
    tones = DictProperty()
    softs = DictProperty()

    small = NumericProperty()
    body = NumericProperty()
    title = NumericProperty()
    headline = NumericProperty()
    reading = NumericProperty()

    space = NumericProperty()
    touch = NumericProperty()
    key = NumericProperty()
    corner = NumericProperty()
    row = NumericProperty()
    second_lines = NumericProperty(1)
    motion_s = NumericProperty()

    def __init__(self) -> None:
        super().__init__()
        self.fbind("is_dark", self.wear_colours)
        self.fbind("text_scale", self.wear_sizes)
        self.wear_colours()
        self.wear_sizes()

    def wear_colours(self, *_change: object) -> None:
        """Take all colours from the light or the dark palette."""
        tokens = load_tokens()
        palette = tokens.dark if self.is_dark else tokens.light
        for name, colour in palette.named().items():
            if hasattr(self, name):
                setattr(self, name, colour)
        self.tones = {tone.value: _rgba(palette.tone(tone)) for tone in Tone} | {"ink": list(self.second_ink)}
        self.softs = _softs(palette) | {"ink": list(self.card)}

    def wear_sizes(self, *_change: object) -> None:
        """Scale all text, ours and Kivy's ``sp``; the person's choice here replaces the system's font scale."""
        tokens = load_tokens()
        Metrics.fontscale = self.text_scale
        for name in ("small", "body", "title", "headline", "reading"):
            setattr(self, name, sp(getattr(tokens.sizes, name)))
        self.space, self.touch, self.key = dp(tokens.space_dp), dp(tokens.touch_dp), dp(tokens.key_dp)
        self.corner = dp(tokens.corner_dp)
        self.second_lines = 2 if self.text_scale >= LARGE else 1
        self.row = max(self.touch, 1.5 * (self.body + self.second_lines * self.small) + 6 * self.space)
        self.motion_s = tokens.motion_ms / 1000


def _rgba(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)] + [1.0]


def _softs(palette: Palette) -> dict[str, list[float]]:
    return {tone.value: _rgba(palette.named()[f"{tone.value}_soft"]) for tone in Tone}


face = Face()
