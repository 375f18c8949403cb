"""Frames that are hard to read, class by class, each in five grades from easy to nearly hopeless; all from a seed.

A class is one thing that goes wrong before a camera, and ``mixed`` is two or three of them at once. The same seed gives
the same frames, so decoders are compared on the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from fieldapp.camera.port import Frame, Pixels
from tests.fieldapp.hard_labels import Chance, Grey, Stand, a_printed_label, a_scene

SIZES = ((1280, 720), (1920, 1080))
GRADES = 5
PER_CLASS = 25


@dataclass(frozen=True)
class Shot:
    """A frame of light, the class and grade it was made in, and the text printed on the label in it."""

    kind: str
    grade: int
    text: str
    grey: Grey = field(repr=False)
    corners: Grey = field(repr=False)

    def frame(self, number: int = 1) -> Frame:
        """Return the frame as a camera hands it over."""
        height, width = self.grey.shape
        return Frame(number, width, height, self.grey.tobytes(), Pixels.LUMA)


def shots(kind: str, count: int = PER_CLASS, seed: int = 1) -> Iterator[Shot]:
    """Yield the frames of a class: the grades take turns, and the two sizes of frame and versions of label too."""
    for number in range(count):
        yield a_shot(kind, number, seed)


def a_shot(kind: str, number: int, seed: int = 1) -> Shot:
    """Return one frame of a class, the same whichever others are made."""
    chance = np.random.default_rng([seed, list(KINDS).index(kind), number])
    grade = number % GRADES
    size = SIZES[number // GRADES % len(SIZES)]
    label = a_printed_label(number)
    hard = (grade + float(chance.uniform(0, 1))) / GRADES
    stand = STANDS.get(kind, _usual)(hard, chance)
    grey, there = a_scene(label, stand, size, chance)
    grey = KINDS[kind](grey, there, hard, chance)
    grey = np.clip(grey + chance.normal(0, 2.0, grey.shape), 0, 255)
    grey = _jpeg(grey, 85)
    return Shot(kind, grade, label.text, grey, there)


def _between(easy: float, worst: float, hard: float) -> float:
    return easy + (worst - easy) * hard


def _usual(hard: float, chance: Chance) -> Stand:
    return Stand(
        module_px=float(chance.uniform(3.6, 5.2)),
        turn=float(chance.uniform(-20, 20)),
        tilt=float(chance.uniform(0, 20)),
        tilt_towards=float(chance.uniform(0, 360)),
    )


def _plain(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    return cv2.GaussianBlur(grey, (0, 0), 0.7)


def _blur(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    return cv2.GaussianBlur(grey, (0, 0), _between(1.0, 2.8, hard))


def _motion(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    length, angle = _between(3, 10, hard), chance.uniform(0, np.pi)
    side = int(length) | 1
    trace = np.zeros((side + 4, side + 4), dtype=np.float32)
    middle = (side + 4) // 2
    for step in np.linspace(-length / 2, length / 2, 60):
        x, y = middle + step * np.cos(angle), middle + step * np.sin(angle)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            left, top = int(np.floor(x)), int(np.floor(y))
            trace[top + dy, left + dx] += (1 - abs(x - left - dx)) * (1 - abs(y - top - dy))
    return cv2.filter2D(grey, -1, trace / trace.sum())


def _glare(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    """A lamp mirrored in the foil: one round spot that whites the print out, and a streak."""
    rows, columns = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
    side = float(np.linalg.norm(there[1] - there[0]))
    lit = np.zeros_like(grey)
    for size, light in ((_between(0.05, 0.15, hard), 330), (_between(0.2, 0.6, hard), 110)):
        x, y = there.mean(axis=0) + chance.uniform(-0.25, 0.25, 2) * side
        lit += light * np.exp(-(((columns - x) ** 2 + 1.6 * (rows - y) ** 2) / (2 * (size * side) ** 2)))
    return cv2.GaussianBlur(grey, (0, 0), 0.8) * 0.8 + lit


def _dirt(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    """Flour, grease and scratches on the print; where they lie is chance, how much is the grade."""
    dirty, side = grey.copy(), float(np.linalg.norm(there[1] - there[0]))
    low, high = there.min(axis=0), there.max(axis=0)
    for _ in range(int(_between(2, 18, hard))):
        place = tuple(int(value) for value in chance.uniform(low, high))
        axes = tuple(int(value) for value in chance.uniform(0.01, 0.055, 2) * side + 1)
        shade = float(chance.choice([40, 70, 200, 235]))
        cv2.ellipse(dirty, place, axes, float(chance.uniform(0, 180)), 0, 360, shade, -1, cv2.LINE_AA)
    for _ in range(int(_between(1, 9, hard))):
        begin, end = (tuple(int(value) for value in chance.uniform(low, high)) for _ in range(2))
        cv2.line(dirty, begin, end, float(chance.choice([50, 240])), int(chance.integers(1, 4)), cv2.LINE_AA)
    return cv2.GaussianBlur(dirty, (0, 0), 0.9)


def _dark(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    """Little light: few photons, the noise of the sensor, and the softness of the phone's own denoising."""
    light = grey * _between(0.12, 0.03, hard)
    photons = chance.poisson(np.clip(light, 0, None) * 1.6) / 1.6
    noisy = photons + chance.normal(0, _between(2.0, 4.0, hard), grey.shape)
    return cv2.GaussianBlur(noisy.astype(np.float32), (0, 0), 0.7) * 2.0 + 8


def _inverted(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    """Light modules on a dark plate, as etched in metal; the harder, the flatter and softer."""
    flat = 128 - (grey - 128) * _between(0.8, 0.2, hard)
    return cv2.GaussianBlur(flat, (0, 0), _between(0.8, 2.3, hard))


def _soft(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    return cv2.GaussianBlur(grey, (0, 0), _between(0.6, 1.2, hard))


def _rotated(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    return cv2.GaussianBlur(grey, (0, 0), _between(0.6, 1.7, hard))


def _packed(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    return _jpeg(cv2.GaussianBlur(grey, (0, 0), 0.8), round(_between(22, 5, hard))).astype(np.float32)


def _shadow(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    """The hard edges of shadows across the print, striped as by a grating, and sun beside them."""
    rows, columns = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32)
    side, angle = float(np.linalg.norm(there[1] - there[0])), chance.uniform(0, np.pi)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    wave = np.sin(along / side * 2 * np.pi * _between(0.6, 3.0, hard) + chance.uniform(0, 6))
    lit = np.where(wave > 0, 1.05, _between(0.65, 0.2, hard)).astype(np.float32)
    return cv2.GaussianBlur(grey, (0, 0), 0.9) * cv2.GaussianBlur(lit, (0, 0), 2.5) + 4


def _faded(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    """Print that the sun has bleached: hardly darker than its paper, before uneven light."""
    across = np.linspace(0.7, 1.15, grey.shape[1], dtype=np.float32)[None, :]
    flat = 165 + (grey - 165) * _between(0.18, 0.045, hard)
    return cv2.GaussianBlur(flat, (0, 0), 1.0) * across


def _mixed(grey: Grey, there: Grey, hard: float, chance: Chance) -> Grey:
    names = chance.choice(["blur", "motion", "glare", "dirt", "shadow", "faded", "dark"], 3, replace=False)
    order = ["dirt", "faded", "shadow", "glare", "blur", "motion", "dark"]
    for name in sorted((str(name) for name in names[: 2 + (hard > 0.5)]), key=order.index):
        grey = KINDS[name](grey, there, 0.55 * hard, chance)
    return grey


def _jpeg(grey: Grey, quality: int) -> Grey:
    _, content = cv2.imencode(".jpg", np.clip(grey, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)


KINDS: dict[str, Callable[[Grey, Grey, float, Chance], Grey]] = {
    "plain": _plain,
    "blur": _blur,
    "motion": _motion,
    "perspective": _soft,
    "glare": _glare,
    "dirt": _dirt,
    "curl": _soft,
    "dark": _dark,
    "small": _soft,
    "inverted": _inverted,
    "rotated": _rotated,
    "jpeg": _packed,
    "shadow": _shadow,
    "faded": _faded,
    "mixed": _mixed,
}

STANDS: dict[str, Callable[[float, Chance], Stand]] = {
    "perspective": lambda hard, chance: Stand(
        module_px=5.0,
        turn=float(chance.uniform(-40, 40)),
        tilt=_between(35, 72, hard),
        tilt_towards=float(chance.uniform(0, 360)),
    ),
    "curl": lambda hard, chance: Stand(
        module_px=4.6,
        turn=float(chance.uniform(-15, 15)),
        bend=_between(20, 70, hard),
        tilt=_between(0, 25, hard),
        tilt_towards=float(chance.uniform(0, 360)),
    ),
    "small": lambda hard, chance: Stand(
        module_px=_between(2.1, 1.3, hard), turn=float(chance.uniform(-10, 10)), middle=0.0
    ),
    "rotated": lambda hard, chance: Stand(
        module_px=_between(3.2, 2.0, hard), turn=float(chance.uniform(0, 360)), middle=0.2
    ),
    "jpeg": lambda hard, chance: Stand(module_px=_between(4.0, 2.6, hard), turn=float(chance.uniform(-10, 10))),
}
