"""``python -m tests.pictures [--out FOLDER] [NAME ...]``: take the pictures, and keep those whose names begin so."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.journeys.conftest import start_city
from tests.pictures.album import Album
from tests.pictures.app import take_app
from tests.pictures.labelling import take_labelling
from tests.pictures.pages import take_pages

ROOT = Path(__file__).resolve().parents[2]
INSTRUMENTS = 1000


def main() -> int:
    """Start a demo, take the pictures, end it."""
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "pictures", metavar="FOLDER")
    parser.add_argument("names", nargs="*", metavar="NAME", help="beginnings of names, like app-check; none: all")
    read = parser.parse_args()
    album = Album(read.out, tuple(read.names))
    with tempfile.TemporaryDirectory(prefix="dingpan-pictures-") as name:
        folder = Path(name)
        process, city = start_city(folder / "demo", "--instruments", str(INSTRUMENTS))
        try:
            take_app(city, album, folder)
            take_labelling(city, album, folder)
            take_pages(city, album, folder)
        finally:
            process.terminate()
            process.wait(timeout=20)
    sys.stdout.write(f"{read.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
