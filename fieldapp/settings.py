"""Settings of one run of the app, read once from the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.texts import LANGUAGES

TEXT_SCALES = (1.0, 1.3, 1.6)
PHONE = (390, 844)


@dataclass(frozen=True)
class Settings:
    """Where the data lie, where the camera's frames come from, how large the window is.

    ``frames_dir`` None: the machine's own camera. ``album_dir`` None: the folders in which this user keeps pictures.
    ``files_dir`` None: where this user's downloads lie, or on a phone wherever the person says.
    ``enrolment`` is the text of an enrolment QR, instead of scanning it. ``is_metered``: a desktop acts as if its
    network were paid for by the byte.
    ``language`` None: as chosen in the app before, Chinese at first.
    """

    data_dir: Path
    frames_dir: Path | None = None
    album_dir: Path | None = None
    files_dir: Path | None = None
    enrolment: str = ""
    window_size: tuple[int, int] = PHONE
    language: str | None = None
    fonts_dir: Path | None = None
    is_metered: bool = False


def from_arguments(arguments: Sequence[str]) -> Settings:
    """Read the command line; argparse ends the program with a sentence when it is wrong."""
    parser = argparse.ArgumentParser(prog="dingpan-field", description="The inspector's app of Dingpan.")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept")
    parser.add_argument("--frames", type=Path, metavar="DIR", help="a folder of pictures that serves as the camera")
    parser.add_argument("--album", type=Path, metavar="DIR", help="a folder of pictures that serves as the album")
    parser.add_argument("--files", type=Path, metavar="DIR", help="a folder to save rescue files in and open them from")
    parser.add_argument("--enrol", default="", metavar="TEXT", help="the text of the enrolment code, instead of a scan")
    parser.add_argument("--size", type=_size, default=PHONE, metavar="WxH", help="size of the window (390x844)")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the screens (zh-CN)")
    parser.add_argument("--fonts", type=Path, metavar="DIR", help="folder of Noto Sans SC, searched first")
    parser.add_argument("--metered", action="store_true", help="act as on mobile data: large photos wait")
    read = parser.parse_args(arguments)
    return Settings(
        data_dir=read.data or default_data_dir(),
        frames_dir=read.frames,
        album_dir=read.album,
        files_dir=read.files,
        enrolment=read.enrol,
        window_size=read.size,
        language=read.lang,
        fonts_dir=read.fonts,
        is_metered=read.metered,
    )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError("write it as 390x844")
    return int(width), int(height)


def default_data_dir() -> Path:
    """Return the folder of this user's app data."""
    if private := os.environ.get("ANDROID_PRIVATE"):
        return Path(private) / "dingpan"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Dingpan"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "Dingpan"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "dingpan"
