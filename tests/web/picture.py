"""A plain picture of an instrument with its number, for pages that show one."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw


def a_picture(serial: str) -> bytes:
    """Return a small JPEG."""
    image = Image.new("RGB", (480, 360), "silver")
    ImageDraw.Draw(image).text((40, 160), serial, fill="black", font_size=48)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()
