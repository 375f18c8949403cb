"""Noto Sans SC in the two weights the product uses.

Kivy's own font has no Chinese. The files are not in this repository: they come from the npm package
``@expo-google-fonts/noto-sans-sc``, and on a phone they are staged beside the app.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kivy.core.text import DEFAULT_FONT, LabelBase

FONT = "NotoSansSC"
REGULAR = "NotoSansSC_400Regular.ttf"
STRONG = "NotoSansSC_600SemiBold.ttf"
PACKAGE = Path("node_modules/@expo-google-fonts/noto-sans-sc")


class FontsMissing(FileNotFoundError):
    """Noto Sans SC is in none of the places searched; the sentence says how to get it."""

    def __init__(self, searched: list[Path]) -> None:
        places = ", ".join(str(place) for place in searched)
        super().__init__(
            f"Noto Sans SC is missing, without it Chinese shows as empty boxes. Run `npm ci`, or name the folder "
            f"that holds {REGULAR} and {STRONG}. Searched: {places}"
        )


@dataclass(frozen=True)
class FontFiles:
    """The two files that ``register_fonts`` needs."""

    regular: Path
    strong: Path


def find_fonts(directory: Path | None = None) -> FontFiles:
    """Return the font files of ``directory``, else those beside the app, else those of the repository's npm tree.

    A folder may hold the two files side by side or as the npm package does. Raises FontsMissing.
    """
    searched = list(_places(directory))
    for place in searched:
        for found in (
            FontFiles(place / REGULAR, place / STRONG),
            FontFiles(place / "400Regular" / REGULAR, place / "600SemiBold" / STRONG),
        ):
            if found.regular.is_file() and found.strong.is_file():
                return found
    raise FontsMissing(searched)


def register_fonts(files: FontFiles) -> None:
    """Give Kivy the font as ``NotoSansSC`` and also under its default name, so that no label is without Chinese."""
    for name in (FONT, DEFAULT_FONT):
        LabelBase.register(name, fn_regular=str(files.regular), fn_bold=str(files.strong))


def _places(directory: Path | None) -> Iterator[Path]:
    app = Path(__file__).resolve().parents[1]
    if directory is not None:
        yield directory
    yield app / "fonts"
    yield app.parent / PACKAGE
