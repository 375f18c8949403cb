"""Letters: the installed Chinese font in two weights, how wide a text is, and how it breaks into lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from unicodedata import category

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from server.fonts import chinese_font

REGULAR, STRONG = 400, 600
FACES = {REGULAR: "NotoSansSC", STRONG: "NotoSansSC-SemiBold"}
NEVER_FIRST = ("Po", "Pe", "Pf")  # Unicode categories: what closes or ends, and no line begins with


@dataclass(frozen=True)
class Lettering:
    """The font files by weight; known to ReportLab under the names of ``FACES``."""

    files: dict[int, Path]

    def width(self, text: str, weight: int, size: float) -> float:
        """Return how wide a text is, in the unit of its size."""
        return _width(text, weight) * size

    def broken(self, text: str, weight: int, size: float, width: float) -> list[str]:
        """Return the lines of a text, none wider than ``width``; a word that is wider is cut where it must be."""
        lines: list[str] = []
        pieces = [
            part
            for piece in _pieces(text)
            for part in ([piece] if self.width(piece.rstrip(), weight, size) <= width else piece)
        ]
        for piece in pieces:
            joined = lines[-1] + piece if lines else piece
            if lines and self.width(joined.rstrip(), weight, size) > width:
                lines.append(piece.lstrip())
            else:
                lines[-1:] = [joined]
        return [line.strip() for line in lines]


def lettering(assets_dir: Path) -> Lettering:
    """Return the installed font, read once in a process; raises MissingFont."""
    files = {weight: chinese_font(assets_dir, weight) for weight in FACES}
    known = pdfmetrics.getRegisteredFontNames()
    for weight, path in files.items():
        if FACES[weight] not in known:
            pdfmetrics.registerFont(TTFont(FACES[weight], str(path)))
    return Lettering(files)


@lru_cache(maxsize=4096)
def _width(text: str, weight: int) -> float:
    """Return how wide a text of size one is; most texts of a sheet stand on every label."""
    return float(pdfmetrics.stringWidth(text, FACES[weight], 1.0))


def _pieces(text: str) -> list[str]:
    """Cut a text where a line may end: between Chinese characters, after a space, a hyphen or a dot of a host.

    >>> _pieces("请到 QR 处，扫码 A.B-C.CN")
    ['请', '到 ', 'QR ', '处，', '扫', '码 ', 'A.', 'B-', 'C.', 'CN']
    """
    pieces = [""]
    for before, character in zip("\n" + text, text, strict=False):
        may_end = before in " .-" or ord(before) > 0x2E7F or (ord(character) > 0x2E7F and before != "\n")
        if may_end and category(character) not in NEVER_FIRST and character != " ":
            pieces.append(character)
        else:
            pieces[-1] += character
    return pieces
