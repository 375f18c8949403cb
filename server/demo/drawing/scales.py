"""Scales: the counter scale with its pan and keys, and the platform scale with its column."""

from __future__ import annotations

from server.demo.drawing.canvas import Box, Canvas, Colour, shade

GLASS, GLASS_EDGE = (198, 208, 176), (46, 52, 50)
STEEL_LIGHT, STEEL, STEEL_DARK = (240, 243, 245), (196, 203, 208), (138, 147, 154)
COUNTER_PLATE: Box = (92, 246, 296, 306)
PLATFORM_PLATE: Box = (132, 130, 340, 190)
COUNTER_WINDOWS: tuple[Box, ...] = ((96, 200, 162, 224), (166, 200, 230, 224), (234, 200, 300, 224))
ONE_COUNTER_WINDOW: tuple[Box, ...] = ((120, 196, 276, 226),)
PLATFORM_WINDOWS: tuple[Box, ...] = ((134, 64, 200, 92), (204, 64, 268, 92), (272, 64, 338, 92))
ONE_PLATFORM_WINDOW: tuple[Box, ...] = ((150, 56, 322, 98),)


def counter_scale(canvas: Canvas, body: Colour, *, windows: tuple[Box, ...]) -> None:
    """Draw a counter scale: pan above, a sloping front with display, keys and nameplate."""
    canvas.shadow((40, 296, 440, 334), 9, 0.5)
    for left in (92, 362):
        canvas.slab((left, 308, left + 30, 322), (62, 64, 66), (36, 38, 40), 4)
    canvas.slab((216, 160, 264, 190), STEEL, STEEL_DARK)
    canvas.shape(((84, 184), (396, 184), (424, 312), (56, 312)), shade(body, 1.08), shade(body, 0.84))
    canvas.slab((56, 302, 424, 316), shade(body, 0.8), shade(body, 0.6), 6)
    _pan(canvas, (44, 142, 436, 170))
    canvas.slab((88, 192, 308, 232), (40, 46, 46), (28, 32, 32), 6)
    for window in windows:
        _window(canvas, window)
    _keys(canvas, 318, 194, columns=4, rows=6)


def platform_scale(canvas: Canvas, body: Colour, *, windows: tuple[Box, ...]) -> None:
    """Draw a platform scale: a low platform, a column at its back, the indicator on top."""
    canvas.shadow((20, 306, 470, 344), 9, 0.5)
    canvas.slab((252, 190, 304, 268), STEEL_LIGHT, STEEL_DARK, 4)
    canvas.slab((108, 34, 456, 202), shade(body, 1.06), shade(body, 0.84), 16)
    canvas.slab((126, 46, 346, 108), (40, 46, 46), (28, 32, 32), 8)
    for window in windows:
        _window(canvas, window)
    _keys(canvas, 364, 58, columns=4, rows=6)
    canvas.shape(((70, 256), (420, 256), (462, 306), (28, 306)), STEEL_LIGHT, STEEL)
    canvas.slab((28, 304, 462, 324), STEEL, STEEL_DARK, 4)
    for offset in range(3):
        y = 268 + offset * 13
        canvas.line(((62 - offset * 10, y), (430 + offset * 10, y)), (178, 186, 192), 1)
    canvas.slab((240, 238, 316, 264), shade(body, 0.9), shade(body, 0.7), 5)
    for left in (44, 420):
        canvas.slab((left, 322, left + 24, 332), (52, 54, 56), (34, 36, 38), 4)


def _pan(canvas: Canvas, box: Box) -> None:
    left, top, right, bottom = box
    canvas.slab((left, top + 8, right, bottom), STEEL, STEEL_DARK, 9)
    canvas.slab((left, top, right, top + 16), STEEL_LIGHT, STEEL, 8)
    canvas.line(((left + 14, top + 4), (right - 14, top + 4)), (255, 255, 255), 1.5)


def _window(canvas: Canvas, box: Box) -> None:
    canvas.slab(box, shade(GLASS, 0.94), GLASS, 3)
    canvas.frame(box, GLASS_EDGE, 1, 3)


def _keys(canvas: Canvas, left: float, top: float, *, columns: int, rows: int) -> None:
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * 20, top + row * 17
            tone: Colour = (214, 150, 60) if column == columns - 1 else (238, 240, 238)
            canvas.slab((x, y, x + 16, y + 13), tone, shade(tone, 0.82), 3)
            canvas.frame((x, y, x + 16, y + 13), (104, 110, 112), 0.5, 3)
