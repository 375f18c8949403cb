"""Where in a frame a label may be, found with no decoder: a QR code is the place with the densest edges all around.

The light is compared with itself two pixels away along both diagonals, the differences are averaged over cells of 16
pixels, and around the strongest cell all joined cells above two fifths of it are one place; then the next strongest.
Whatever costs too much for a frame can be done to a place, which is about a tenth of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

CELL_PX = 16
STEP_PX = 3
FROM_TOP = 0.4
# Differences below this are the grain of the sensor.
LEAST = 2
MARGIN_PX = 24

Box = tuple[int, int, int, int]


def places(light: Image, most: int = 2) -> list[Box]:
    """Return boxes (left, top, right, bottom) in pixels, the likeliest first; none in an even or a tiny picture."""
    if min(light.size) < 2 * CELL_PX:
        return []
    cells = _density(light)
    strengths = bytearray(cells.tobytes())
    found: list[Box] = []
    while len(found) < most and (top := max(strengths)) > LEAST:
        left, above, right, below = _joined(strengths, cells.width, strengths.index(top), top * FROM_TOP)
        found.append(
            (
                max(0, left * CELL_PX - MARGIN_PX),
                max(0, above * CELL_PX - MARGIN_PX),
                min(light.width, (right + 1) * CELL_PX + MARGIN_PX),
                min(light.height, (below + 1) * CELL_PX + MARGIN_PX),
            )
        )
    return found


def _density(light: Image) -> Image:
    from PIL import ImageFilter

    return edges(light).reduce(CELL_PX).filter(ImageFilter.BoxBlur(2))


def edges(light: Image) -> Image:
    """Return how much the light differs across each pixel, along both diagonals."""
    from PIL import ImageChops

    width, height = light.width - STEP_PX, light.height - STEP_PX
    here, right = light.crop((0, 0, width, height)), light.crop((STEP_PX, 0, light.width, height))
    below = light.crop((0, STEP_PX, width, light.height))
    beyond = light.crop((STEP_PX, STEP_PX, light.width, light.height))
    return ImageChops.add(ImageChops.difference(here, beyond), ImageChops.difference(right, below), 2)


def _joined(strengths: bytearray, width: int, start: int, least: float) -> Box:
    """Return the first and last column and row of the cells joined to one; they are set to zero."""
    strengths[start] = 0
    seen, open_cells = [start], [start]
    while open_cells:
        cell = open_cells.pop()
        column = cell % width
        around = [cell - width, cell + width]
        around += [cell - 1] * (column > 0) + [cell + 1] * (column < width - 1)
        for near in around:
            if 0 <= near < len(strengths) and strengths[near] > least:
                strengths[near] = 0
                seen.append(near)
                open_cells.append(near)
    columns = [cell % width for cell in seen]
    return min(columns), min(seen) // width, max(columns), max(seen) // width
