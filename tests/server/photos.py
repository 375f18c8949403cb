"""Pictures made by code for the tests of uploads: sound ones, odd ones and hostile ones."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image, PngImagePlugin

MARK = b"Zhou-Village-Secret-4711"
SIZE = (48, 32)
ORIENTATION, GPS, MAKER, TEXT = 0x0112, 0x8825, 0x010F, 0x010E

# Whether a file is kept, or the key of why not.
KEPT, EMPTY, TYPE, BROKEN, PIXELS, MOVING, HIGH = "kept", "empty", "type", "broken", "pixels", "moving", "heic"


def painted(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Return a picture with something in it: four quarters of four colours."""
    image = Image.new("RGB", size)
    half = (size[0] // 2, size[1] // 2)
    for place, colour in enumerate([(200, 30, 30), (30, 200, 30), (30, 30, 200), (220, 220, 40)]):
        x, y = (place % 2) * half[0], (place // 2) * half[1]
        image.paste(colour, (x, y, x + half[0] + size[0] % 2, y + half[1] + size[1] % 2))
    return image.convert(mode)


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    return saved(image or painted(), "JPEG", **options)


def png(image: Image.Image | None = None, **options: Any) -> bytes:
    return saved(image or painted(), "PNG", **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def noise(size: tuple[int, int], seed: int) -> bytes:
    """Return a JPEG that compresses badly: as large as a photo of a camera."""
    return jpeg(Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3)), quality=95)


def exif(**tags: Any) -> Image.Exif:
    found = Image.Exif()
    found[MAKER] = MARK.decode()
    found[TEXT] = MARK.decode()
    if "orientation" in tags:
        found[ORIENTATION] = tags["orientation"]
    if tags.get("gps"):
        found.get_ifd(GPS).update({1: "N", 2: (33.0, 37.0, 12.5), 3: "E", 4: (114.0, 38.0, 59.0)})
    return found


def segment(marker: int, content: bytes, after: bytes | None = None) -> bytes:
    """Return a JPEG with one more segment behind its first marker."""
    base = after or jpeg()
    return base[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + base[2:]


def chunk(name: bytes, content: bytes) -> bytes:
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png_of(width: int, height: int, *, bits: int = 8, colour: int = 0, pixels: bytes = b"") -> bytes:
    """Return a PNG with any size in its head, whatever its pixels are."""
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def zip_file() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("run.js", MARK)
    return written.getvalue()


def _texts() -> PngImagePlugin.PngInfo:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", MARK.decode())
    told.add_itxt("XML:com.adobe.xmp", MARK.decode())
    told.add_text("Location", MARK.decode(), zip=True)
    return told


def _deep() -> bytes:
    return png(Image.frombytes("I;16", SIZE, b"".join(struct.pack("<H", n * 40) for n in range(SIZE[0] * SIZE[1]))))


def _frames(kind: str) -> bytes:
    return saved(painted(), kind, save_all=True, append_images=[painted().rotate(180)], duration=100)


def _bomb() -> bytes:
    """900 million pixels in about a hundred thousand bytes."""
    return png_of(30_000, 30_000, bits=1, pixels=bytes(3_751 * 30_000))


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
BRANDS = {
    "heic by its head alone": lambda: HEIC,
    "heic of a phone": lambda: _branded(b"heic", b"mif1", b"heic", b"miaf"),
    "heic that calls itself heif": lambda: _branded(b"mif1", b"mif1", b"heic"),
    "heif without more": lambda: _branded(b"mif1"),
    "heic in ten bits": lambda: _branded(b"heix", b"mif1"),
    "heic of a burst": lambda: _branded(b"msf1", b"hevc", b"msf1"),
}
PROFILE = b"\0" * 36 + b"acsp" + MARK + bytes(128)

FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    **{f"orientation {n}": (lambda n=n: jpeg(exif=exif(orientation=n)), KEPT) for n in range(1, 9)},
    "orientation 0": (lambda: jpeg(exif=exif(orientation=0)), KEPT),
    "orientation 99": (lambda: jpeg(exif=exif(orientation=99)), KEPT),
    "plain jpeg": (jpeg, KEPT),
    "plain png": (png, KEPT),
    "progressive jpeg": (lambda: jpeg(progressive=True), KEPT),
    "grey jpeg": (lambda: jpeg(painted(mode="L")), KEPT),
    "cmyk jpeg": (lambda: jpeg(painted(mode="CMYK")), KEPT),
    "jpeg with gps": (lambda: jpeg(exif=exif(gps=True)), KEPT),
    "jpeg with comment": (lambda: jpeg(comment=b"<script>" + MARK + b"</script>"), KEPT),
    "jpeg with icc": (lambda: jpeg(icc_profile=PROFILE), KEPT),
    "jpeg with xmp": (lambda: segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARK), KEPT),
    "jpeg with iptc": (lambda: segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x18" + MARK), KEPT),
    "jpeg with every app segment": (lambda: _every_segment(), KEPT),
    "jpeg with broken exif": (lambda: segment(0xE1, b"Exif\0\0MM\0*\0\0\xff\xff" + MARK), KEPT),
    "jpeg with a thumbnail": (lambda: segment(0xE1, b"Exif\0\0" + MARK + jpeg()), KEPT),
    "jpeg with zip behind": (lambda: jpeg() + zip_file(), KEPT),
    "jpeg with html behind": (lambda: jpeg() + b"<html><script>" + MARK, KEPT),
    "jpeg with jpeg behind": (lambda: jpeg() + jpeg(exif=exif(gps=True)), KEPT),
    "jpeg and php": (lambda: jpeg(comment=b"<?php system($_GET[0]); ?>" + MARK), KEPT),
    "two pictures in one (mpo)": (lambda: _frames("MPO"), KEPT),
    "one pixel jpeg": (lambda: jpeg(painted((1, 1))), KEPT),
    "one pixel png": (lambda: png(painted((1, 1))), KEPT),
    "narrow and long": (lambda: png(painted((1, 15_000))), KEPT),
    "png see-through": (lambda: png(painted(mode="RGBA")), KEPT),
    "png grey see-through": (lambda: png(painted(mode="LA")), KEPT),
    "png palette": (lambda: png(painted(mode="P")), KEPT),
    "png palette with transparency": (lambda: png(painted(mode="P"), transparency=0), KEPT),
    "png one bit": (lambda: png(painted(mode="1")), KEPT),
    "png 16 bit": (_deep, KEPT),
    "png with text": (lambda: png(pnginfo=_texts()), KEPT),
    "png with exif": (lambda: png(exif=exif(gps=True, orientation=6)), KEPT),
    "png with icc": (lambda: png(icc_profile=PROFILE), KEPT),
    "png with zip behind": (lambda: png() + zip_file(), KEPT),
    "png interlaced by name only": (lambda: png(painted((7, 5))), KEPT),
    "empty": (lambda: b"", EMPTY),
    "one byte": (lambda: b"\xff", TYPE),
    "jpeg magic alone": (lambda: b"\xff\xd8\xff", TYPE),
    "png magic alone": (lambda: b"\x89PNG\r\n\x1a\n", TYPE),
    "truncated jpeg": (lambda: noise((200, 200), 1)[:4_000], BROKEN),
    "truncated png": (lambda: png(painted((300, 300)))[:-40], BROKEN),
    "png with broken pixels": (lambda: png_of(40, 40, pixels=b"\0" * 20), BROKEN),
    "svg": (lambda: SVG, TYPE),
    "html": (lambda: b"<html><script>alert(1)</script>", TYPE),
    **{name: (make, HIGH) for name, make in BRANDS.items()},
    "avif as phones write it": (lambda: _branded(b"avif", b"avif", b"mif1", b"miaf"), TYPE),
    "a film": (lambda: _branded(b"isom", b"isom", b"iso2", b"mp41"), TYPE),
    "a box without a brand": (lambda: b"\x00\x00\x00\x08ftyp", TYPE),
    "a box that claims to be endless": (lambda: b"\xff\xff\xff\xffftypqt  " + bytes(900), TYPE),
    "gif": (lambda: saved(painted(mode="P"), "GIF"), TYPE),
    "moving gif": (lambda: _frames("GIF"), TYPE),
    "webp": (lambda: saved(painted(), "WEBP"), TYPE),
    "avif": (lambda: saved(painted(), "AVIF"), TYPE),
    "tiff": (lambda: saved(painted(), "TIFF"), TYPE),
    "bmp": (lambda: saved(painted(), "BMP"), TYPE),
    "pdf": (lambda: b"%PDF-1.7\n" + MARK, TYPE),
    "zip": (zip_file, TYPE),
    "program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(100), TYPE),
    "noise": (lambda: random.Random(3).randbytes(5_000), TYPE),
    "moving png": (lambda: _frames("PNG"), MOVING),
    "bomb of 900 million pixels": (_bomb, PIXELS),
    "bomb by its head": (lambda: png_of(2**31 - 1, 2**31 - 1), PIXELS),
    "121 million pixels": (lambda: png_of(11_000, 11_000), PIXELS),
    "one pixel high, too long": (lambda: png_of(50_000, 1, pixels=bytes(50_001)), PIXELS),
    "no width": (lambda: png_of(0, 10), TYPE),
    "text bomb": (lambda: _text_bomb(), BROKEN),
}


def _branded(major: bytes, *others: bytes) -> bytes:
    """Return a whole file of the HEIF family, with its boxes and pixels, under brands of our choice."""
    made = saved(painted(), "AVIF")
    rest = made[int.from_bytes(made[:4], "big") :]
    head = b"ftyp" + major + bytes(4) + b"".join(others)
    return struct.pack(">I", len(head) + 4) + head + rest


def _every_segment() -> bytes:
    made = jpeg()
    for marker in [*range(0xE1, 0xF0), 0xFE]:
        made = segment(marker, MARK + bytes([marker]), made)
    return made


def _text_bomb() -> bytes:
    """A text chunk that unpacks to 128 MiB."""
    sound = png()
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(128 << 20)))
    return sound[:33] + bomb + sound[33:]


def mutations(count: int, seed: int) -> Iterator[bytes]:
    """Yield sound files with a few bytes spoiled, as a seed says."""
    dice = random.Random(seed)
    sound = [make() for make, fate in FILES.values() if fate == KEPT]
    for _ in range(count):
        spoiled = bytearray(dice.choice(sound))
        for _ in range(dice.choice((1, 1, 2, 5, 20))):
            match dice.randrange(4):
                case 0:
                    spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
                case 1:
                    spoiled[dice.randrange(min(64, len(spoiled)))] ^= 1 << dice.randrange(8)
                case 2:
                    del spoiled[dice.randrange(1, len(spoiled)) :]
                case _:
                    at = dice.randrange(len(spoiled))
                    spoiled[at:at] = dice.randbytes(dice.randrange(1, 9))
            if len(spoiled) < 2:
                break
        yield bytes(spoiled)


def metadata_of(content: bytes) -> bytes:
    """Return everything in a JPEG that is neither pixels nor needed to decode them: application data and comments.

    The one segment that says "this is a JFIF file" belongs to the format.
    """
    found, at = b"", 2
    assert content[:2] == b"\xff\xd8"
    while content[at + 1] != 0xDA:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        body = content[at + 4 : at + 2 + length]
        if marker == 0xFE or (
            0xE0 <= marker <= 0xEF and not (marker == 0xE0 and body[:5] == b"JFIF\0" and length == 16)
        ):
            found += body
        at += 2 + length
    end = content.rindex(b"\xff\xd9") + 2
    return found + content[end:]
