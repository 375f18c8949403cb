"""QR codes as another phone's camera reads them from a screen.

The reader is asked for QR codes alone: asked for every kind, it finds a Codabar or ITF of four characters by chance
among the modules of one QR code in about two hundred, beside the QR code itself.
"""

from __future__ import annotations

import zxingcpp
from PIL.Image import Image


def texts_in(picture: Image) -> list[str]:
    """Return the texts of the QR codes in a picture."""
    return [str(code.text) for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)]
