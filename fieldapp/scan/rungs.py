"""The rungs of the ladder: each makes another picture of a place in the frame, in which a code may be readable.

They stand in the order of what they read per millisecond on the generated set of ``benchmarks decoder``; ``cost_s`` is
what a place of 400 pixels took there with its reading, until the decoder knows the phone better.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

# Light as an eye weighs it: an edge in the shade counts as much as one in the sun.
LOGARITHM = [round(255 * math.log1p(light) / math.log(256)) for light in range(256)]

Make = Callable[["Image"], "Image"]


@dataclass(frozen=True)
class Rung:
    """One attempt: how its picture is made, who reads it, and what it is expected to cost in seconds."""

    name: str
    make: Make
    cost_s: float
    is_second: bool = False


def stretched(light: Image) -> Image:
    """Spread the greys over the whole range: against fading and darkness."""
    from PIL import ImageOps

    return ImageOps.autocontrast(light, cutoff=1)


def sharpened(light: Image, radius: float = 2, percent: int = 300) -> Image:
    """Undo some blur."""
    from PIL import ImageFilter

    return light.filter(ImageFilter.UnsharpMask(radius, percent, 0))


def equalised(light: Image) -> Image:
    """Make every grey as frequent: against glare and fading."""
    from PIL import ImageOps

    return ImageOps.equalize(light)


def levelled(light: Image, radius: int = 20) -> Image:
    """Take away the light that falls unevenly: the logarithm less its mean around each pixel."""
    from PIL import ImageChops, ImageFilter

    seen = light.point(LOGARITHM)
    return ImageChops.subtract(seen, seen.filter(ImageFilter.BoxBlur(radius)), 0.5, 128)


def calmed(light: Image) -> Image:
    """Average the grain of little light away."""
    from PIL import ImageFilter

    return light.filter(ImageFilter.GaussianBlur(1))


def resized(light: Image, across: float, down: float) -> Image:
    """Draw the place larger: the finders of a code need pixels; wider or taller, where it is seen from the side."""
    from PIL import Image

    size = (max(1, round(light.width * across)), max(1, round(light.height * down)))
    return light.resize(size, Image.Resampling.BICUBIC)


RUNGS = (
    Rung("stretched sharp", lambda light: sharpened(stretched(light)), 0.007),
    Rung("equalised", equalised, 0.002),
    Rung("levelled", levelled, 0.004),
    Rung("taller", lambda light: resized(light, 1, 2), 0.005),
    Rung("zbar equalised", equalised, 0.013, is_second=True),
    Rung("large equalised", lambda light: equalised(resized(light, 2, 2)), 0.012),
    Rung("calmed", calmed, 0.005),
    Rung("large sharp", lambda light: sharpened(resized(light, 2, 2)), 0.028),
    Rung("zbar sharp", sharpened, 0.018, is_second=True),
    Rung("wide sharp", lambda light: sharpened(resized(light, 3, 1.5), 3), 0.034),
    Rung("large levelled sharp", lambda light: sharpened(levelled(resized(light, 2, 2), 24), 4), 0.04),
)
