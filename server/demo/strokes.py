"""A drawn signature: a few strokes of whole numbers x, y, x, y on a field of 1000 by 400."""

from __future__ import annotations

from random import Random

from server.demo.records import Strokes

WIDTH, HEIGHT = 1000, 400


def draw_strokes(rng: Random) -> Strokes:
    """Return three to five strokes that run from left to right."""
    count = rng.randint(3, 5)
    return tuple(_stroke(rng, WIDTH * part // count, WIDTH // count) for part in range(count))


def _stroke(rng: Random, left: int, width: int) -> tuple[int, ...]:
    x, y = left + rng.randrange(width // 2), rng.randrange(HEIGHT // 4, 3 * HEIGHT // 4)
    points = [x, y]
    for _ in range(rng.randint(5, 9)):
        x = min(max(x + rng.randint(-width // 8, width // 3), 0), WIDTH)
        y = min(max(y + rng.randint(-70, 70), 0), HEIGHT)
        points += [x, y]
    return tuple(points)
