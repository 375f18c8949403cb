"""The newest pictures of some folders, and small copies of them to choose by."""

from __future__ import annotations

import heapq
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
MOST_SHOWN = 60
MOST_LOOKED_AT = 20_000
# A folder of a year or of a chat is looked into, what lies deeper is no album.
DEEPEST = 2
SMALL_SIDE = 320


@dataclass(frozen=True)
class Found:
    """A file that is named like a picture; ``changed_s`` are seconds of the file system's clock."""

    path: Path
    changed_s: float


def newest(folders: Iterable[Path], most: int = MOST_SHOWN) -> list[Found]:
    """Return the newest pictures, the newest first; raises FileNotFoundError where none of the folders is there."""
    there = [folder for folder in folders if folder.is_dir()]
    if not there:
        raise FileNotFoundError
    once = {found.path: found for folder in there for found in _files(folder)}
    return heapq.nlargest(most, once.values(), key=lambda found: (found.changed_s, str(found.path)))


def _files(folder: Path) -> Iterator[Found]:
    left, waiting = MOST_LOOKED_AT, [(folder, 0)]
    while waiting and left:
        inner, depth = waiting.pop(0)
        for entry in _entries(inner):
            left -= 1
            if not left:
                return
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False) and depth < DEEPEST:
                waiting.append((Path(entry.path), depth + 1))
            elif entry.name.lower().endswith(KINDS) and entry.is_file():
                yield Found(Path(entry.path), entry.stat().st_mtime)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder; one that may not be read holds nothing for us."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def small_copy(path: Path) -> bytes | None:
    """Return an upright square of a picture as a JPEG file; None where it cannot be read."""
    from PIL import Image, ImageOps

    from fieldapp.scan.still import MOST_PIXELS, UNREADABLE

    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (*UNREADABLE, Image.DecompressionBombError):
        return None
    content = io.BytesIO()
    ImageOps.fit(upright, (SMALL_SIDE, SMALL_SIDE)).save(content, "JPEG", quality=80)
    return content.getvalue()
