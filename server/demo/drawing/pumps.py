"""A fuel dispenser: head with three rows of figures, the board of the nozzle, the nozzle and its hose."""

from __future__ import annotations

from server.demo.drawing.canvas import Box, Canvas, Colour, shade

WINDOWS: tuple[Box, ...] = ((150, 74, 274, 96), (150, 102, 274, 124), (150, 130, 274, 146))
BOARD: Box = (136, 164, 200, 220)
PLATE: Box = (132, 236, 312, 300)
BAND: Box = (118, 44, 326, 66)


def dispenser(canvas: Canvas, body: Colour, band: Colour) -> None:
    """Draw a dispenser; ``band`` is the colour of the product."""
    canvas.shadow((80, 306, 390, 346), 8, 0.5)
    canvas.slab((112, 38, 332, 330), shade(body, 1.04), shade(body, 0.86), 10)
    canvas.slab((112, 154, 332, 158), shade(body, 0.7), shade(body, 0.6))
    canvas.slab(BAND, band, shade(band, 0.86), 4)
    canvas.slab((128, 68, 316, 150), (34, 40, 42), (22, 26, 28), 6)
    for window in WINDOWS:
        canvas.slab(window, (196, 206, 176), (206, 214, 188), 2)
    canvas.slab(BOARD, (252, 252, 250), (236, 238, 236), 6)
    canvas.frame(BOARD, band, 3, 6)
    canvas.slab((214, 166, 312, 222), (70, 76, 80), (48, 52, 56), 6)
    for row in range(3):
        for column in range(4):
            x, y = 222 + column * 22, 172 + row * 16
            canvas.slab((x, y, x + 17, y + 12), (226, 228, 228), (190, 194, 196), 2)
    _nozzle(canvas, band)


def _nozzle(canvas: Canvas, band: Colour) -> None:
    hose = ((372, 128), (404, 170), (412, 236), (392, 296), (352, 312), (330, 286))
    canvas.line(hose, (26, 28, 30), 9)
    canvas.slab((330, 84, 350, 200), (64, 68, 72), (44, 48, 50), 4)
    canvas.shape(((338, 96), (378, 104), (386, 136), (362, 142), (338, 124)), band, shade(band, 0.7))
    canvas.line(((344, 108), (344, 176)), (150, 156, 160), 8)
    canvas.line(((366, 136), (354, 158), (372, 150)), (40, 42, 44), 4)
