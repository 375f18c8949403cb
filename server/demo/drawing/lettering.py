"""Lettering: nameplates, displays and tags, in the Noto Sans SC that the browser packages bring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from server.demo.drawing.canvas import Box, Colour

INK = (26, 32, 30)
PLATE_TOP, PLATE_EDGE = (246, 246, 240), (120, 124, 118)
SMALLEST, GLYPH_RIM, LINES_KEPT = 8, 3, 512
ALIGN = {"left": 0.0, "centre": 0.5, "right": 1.0}
FILES = {False: "400Regular/NotoSansSC_400Regular.ttf", True: "700Bold/NotoSansSC_700Bold.ttf"}


class Letterer:
    """Paints text on one picture with fonts of one folder, from glyphs that are rendered once."""

    def __init__(self, picture: Image.Image, fonts: Path) -> None:
        self._picture, self._fonts = picture, fonts
        self._brush = ImageDraw.Draw(picture)

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        colour: Colour = INK,
        *,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Paint one line; ``at`` is its left end, centre or right end, and the middle of its height."""
        line = _line(self._fonts, text, size, bold=bold)
        left = round(at[0] - line.advance * ALIGN[align]) - GLYPH_RIM
        self._picture.paste(colour, (left, round(at[1] - line.mask.height / 2)), line.mask)

    def fit(self, left: float, right: float, y: float, text: str, size: int, *, bold: bool = False) -> None:
        """Paint one line as large as it fits, at most ``size``."""
        while size > SMALLEST and _line(self._fonts, text, size, bold=bold).advance > right - left:
            size -= 1
        self.text((left, y), text, size, bold=bold)

    def plate(self, box: Box, lines: tuple[str, str], serial: str) -> None:
        """Paint a nameplate: two small lines, and the serial number in large figures."""
        left, top, right, bottom = box
        self._brush.rounded_rectangle(box, 3, fill=PLATE_TOP, outline=PLATE_EDGE)
        for corner in ((left + 5, top + 5), (right - 5, top + 5), (left + 5, bottom - 5), (right - 5, bottom - 5)):
            self._brush.ellipse((corner[0] - 1.5, corner[1] - 1.5, corner[0] + 1.5, corner[1] + 1.5), fill=PLATE_EDGE)
        self.fit(left + 10, right - 10, top + 11, lines[0], 13, bold=True)
        self.fit(left + 10, right - 10, top + 27, lines[1], 12)
        self.fit(left + 10, right - 10, bottom - 15, f"No. {serial}", 21, bold=True)

    def tag(self, box: Box, text: str) -> None:
        """Paint a paper card with the number of the stall or the name of the shop."""
        self._brush.rectangle((box[0] + 2, box[1] + 2, box[2] + 2, box[3] + 2), fill=(120, 116, 108))
        self._brush.rectangle(box, fill=(250, 248, 238))
        self._brush.rectangle((box[0], box[1], box[2], box[1] + 5), fill=(10, 92, 74))
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2 + 2)
        size = 18 if len(text) <= 5 else 12
        self.text(middle, text, size, bold=True, align="centre")

    def class_sign(self, middle: tuple[float, float], accuracy_class: str) -> None:
        """Paint the sign of an accuracy class: as many bars as its name has, in an oval."""
        x, y = middle
        self._brush.ellipse((x - 14, y - 7, x + 14, y + 7), outline=INK)
        for number in range(len(accuracy_class)):
            bar = x + (number - (len(accuracy_class) - 1) / 2) * 4
            self._brush.line((bar, y - 3, bar, y + 3), fill=INK)


@dataclass(frozen=True)
class _Stamp:
    """A character or a line as a mask, with a rim at both sides, and how far the next one stands."""

    mask: Image.Image
    advance: float


@lru_cache(LINES_KEPT)
def _line(fonts: Path, text: str, size: int, *, bold: bool) -> _Stamp:
    glyphs = [_glyph(fonts, character, size, bold=bold) for character in text]
    advance = sum(glyph.advance for glyph in glyphs)
    height = max((glyph.mask.height for glyph in glyphs), default=1)
    mask, x = Image.new("L", (round(advance) + 2 * GLYPH_RIM, height), 0), 0.0
    for glyph in glyphs:
        mask.paste(255, (round(x), 0), glyph.mask)
        x += glyph.advance
    return _Stamp(mask, advance)


@cache
def _glyph(fonts: Path, character: str, size: int, *, bold: bool) -> _Stamp:
    font = _font(fonts, size, bold=bold)
    ascent, descent = font.getmetrics()
    advance = font.getlength(character)
    mask = Image.new("L", (round(advance) + 2 * GLYPH_RIM, ascent + descent), 0)
    ImageDraw.Draw(mask).text((GLYPH_RIM, ascent), character, 255, font, anchor="ls")
    return _Stamp(mask, advance)


@cache
def _font(fonts: Path, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(fonts / FILES[bold], size, layout_engine=ImageFont.Layout.BASIC)
