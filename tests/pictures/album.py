"""The folder of pictures: each has one name, stays small and says nothing of the machine it was taken on."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

MOST_BYTES = 800_000
COLOURS = 256


class TooLarge(Exception):
    """A picture stays larger than a reader of the repository should have to fetch."""


@dataclass(frozen=True)
class Album:
    """Where the pictures go. ``names`` empty: all are kept; otherwise only those that begin with one of them."""

    folder: Path
    names: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Say whether this picture is asked for."""
        return not self.names or name.startswith(self.names)

    def keep(self, name: str, picture: Image.Image) -> None:
        """Write a picture; one with photographs in it gets a palette when it would be too large."""
        if not self.wants(name):
            return
        content = _png(picture.convert("RGB"))
        if len(content) > MOST_BYTES:
            content = _png(picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG))
        if len(content) > MOST_BYTES:
            raise TooLarge(f"{name} has {len(content)} bytes")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.png").write_bytes(content)

    def keep_bytes(self, name: str, content: bytes) -> None:
        """Write a picture that a browser took."""
        self.keep(name, Image.open(io.BytesIO(content)))


def first_page(pdf: Path, folder: Path, dpi: int) -> Image.Image:
    """Return the first page of a PDF file as pixels, by poppler."""
    program = shutil.which("pdftoppm") or "pdftoppm"
    command = [program, "-r", str(dpi), "-png", "-singlefile", str(pdf), str(folder / pdf.stem)]
    subprocess.run(command, check=True)
    return Image.open(folder / f"{pdf.stem}.png").convert("RGB")


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
