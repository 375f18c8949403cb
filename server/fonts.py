"""Where the installed Chinese font lies: Noto Sans SC, from the npm lock."""

from __future__ import annotations

from pathlib import Path

from server.mending import CannotDo

FAMILY = "@expo-google-fonts/noto-sans-sc"
FILES = {400: "400Regular/NotoSansSC_400Regular.ttf", 600: "600SemiBold/NotoSansSC_600SemiBold.ttf"}


class MissingFont(CannotDo):
    """The font is not installed; the message says what to do."""


def chinese_font(assets_dir: Path, weight: int = 400) -> Path:
    """Return the font file of a weight; raises MissingFont."""
    path = assets_dir / FAMILY / FILES[weight]
    if not path.is_file():
        raise MissingFont(f"{path} is missing. Run 'make install' to install the fonts.")
    return path
