"""Instruments of an optician: the optometer with chin rest and screen, the focimeter with its tilted tube."""

from __future__ import annotations

from server.demo.drawing.canvas import Box, Canvas, Colour, shade

PLATE: Box = (40, 286, 244, 346)
LENS = (52, 60, 70)


def optometer(canvas: Canvas, body: Colour) -> None:
    """Draw an optometer seen from the side."""
    canvas.shadow((90, 258, 400, 300), 8, 0.45)
    canvas.slab((110, 226, 380, 272), shade(body, 0.96), shade(body, 0.8), 10)
    canvas.slab((150, 176, 300, 232), shade(body, 0.92), shade(body, 0.8), 8)
    canvas.slab((126, 72, 320, 182), shade(body, 1.05), shade(body, 0.9), 22)
    canvas.line(((140, 150), (304, 150)), shade(body, 0.78), 1.5)
    for x in (250, 266, 282):
        canvas.oval((x, 160, x + 9, 169), (120, 130, 136))
    canvas.line(((330, 232), (338, 196)), (60, 66, 70), 6)
    canvas.oval((330, 184, 348, 202), (44, 50, 54))
    canvas.slab((110, 108, 134, 150), (70, 76, 82), (50, 56, 60), 6)
    canvas.oval((100, 110, 124, 148), LENS, (150, 160, 168), 3)
    canvas.slab((300, 86, 372, 160), (44, 50, 56), (30, 34, 40), 6)
    canvas.slab((306, 92, 366, 154), (54, 104, 116), (38, 84, 100), 3)
    canvas.oval((322, 108, 350, 138), (54, 104, 116), (180, 226, 222), 2)
    canvas.line(((336, 100), (336, 146)), (180, 226, 222), 1)
    canvas.line(((56, 236), (56, 40), (92, 40)), (172, 180, 186), 7)
    canvas.slab((50, 156, 88, 168), (236, 238, 238), (206, 210, 212), 5)
    canvas.slab((60, 52, 92, 62), (236, 238, 238), (206, 210, 212), 4)
    canvas.slab((30, 234, 120, 262), (150, 158, 164), (116, 124, 130), 6)


def focimeter(canvas: Canvas, body: Colour) -> None:
    """Draw a focimeter: foot, column, tilted tube, lens table."""
    canvas.shadow((120, 258, 380, 300), 8, 0.45)
    canvas.slab((146, 236, 350, 276), shade(body, 0.9), shade(body, 0.72), 12)
    canvas.shape(((214, 100), (290, 88), (318, 240), (230, 240)), shade(body, 1.02), shade(body, 0.86))
    canvas.shape(((168, 60), (196, 34), (330, 112), (304, 146)), shade(body, 1.08), shade(body, 0.88))
    canvas.shape(((146, 56), (166, 32), (196, 46), (174, 74)), (48, 54, 58), (34, 38, 42))
    canvas.slab((150, 160, 252, 172), (178, 186, 192), (136, 144, 150), 4)
    canvas.oval((160, 142, 212, 166), (206, 222, 228), (120, 132, 140), 2)
    canvas.slab((304, 152, 372, 214), (44, 50, 56), (30, 34, 40), 6)
    canvas.slab((310, 158, 366, 208), (178, 196, 172), (190, 206, 182), 3)
    canvas.oval((284, 176, 308, 200), (60, 66, 70), (110, 118, 124), 2)
