"""One label as a picture: PNG for those who lay out their own print, SVG for any size.

The PNG gives each module twelve whole pixels, so that no edge is soft, and says how many pixels make a metre, so that
it is printed as large as it should be: about 580 dots an inch. The SVG says its size in millimetres; its words are text
in Noto Sans SC, or whatever Chinese font the reader has, each line as long as it would be in ours.
"""

from __future__ import annotations

from html import escape
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from server.look_svg import path_of
from server.seals.printing.face import Face, Line
from server.seals.printing.lettering import STRONG, Lettering
from shared.look import load_tokens
from shared.look.shapes import BOX, load_shapes

MODULE_PIXELS = 12
MM_PER_INCH = 25.4


def png(face: Face, letters: Lettering) -> bytes:
    """Return a face as a PNG."""
    pixels = MODULE_PIXELS * face.code.width / face.code_mm  # in a millimetre
    image = Image.new("RGB", (round(face.width * pixels), round(face.height * pixels)), "white")
    pen = ImageDraw.Draw(image)
    left, top = (round(at * pixels) for at in face.code_at)
    for column, row, length in face.code.runs():
        x, y = left + column * MODULE_PIXELS, top + row * MODULE_PIXELS
        pen.rectangle((x, y, x + length * MODULE_PIXELS - 1, y + MODULE_PIXELS - 1), fill="black")
    _mark(pen, face, pixels)
    for line in face.lines:
        font = ImageFont.truetype(str(letters.files[line.weight]), round(line.size * pixels))
        pen.text((line.x * pixels, line.baseline * pixels), line.text, _color(line.tone), font, anchor="ls")
    content = BytesIO()
    image.save(content, "PNG", dpi=(pixels * MM_PER_INCH, pixels * MM_PER_INCH), optimize=True)
    return content.getvalue()


def _mark(pen: ImageDraw.ImageDraw, face: Face, pixels: float) -> None:
    x, y, size = (value * pixels for value in face.mark)
    for outline in load_shapes().mark.outlines:
        points = [(x + px * size / BOX, y + py * size / BOX) for px, py in outline.points]
        pen.polygon(points, fill=_color("brand") if outline.paint == "fill" else "white")


def svg(face: Face, letters: Lettering) -> str:
    """Return a face as an SVG document."""
    unit = face.code_mm / face.code.width
    dark = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in face.code.runs())
    x, y, size = face.mark
    parts = (
        f'<rect width="{face.width:g}" height="{face.height:g}" fill="{_color("card")}"/>',
        f'<path transform="translate({face.code_at[0]:g} {face.code_at[1]:g}) scale({unit:.6g})" d="{dark}"/>',
        f'<path transform="translate({x:.3f} {y:.3f}) scale({size / 24:.5f})" fill-rule="evenodd" '
        f'fill="{_color("brand")}" d="{path_of(load_shapes().mark)}"/>',
        *(_text(line, letters) for line in face.lines),
    )
    size_of = f'width="{face.width:g}mm" height="{face.height:g}mm" viewBox="0 0 {face.width:g} {face.height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" {size_of}>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _text(line: Line, letters: Lettering) -> str:
    weight = ' font-weight="600"' if line.weight == STRONG else ""
    family = '"Noto Sans SC, Source Han Sans SC, sans-serif"'
    length = letters.width(line.text, line.weight, line.size)
    return (
        f'<text x="{line.x:.3f}" y="{line.baseline:.3f}" font-size="{line.size:.3f}" font-family={family}{weight} '
        f'textLength="{length:.3f}" lengthAdjust="spacingAndGlyphs" fill="{_color(line.tone)}">'
        f"{escape(line.text)}</text>"
    )


def _color(tone: str) -> str:
    return load_tokens().light.named()[tone]
