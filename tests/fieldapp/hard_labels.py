"""Real labels of both QR versions, as a camera sees them in a scene: drawn from a seed, never stored.

A label is a link signed with a test key, its modules at level Q in the smallest version, with the quiet zone and
the lines of text below. A host of up to 13 characters needs version 8, a longer one version 9.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import qrcode
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM, QRData

from shared.seal import short_code
from tests.builders import a_label

HOSTS = ("DINGPAN.TEST", "JLJD.ZHOUKOU.GOV.TEST")
MODULE_PX, QUIET_MODULES = 12, 4
TEXT_MODULES = 14
PAPER, INK = 225, 32

Grey = np.ndarray
Chance = np.random.Generator


@dataclass(frozen=True)
class Label:
    """A printed label: its text, and its picture with twelve pixels a module, light paper and dark ink."""

    text: str
    modules: int
    picture: Grey = field(repr=False)


def modules_of(link: str) -> Any:
    """Return the modules row by row, dark ones as 1, with the mask that the library chooses."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(QRData(link.encode("ascii"), mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=True)
    return np.asarray(code.get_matrix(), dtype=np.uint8)


def a_printed_label(number: int) -> Label:
    """Return the label of a number; even ones are of version 8, odd ones of version 9."""
    serial = 1_000_000 + number
    text = a_label(serial=serial, host=HOSTS[number % 2])
    rows = modules_of(text)
    bare = np.where(rows == 1, INK, PAPER).astype(np.uint8)
    quiet = cv2.copyMakeBorder(
        bare,
        QUIET_MODULES,
        QUIET_MODULES + TEXT_MODULES,
        QUIET_MODULES,
        QUIET_MODULES,
        cv2.BORDER_CONSTANT,
        value=PAPER,
    )
    picture = cv2.resize(quiet, None, fx=MODULE_PX, fy=MODULE_PX, interpolation=cv2.INTER_NEAREST)
    code, below = short_code(serial), (QUIET_MODULES * 2 + len(rows)) * MODULE_PX
    for line, (words, size) in enumerate([(f"{code[:4]} {code[4:8]} {code[8:]}", 1.9), (text.split("/")[2], 1.1)]):
        place = (QUIET_MODULES * MODULE_PX, below + 50 + 60 * line)
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, INK, 4, cv2.LINE_AA)
    return Label(text, len(rows), picture.astype(np.float32))


@dataclass(frozen=True)
class Stand:
    """How a label stands before the camera: pixels a module, turn and tilt in degrees, and how far it is bent.

    ``bend`` is the half angle, in degrees, that the label covers of a cylinder; ``middle`` 1 keeps it in the middle of
    the frame, 0 lets it stand anywhere in it.
    """

    module_px: float = 4.5
    turn: float = 0.0
    tilt: float = 0.0
    tilt_towards: float = 0.0
    bend: float = 0.0
    middle: float = 0.5


def corners(label: Label, stand: Stand) -> Grey:
    """Return where the four corners of the label come to lie around (0, 0), in pixels, clockwise from the top left.

    The camera looks from four label heights away, so that a tilted label also narrows.
    """
    height, width = (side / MODULE_PX * stand.module_px for side in label.picture.shape)
    flat = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
    towards, tilt, turn = np.radians([stand.tilt_towards, stand.tilt, stand.turn])
    along = np.array([np.cos(towards), np.sin(towards)])
    across = np.array([-along[1], along[0]])
    on_along, on_across = flat @ along, flat @ across
    away = 4 * height
    nearer = away / (away + on_along * np.sin(tilt))
    seen = np.outer(on_along * np.cos(tilt) * nearer, along) + np.outer(on_across * nearer, across)
    turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (seen @ turned).astype(np.float32)


def a_ground(size: tuple[int, int], chance: Chance) -> Grey:
    """Return a machine's front or a counter: uneven grey, plates with edges, screws, and lines of print."""
    width, height = size
    coarse = chance.normal(0, 1, (6, 9)).astype(np.float32)
    uneven = 120 + 22 * cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    ground = np.clip(uneven, 0, 255).astype(np.uint8)
    for _ in range(int(chance.integers(3, 9))):
        x, y = (int(chance.integers(-100, side)) for side in size)
        far = (x + int(chance.integers(60, 600)), y + int(chance.integers(40, 400)))
        cv2.rectangle(ground, (x, y), far, float(chance.uniform(40, 210)), int(chance.choice([-1, 2, 6])))
    for _ in range(int(chance.integers(2, 7))):
        place = (int(chance.integers(0, width)), int(chance.integers(20, height)))
        words = "".join(chance.choice(list("MODEL ACS-30 Max 30kg e=10g 0123456789"), 14))
        shade = float(chance.choice([25, 230]))
        cv2.putText(ground, words, place, cv2.FONT_HERSHEY_SIMPLEX, float(chance.uniform(0.5, 1.6)), shade, 2)
    return ground.astype(np.float32)


def a_scene(label: Label, stand: Stand, size: tuple[int, int], chance: Chance) -> tuple[Grey, Grey]:
    """Return the frame as light from 0 to 255, and the label's four corners in it; the label is whole in it."""
    picture = _bent(label.picture, stand.bend) if stand.bend else label.picture
    around = corners(label, stand)
    low, high = around.min(axis=0), around.max(axis=0)
    room = np.array(size) - (high - low)
    anywhere = chance.uniform(0.04, 0.96, 2)
    place = -low + room * (anywhere * (1 - stand.middle) + 0.5 * stand.middle)
    there = (around + place).astype(np.float32)
    height, width = picture.shape
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    way = cv2.getPerspectiveTransform(flat, there)
    # Drawn twice as large and shrunk: a pixel of a camera collects light from an area.
    twice = np.diag([2.0, 2.0, 1.0]) @ way
    large = (size[0] * 2, size[1] * 2)
    drawn = cv2.warpPerspective(picture, twice, large, flags=cv2.INTER_LINEAR)
    shape = cv2.warpPerspective(np.where(picture >= 0, 1.0, 0.0).astype(np.float32), twice, large)
    drawn, shape = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (drawn, shape))
    return a_ground(size, chance) * (1 - shape) + drawn, there


def _bent(picture: Grey, bend: float) -> Grey:
    """Return a label wrapped around an upright cylinder, as seen from before it: its sides are pressed together."""
    height, width = picture.shape
    half = np.radians(bend)
    columns = np.linspace(-1, 1, width, dtype=np.float32)
    angle = np.arcsin(columns * np.sin(half))
    from_x = (angle / half + 1) / 2 * (width - 1)
    sag = 0.05 * np.sin(half) * height * (1 - np.cos(angle)) / max(1 - np.cos(half), 1e-6)
    x = np.repeat(from_x[None, :], height, axis=0).astype(np.float32)
    y = (np.arange(height, dtype=np.float32)[:, None] * (1 + 0.05 * np.sin(half)) - sag[None, :]).astype(np.float32)
    return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=PAPER)
