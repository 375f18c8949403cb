"""Pictures: what may come in, decided by decoding and never by name, and copies for everyone, rebuilt from pixels.

A copy has nothing of the file it was made from but its pixels: no EXIF, no place where it was taken, no comment, no
colour profile, no thumbnail. It stands upright, has a size for a screen, and what a person marked is blurred in it.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageOps, UnidentifiedImageError

from server.evidence.problems import BadRectangle, NoPicture
from server.language import t

KINDS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
MAGIC = ((b"\xff\xd8", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
# Brands of HEIF files with HEVC in them, ISO/IEC 23008-12 annex B; the last two are of any content, AVIF's too.
HEVC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
ANY_HEIF, AVIF = {b"mif1", b"msf1"}, {b"avif", b"avis"}
LONGEST_BRANDS = 256
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 20_000
COPY_SIDE = 1_600
COPY_QUALITY = 82
CELLS = 6
WHITE = (255, 255, 255)
DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")

# What the decoders raise for files that are no pictures, as found by spoiling some thousands of them.
BROKEN: tuple[type[Exception], ...] = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    AttributeError,
)
BROKEN += (struct.error, zlib.error, MemoryError, Image.DecompressionBombError)

# One large picture at a time: four threads that decode four of them would need more memory than a small server has.
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Rectangle:
    """A part of the upright picture in its own pixels; ``right`` and ``bottom`` are not in it any more."""

    left: int
    top: int
    right: int
    bottom: int

    def lies_within(self, width: int, height: int) -> bool:
        return 0 <= self.left < self.right <= width and 0 <= self.top < self.bottom <= height


def require_picture(content: bytes) -> None:
    """Raise NoPicture with the reason unless the whole file can be decoded and keeps the limits."""
    with _one_at_a_time, _decoded(content):
        pass


def public_copy(content: bytes, blurred: Sequence[Rectangle] = ()) -> bytes:
    """Return a JPEG for everyone; raises NoPicture, or BadRectangle for one that leaves the picture."""
    with _one_at_a_time, _decoded(content) as image:
        upright = _flat(_upright(image))
        for rectangle in blurred:
            _blur(upright, rectangle)
        upright.thumbnail((COPY_SIDE, COPY_SIDE))
        rebuilt = Image.frombytes("RGB", upright.size, upright.tobytes())
    return jpeg(rebuilt, COPY_QUALITY)


def jpeg(image: Image.Image, quality: int) -> bytes:
    """Return a picture of our own as JPEG: its pixels and nothing else."""
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return written.getvalue()


def mimetype_of(content: bytes) -> str:
    """Return what a stored file is served as; a browser is told not to guess."""
    return next((kind for magic, kind in MAGIC if content.startswith(magic)), "application/octet-stream")


@contextmanager
def _decoded(content: bytes) -> Iterator[Image.Image]:
    """Open and decode a picture; its size is looked at before its pixels are unpacked."""
    if not content:
        raise _refused("picture.empty")
    try:
        image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
    except UnidentifiedImageError as error:
        raise _refused("picture.heic" if is_heic(content) else "picture.type") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused("picture.pixels") from error
    except BROKEN as error:
        raise _refused("picture.broken") from error
    with image:
        if image.format not in KINDS:
            raise _refused("picture.type")
        if image.width * image.height > MOST_PIXELS or max(image.size) > LONGEST_SIDE:
            raise _refused("picture.pixels")
        if image.format == "PNG" and getattr(image, "is_animated", False):
            raise _refused("picture.moving")
        try:
            image.load()
        except BROKEN as error:
            raise _refused("picture.broken") from error
        yield image


def is_heic(content: bytes) -> bool:
    """Say whether a file begins as the photos do that phones take to save space (ISO/IEC 14496-12, 4.3: ``ftyp``).

    >>> is_heic(bytes.fromhex("00000018") + b"ftypheic" + bytes(4) + b"mif1heic")
    True
    >>> is_heic(bytes.fromhex("0000001c") + b"ftypavif" + bytes(4) + b"avifmif1miaf")
    False
    """
    if content[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(content[:4], "big"), LONGEST_BRANDS)
    brands = {content[8:12], *(content[at : at + 4] for at in range(16, end, 4))}
    return bool(brands & HEVC) or (bool(brands & ANY_HEIF) and not brands & AVIF)


def _refused(key: str) -> NoPicture:
    return NoPicture(why=t(key, megapixels=MOST_PIXELS // 1_000_000, side=LONGEST_SIDE))


def _upright(image: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF says; where that cannot be read, it stays as it is."""
    try:
        return ImageOps.exif_transpose(image) or image
    except BROKEN:
        return image


def _flat(image: Image.Image) -> Image.Image:
    """Return eight bits of red, green and blue; what can be seen through is seen on white."""
    if image.mode in DEEP:
        deep = image if image.mode in ("I", "F") else image.convert("I")
        return deep.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        paper = Image.new("RGB", seen.size, WHITE)
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return image.convert("RGB")


def _blur(image: Image.Image, rectangle: Rectangle) -> None:
    """Leave of a rectangle a few cells of its mean colours: there is nothing in it any more that could be sharpened."""
    if not rectangle.lies_within(*image.size):
        raise BadRectangle(width=image.width, height=image.height)
    box = (rectangle.left, rectangle.top, rectangle.right, rectangle.bottom)
    part = image.crop(box)
    cells = part.resize((min(CELLS, part.width), min(CELLS, part.height)), Image.Resampling.BOX)
    if part.width <= CELLS and part.height <= CELLS:
        cells = part.resize((1, 1), Image.Resampling.BOX)
    image.paste(cells.resize(part.size, Image.Resampling.NEAREST), box)
