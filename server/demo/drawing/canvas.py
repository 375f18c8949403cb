"""A picture under the brush: drawn at twice its size with simple shapes, then made smaller, which smooths the edges.

Coordinates are those of the finished picture, 480 by 360.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 480, 360
FINE = 2

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Points = Sequence[tuple[float, float]]


class Canvas:
    """An image with a brush that fades, rounds and casts shadows."""

    def __init__(self, ground: Colour | Image.Image) -> None:
        if not isinstance(ground, Image.Image):
            ground = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), ground)
        self._image = ground
        self._brush = ImageDraw.Draw(self._image)

    def slab(self, box: Box, top: Colour, bottom: Colour, radius: float = 0) -> None:
        """Fill a rounded rectangle, fading from its top to its bottom."""
        left, upper, right, lower = _fine(box)
        mask = Image.new("L", _size(_fine(box)), 0)
        around = (0, 0, right - left, lower - upper)
        ImageDraw.Draw(mask).rounded_rectangle(around, radius * FINE, fill=255)
        self._fade(mask, _fine(box), top, bottom)

    def shape(self, points: Points, top: Colour, bottom: Colour) -> None:
        """Fill a polygon, fading from its top to its bottom."""
        box = _fine((min(x for x, _ in points), min(y for _, y in points), *_farthest(points)))
        mask = Image.new("L", _size(box), 0)
        ImageDraw.Draw(mask).polygon([(x * FINE - box[0], y * FINE - box[1]) for x, y in points], fill=255)
        self._fade(mask, box, top, bottom)

    def oval(self, box: Box, fill: Colour, edge: Colour | None = None, width: float = 0) -> None:
        """Fill an ellipse."""
        self._brush.ellipse(_fine(box), fill=fill, outline=edge, width=round(width * FINE))

    def frame(self, box: Box, edge: Colour, width: float, radius: float = 0) -> None:
        """Draw the edge of a rounded rectangle."""
        self._brush.rounded_rectangle(_fine(box), radius * FINE, outline=edge, width=round(width * FINE))

    def line(self, points: Points, colour: Colour, width: float) -> None:
        """Draw a line with rounded joints."""
        fine = [(x * FINE, y * FINE) for x, y in points]
        self._brush.line(fine, fill=colour, width=round(width * FINE), joint="curve")

    def shadow(self, box: Box, blur: float, strength: float) -> None:
        """Darken softly around an ellipse."""
        left, upper, right, lower = box
        rim = 3 * blur
        mask = Image.new("L", _size((left - rim, upper - rim, right + rim, lower + rim)), 0)
        ImageDraw.Draw(mask).ellipse((rim, rim, mask.width - rim, mask.height - rim), fill=round(255 * strength))
        soft = mask.filter(ImageFilter.GaussianBlur(blur)).resize(_twice(mask.size), Image.Resampling.BILINEAR)
        self._image.paste((0, 0, 0), _corner(_fine((left - rim, upper - rim, right, lower))), soft)

    def soften(self, blur: float) -> None:
        """Put everything drawn so far out of focus."""
        self._image = self._image.filter(ImageFilter.GaussianBlur(blur * FINE))
        self._brush = ImageDraw.Draw(self._image)

    def copy(self) -> Canvas:
        """Return a canvas with the same picture, to paint on further."""
        return Canvas(self._image.copy())

    def finish(self) -> Image.Image:
        """Return the picture in its size, a little darker towards the corners."""
        return ImageChops.multiply(self._image.reduce(FINE), _light())

    def _fade(self, mask: Image.Image, box: Box, top: Colour, bottom: Colour) -> None:
        height = mask.height
        column = Image.composite(
            Image.new("RGB", (1, height), bottom), Image.new("RGB", (1, height), top), _ramp(height)
        )
        self._image.paste(column.resize(mask.size, Image.Resampling.NEAREST), _corner(box), mask)


@cache
def _light() -> Image.Image:
    light = Image.radial_gradient("L").resize((WIDTH, HEIGHT)).point([255 - value // 7 for value in range(256)])
    return Image.merge("RGB", (light, light, light))


@cache
def _ramp(height: int) -> Image.Image:
    return Image.linear_gradient("L").resize((1, height), Image.Resampling.BILINEAR)


def _fine(box: Box) -> Box:
    return (box[0] * FINE, box[1] * FINE, box[2] * FINE, box[3] * FINE)


def _size(box: Box) -> tuple[int, int]:
    return max(1, round(box[2] - box[0]) + 1), max(1, round(box[3] - box[1]) + 1)


def _twice(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] * FINE, size[1] * FINE


def _corner(box: Box) -> tuple[int, int]:
    return round(box[0]), round(box[1])


def _farthest(points: Points) -> tuple[float, float]:
    return max(x for x, _ in points), max(y for _, y in points)


def shade(colour: Colour, part: float) -> Colour:
    """Return a darker colour, or a lighter one for a part above 1."""
    red, green, blue = (min(255, round(value * part)) for value in colour)
    return red, green, blue
