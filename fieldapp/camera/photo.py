"""A photo from a frame: upright, as a JPEG file."""

from __future__ import annotations

import io

from fieldapp.camera.port import Frame, Pixels

QUALITY = 88
QUARTER = 90


def jpeg_of(frame: Frame) -> bytes:
    """Return a frame as a JPEG file that stands upright; one of light alone is grey."""
    from PIL import Image

    mode = "L" if frame.pixels is Pixels.LUMA else "RGB"
    picture = Image.frombytes(mode, (frame.width, frame.height), frame.content)
    if frame.turned:
        picture = picture.rotate(-QUARTER * frame.turned, expand=True)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=QUALITY)
    return content.getvalue()
