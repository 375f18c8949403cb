"""Where the instruments stand: market stalls, a shop counter, a station forecourt, an optician's room.

Each scene is painted once; whoever wants to paint on it takes a copy.
"""

from __future__ import annotations

from functools import cache
from random import Random

from server.demo.drawing.canvas import HEIGHT, WIDTH, Canvas, Colour

GREENS: tuple[Colour, ...] = ((92, 140, 62), (124, 168, 78), (70, 116, 56), (168, 190, 110))
FRUITS: tuple[Colour, ...] = ((206, 70, 52), (226, 146, 48), (232, 190, 70), (188, 56, 74))
GRAINS: tuple[Colour, ...] = ((206, 176, 120), (180, 140, 88), (224, 204, 164), (150, 104, 66))
STALLS = {"greens": GREENS, "fruits": FRUITS, "grains": GRAINS}


@cache
def stall(goods: str) -> Canvas:
    """Return a stall: heaps of goods out of focus behind a wooden counter."""
    canvas, rng = Canvas((214, 212, 200)), Random(f"stall/{goods}")
    canvas.slab((0, 0, WIDTH, 120), (236, 236, 228), (206, 206, 194))
    for number in range(5):
        _heap(canvas, rng, 20 + number * 100, STALLS[goods][number % 4])
    canvas.soften(3)
    canvas.slab((0, 236, WIDTH, HEIGHT), (176, 140, 98), (126, 94, 62))
    for y in (262, 298, 336):
        canvas.line(((0, y), (WIDTH, y)), (138, 106, 72), 1)
    return canvas


@cache
def counter() -> Canvas:
    """Return a shop counter of steel before tiles."""
    canvas = Canvas((228, 232, 232))
    canvas.slab((0, 0, WIDTH, 240), (240, 243, 243), (212, 219, 220))
    for x in range(0, WIDTH, 60):
        canvas.line(((x, 0), (x, 240)), (202, 210, 212), 1)
    for y in range(0, 240, 48):
        canvas.line(((0, y), (WIDTH, y)), (202, 210, 212), 1)
    canvas.soften(1)
    canvas.slab((0, 236, WIDTH, HEIGHT), (196, 202, 205), (142, 150, 154))
    canvas.slab((0, 236, WIDTH, 242), (232, 236, 238), (206, 212, 214))
    return canvas


@cache
def forecourt() -> Canvas:
    """Return a forecourt: sky, a canopy on a pillar, the island of the dispenser."""
    canvas = Canvas((196, 214, 226))
    canvas.slab((0, 0, WIDTH, 230), (168, 200, 224), (224, 234, 238))
    canvas.slab((0, 150, WIDTH, 236), (150, 164, 150), (132, 146, 130))
    canvas.slab((0, 0, WIDTH, 34), (244, 246, 244), (214, 220, 218))
    canvas.slab((0, 30, WIDTH, 40), (24, 120, 96), (16, 92, 74))
    canvas.slab((398, 40, 430, 290), (232, 234, 232), (198, 204, 202))
    canvas.soften(2)
    canvas.slab((0, 232, WIDTH, HEIGHT), (150, 152, 150), (108, 110, 110))
    canvas.slab((36, 318, 444, 350), (214, 212, 204), (170, 168, 160), 8)
    return canvas


@cache
def consulting_room() -> Canvas:
    """Return a quiet room: a test chart on the wall, a pale table."""
    canvas = Canvas((226, 232, 236))
    canvas.slab((0, 0, WIDTH, 250), (196, 210, 214), (164, 182, 188))
    canvas.slab((372, 26, 446, 150), (252, 252, 250), (240, 240, 236), 4)
    for row, size in enumerate((16, 12, 9, 7, 5)):
        for x in range(row + 1):
            left = 409 - (row + 1) * size * 0.8 + x * size * 1.6
            canvas.slab((left, 38 + row * 22, left + size, 38 + row * 22 + size), (60, 66, 70), (60, 66, 70))
    canvas.soften(1.5)
    canvas.slab((0, 246, WIDTH, HEIGHT), (222, 214, 200), (184, 174, 158))
    canvas.slab((0, 246, WIDTH, 251), (240, 234, 224), (228, 220, 208))
    return canvas


def _heap(canvas: Canvas, rng: Random, left: int, colour: Colour) -> None:
    canvas.slab((left - 12, 150, left + 82, 240), (130, 100, 70), (98, 74, 52), 4)
    for row in range(5):
        for place in range(6 - row):
            x, y = left - 8 + place * 15 + row * 7 + rng.randrange(-3, 4), 140 - row * 13 + rng.randrange(-3, 4)
            tone = 0.84 + rng.random() * 0.3
            red, green, blue = (min(255, round(value * tone)) for value in colour)
            canvas.oval((x, y, x + 19, y + 19), (red, green, blue))
