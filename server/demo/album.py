"""The pictures of the demo city, drawn by a process beside the one that loads the register."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from server.demo.city import City
from server.demo.pictures import draw_pictures
from server.evidence.service import open_store
from server.fonts import FAMILY
from server.settings import Settings

Photos = dict[str, str]


@contextmanager
def album(city: City, settings: Settings) -> Iterator[Callable[[], Photos]]:
    """Start to draw and store the pictures; what is yielded waits for them: SHA-256 by instrument id."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as painter:
        drawn = painter.submit(_draw, city, settings)
        yield drawn.result


def _draw(city: City, settings: Settings) -> Photos:
    store = open_store(settings)
    return {id_: store.put(picture) for id_, picture in draw_pictures(city, settings.assets_dir / FAMILY)}
