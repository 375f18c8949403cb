"""A label as a phone sees it: the printed PDF rasterised, set askew in a scene, blurred, dimmed and noisy."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import numpy
from PIL import Image, ImageFilter

SCENE = (1280, 960)


def rasterise(pdf: Path, folder: Path, dpi: int = 300) -> Image.Image:
    """Return the first page as pixels, by poppler."""
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-png", "-f", "1", "-l", "1", str(pdf), str(folder / "page")], check=True
    )
    return Image.open(next(folder.glob("page*.png"))).convert("RGB")


def photograph(label: Image.Image, seed: int) -> Image.Image:
    """Return the label held at an angle in front of a market's counter, slightly out of focus."""
    dice = random.Random(seed)
    scene = _counter(dice)
    height = int(SCENE[1] * dice.uniform(0.62, 0.72))
    small = label.resize((int(label.width * height / label.height), height), Image.Resampling.LANCZOS)
    left, top = (SCENE[0] - small.width) // 2 + dice.randint(-60, 60), (SCENE[1] - height) // 2 + dice.randint(-40, 40)
    corners = _askew(left, top, small.width, small.height, dice)
    mask = Image.new("L", small.size, 255)
    coefficients = _perspective(corners, small.size)
    warped = small.transform(SCENE, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    shape = mask.transform(SCENE, Image.Transform.PERSPECTIVE, coefficients)
    scene.paste(warped, (0, 0), shape)
    blurred = scene.filter(ImageFilter.GaussianBlur(dice.uniform(0.8, 1.3)))
    return _noisy(blurred, seed)


def _counter(dice: random.Random) -> Image.Image:
    """Return a dull background with some edges in it."""
    scene = Image.new("RGB", SCENE, (118, 110, 98))
    for _ in range(40):
        x, y = dice.randrange(SCENE[0]), dice.randrange(SCENE[1])
        shade = dice.randint(60, 190)
        scene.paste((shade, shade - 8, shade - 20), (x, y, x + dice.randint(20, 220), y + dice.randint(10, 120)))
    return scene


def _askew(left: int, top: int, width: int, height: int, dice: random.Random) -> list[tuple[float, float]]:
    """Move the four corners by up to six per cent of the width."""
    reach = width * 0.06
    square = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    return [(x + dice.uniform(-reach, reach), y + dice.uniform(-reach, reach)) for x, y in square]


def _perspective(corners: list[tuple[float, float]], size: tuple[int, int]) -> list[float]:
    """Return the eight coefficients that map scene to label, by solving for its four corners."""
    targets = [(0, 0), (size[0], 0), size, (0, size[1])]
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, targets, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved: list[float] = numpy.linalg.solve(numpy.array(rows), numpy.array(right)).tolist()
    return solved


def _noisy(image: Image.Image, seed: int) -> Image.Image:
    """Dim the picture towards one side and add sensor noise."""
    pixels = numpy.asarray(image).astype(numpy.float32)
    shade = numpy.linspace(1.0, 0.72, pixels.shape[1], dtype=numpy.float32)[None, :, None]
    noise = numpy.random.default_rng(seed).normal(0, 9, pixels.shape)
    return Image.fromarray(numpy.clip(pixels * shade + noise, 0, 255).astype(numpy.uint8))
