"""Labels as a bureau prints them, photographed on a counter."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.journeys.conftest import DINGPAN, City
from tests.journeys.photograph import photograph, rasterise


def photographed(city: City, serial: int, folder: Path, seed: int) -> Path:
    """Print a label and photograph it on a counter."""
    pdf, picture = folder / f"label-{serial}.pdf", folder / f"label-{serial}.jpg"
    pages = folder / f"pages-{serial}"
    pages.mkdir(exist_ok=True)
    command = [str(DINGPAN), "label", str(serial), "--data", str(city.folder), "--out", str(pdf)]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)
    photograph(rasterise(pdf, pages), seed=seed).save(picture, quality=90)
    return picture
