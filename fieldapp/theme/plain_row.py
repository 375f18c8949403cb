"""A row for RecycleView that draws itself.

A list must be built within a frame or two: a KivyMD row takes about 7 ms, a row of plain labels in boxes 5 ms,
this one, a single widget, well under 1 ms.
"""

from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as TextTexture
from kivy.graphics import Color, Mesh, PopMatrix, PushMatrix, Rectangle, Scale, Translate
from kivy.graphics.instructions import InstructionGroup
from kivy.metrics import dp
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.recycleview.views import RecycleDataViewBehavior
from kivy.uix.widget import Widget

from fieldapp.theme.face import face
from fieldapp.theme.kv import load_kv
from fieldapp.theme.tessellation import fans
from fieldapp.theme.words import fitting, measuring
from shared.look.shapes import load_shapes

load_kv(__file__)

BETWEEN_FACTS = "  "


class PlainRow(RecycleDataViewBehavior, ButtonBehavior, Widget):
    """Two lines, a state shape before and a figure or word behind; what does not fit is cut short.

    In large print the second line may take two.

    Data of a row: ``key`` (handed back), ``title``, ``second``, ``trailing``, ``code`` (of the shape, or empty)
    and ``choose``, a callable that gets the key when the row is tapped. Rows are ``face.row`` high.
    """

    key = StringProperty("")
    title = StringProperty("")
    second = StringProperty("")
    trailing = StringProperty("")
    code = StringProperty("")
    choose = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: Any) -> None:
        self._ink = InstructionGroup()
        self._place = Translate()
        super().__init__(**properties)
        for instruction in (PushMatrix(), self._place, self._ink, PopMatrix()):
            self.canvas.add(instruction)
        redraw = Clock.create_trigger(self.draw, -1)
        self.bind(pos=self.move, **dict.fromkeys(("size", "title", "second", "trailing", "code", "state"), redraw))
        face.bind(is_dark=redraw, text_scale=redraw)
        redraw()

    def on_release(self) -> None:
        """Tell the listener which row it was."""
        if self.choose is not None:
            self.choose(self.key)

    def move(self, *_change: object) -> None:
        """Follow the list without drawing anew."""
        self._place.xy = self.pos

    def draw(self, *_change: object) -> None:
        """Draw ground, shape and words from the lower left corner of the row."""
        self._ink.clear()
        self._box(face.brand_soft if self.state == "down" else face.card, 0, 0, self.width, self.height)
        self._box(face.line, self._margin, 0, self.width - self._margin, dp(1))
        left = self._draw_shape()
        right = self._draw_trailing()
        self._draw_lines(left, right - left)

    @property
    def _margin(self) -> float:
        return float(4 * face.space)

    def _box(self, colour: Any, x: float, y: float, width: float, height: float) -> None:
        self._ink.add(Color(*colour))
        self._ink.add(Rectangle(pos=(x, y), size=(width, height)))

    def _words(self, colour: Any, x: float, y: float, texture: Any) -> None:
        """Text stands on whole pixels, or it is blurred."""
        self._ink.add(Color(*colour))
        self._ink.add(Rectangle(pos=(int(x), int(y)), size=texture.size, texture=texture))

    def _draw_shape(self) -> float:
        """Return where the words begin."""
        if not self.code:
            return self._margin
        side = face.title * 1.2
        shape = load_shapes().named(self.code)
        self._ink.add(Color(*face.tones[shape.tone.value if shape.tone else "ink"]))
        for change in (PushMatrix(), Translate(self._margin, (self.height - side) / 2), Scale(side, side, 1)):
            self._ink.add(change)
        for fan in fans(self.code):
            self._ink.add(Mesh(vertices=fan.vertices, indices=fan.indices, mode="triangle_fan"))
        self._ink.add(PopMatrix())
        return float(self._margin + side + 3 * face.space)

    def _draw_trailing(self) -> float:
        """Return where the words must end."""
        edge = float(self.width - self._margin)
        if not self.trailing:
            return edge
        texture = _texture(self.trailing, face.body, bold=True)
        x = edge - texture.width
        self._words(face.ink, x, (self.height - texture.height) / 2, texture)
        return float(x - 3 * face.space)

    def _draw_lines(self, left: float, room: float) -> None:
        lines = [(self.title, face.body, face.ink)]
        for line in lines_of(self.second, face.small, room):
            size = fitting(line, room, face.small, font_name=face.font) if face.second_lines > 1 else face.small
            lines.append((line, size, face.second_ink))
        textures = [(_texture(text, size, room=room), colour) for text, size, colour in lines if text]
        y = (self.height + sum(texture.height for texture, _ in textures)) / 2
        for texture, colour in textures:
            y -= texture.height
            self._words(colour, left, y, texture)


def lines_of(text: str, size: float, room: float) -> list[str]:
    """Return a text in as many lines as it may take, each fact in one of them; what is left over is in the last."""
    if face.second_lines == 1:
        return [text]
    measure = measuring(TextTexture(font_name=face.font, font_size=size))
    lines = [""]
    for fact in text.split(BETWEEN_FACTS):
        longer = f"{lines[-1]}{BETWEEN_FACTS}{fact}" if lines[-1] else fact
        if lines[-1] and len(lines) < face.second_lines and measure(longer) > room:
            lines.append(fact)
        else:
            lines[-1] = longer
    return lines


def _texture(text: str, size: float, *, bold: bool = False, room: float | None = None) -> Any:
    """Return the drawn text, cut short to ``room`` with an ellipsis."""
    cut = (
        {}
        if room is None
        else {"text_size": (max(room, 1), None), "shorten": True, "shorten_from": "right", "split_str": ""}
    )
    label = TextTexture(text=text, font_name=face.font, font_size=size, bold=bold, **cut)
    label.refresh()
    return label.texture
