"""The pictures of the demo city, drawn by a process beside the one that loads the register."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from server import evidence
from server.demo.city import City
from server.demo.pictures import draw_pictures
from server.fonts import FAMILY

Photos = dict[str, str]


@contextmanager
def album(city: City, evidence_dir: Path, assets_dir: Path) -> Iterator[Callable[[], Photos]]:
    """Start to draw and store the pictures; what is yielded waits for them: SHA-256 by instrument id."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as painter:
        drawn = painter.submit(_draw, city, evidence_dir, assets_dir / FAMILY)
        yield drawn.result


def _draw(city: City, evidence_dir: Path, fonts: Path) -> Photos:
    return {id_: evidence.store(evidence_dir, picture) for id_, picture in draw_pictures(city, fonts)}
