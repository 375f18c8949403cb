"""Pictures of the drawn instruments: JPEG, 480 by 360, the same bytes each time.

The scene and the thing are painted once for each look; the nameplate, the display and the tag for each instrument. A
person compares the serial number on the plate with the real one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zlib import crc32

from PIL import Image

from server.demo.city import City
from server.demo.drawing import optics, pumps, scales, scenes
from server.demo.drawing.canvas import Box, Colour
from server.demo.drawing.lettering import Letterer
from server.demo.lists import words
from server.demo.register import Instrument, Nozzle
from shared.quantities import mass_text
from shared.scales import Scale
from shared.words import InstrumentKind

BODIES: tuple[Colour, ...] = ((226, 228, 224), (72, 96, 112), (206, 196, 178), (150, 60, 52), (58, 104, 88))
BANDS: dict[str, Colour] = {"92": (40, 110, 180), "95": (34, 132, 84), "98": (196, 120, 30), "0号": (86, 90, 96)}
TAG: Box = (14, 12, 92, 52)
QUALITY = 62
OPTICS_BODY: Colour = (240, 241, 242)
ROWS = ("0.00", "0.00", "7.86")


def draw_pictures(city: City, fonts: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (instrument id, JPEG) for every instrument of a city."""
    nozzles = {nozzle.instrument_id: nozzle for nozzle in city.nozzles}
    stalls = {stall.id: stall.number for stall in city.stalls}
    spots = {custody.instrument_id: stalls.get(custody.stall_id or "", "") for custody in city.custodies}
    for instrument in city.instruments:
        spot = spots[instrument.id] or instrument.own_no or ""
        yield instrument.id, draw_picture(instrument, nozzle=nozzles.get(instrument.id), spot=spot, fonts=fonts)


def draw_picture(instrument: Instrument, *, nozzle: Nozzle | None = None, spot: str = "", fonts: Path) -> bytes:
    """Return the picture of one instrument; ``spot`` is written on the tag beside it, "" leaves the tag out.

    ``fonts`` is the folder of Noto Sans SC with ``400Regular`` and ``700Bold``.
    """
    if nozzle is not None:
        picture = _nozzle(instrument, nozzle, fonts)
    elif instrument.scale is not None:
        picture = _scale(instrument, instrument.scale, spot, fonts)
    else:
        picture = _optics(instrument, fonts)
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=QUALITY)
    return jpeg.getvalue()


def _scale(instrument: Instrument, scale: Scale, spot: str, fonts: Path) -> Image.Image:
    is_platform, goods = instrument.model.startswith("TCS"), _goods(instrument, spot)
    maker = words("makers", "scale").index(instrument.maker)
    picture = _scale_look(maker, goods, is_platform=is_platform, computes=scale.price_computing).copy()
    letters, zero = Letterer(picture, fonts), mass_text(0, d_mg=scale.d_mg)
    windows = _windows(is_platform=is_platform, computes=scale.price_computing)
    for window, figures in zip(windows, (zero, "0.00", "0.00"), strict=False):
        _figures(letters, window, figures)
    plate = scales.PLATFORM_PLATE if is_platform else scales.COUNTER_PLATE
    limits = f"{instrument.model}  Max {mass_text(scale.max_mg)} kg  e={mass_text(scale.e_mg, unit='g')} g"
    letters.plate(plate, (instrument.maker, limits), instrument.serial)
    letters.class_sign((plate[2] - 28, plate[1] + 14), scale.accuracy_class)
    if spot:
        letters.tag(TAG, spot)
    return picture


def _nozzle(instrument: Instrument, nozzle: Nozzle, fonts: Path) -> Image.Image:
    grade = next(grade for grade in BANDS if nozzle.product.startswith(grade))
    picture = _pump_look(words("makers", "fuel_nozzle").index(instrument.maker), grade).copy()
    letters = Letterer(picture, fonts)
    letters.text(_middle(pumps.BAND), nozzle.product, 16, (250, 250, 248), bold=True, align="centre")
    for window, figures, unit in zip(pumps.WINDOWS, ROWS, words("signs", "dispenser_rows"), strict=True):
        _figures(letters, window, figures)
        letters.text((window[2] + 6, _middle(window)[1]), unit, 12, (226, 230, 226))
    letters.text(_middle(pumps.BOARD), nozzle.number, 34, bold=True, align="centre")
    letters.plate(pumps.PLATE, (instrument.maker, _what(instrument)), instrument.serial)
    return picture


def _optics(instrument: Instrument, fonts: Path) -> Image.Image:
    picture = _optics_look(instrument.kind).copy()
    Letterer(picture, fonts).plate(optics.PLATE, (instrument.maker, _what(instrument)), instrument.serial)
    return picture


@cache
def _scale_look(maker: int, goods: str, *, is_platform: bool, computes: bool) -> Image.Image:
    canvas = (scenes.stall(goods) if goods else scenes.counter()).copy()
    draw = scales.platform_scale if is_platform else scales.counter_scale
    draw(canvas, BODIES[maker], windows=_windows(is_platform=is_platform, computes=computes))
    return canvas.finish()


@cache
def _pump_look(maker: int, grade: str) -> Image.Image:
    canvas = scenes.forecourt().copy()
    pumps.dispenser(canvas, BODIES[maker], BANDS[grade])
    return canvas.finish()


@cache
def _optics_look(kind: InstrumentKind) -> Image.Image:
    canvas = scenes.consulting_room().copy()
    draw = optics.optometer if kind is InstrumentKind.OPTOMETER else optics.focimeter
    draw(canvas, OPTICS_BODY)
    return canvas.finish()


def _windows(*, is_platform: bool, computes: bool) -> tuple[Box, ...]:
    if is_platform:
        return scales.PLATFORM_WINDOWS if computes else scales.ONE_PLATFORM_WINDOW
    return scales.COUNTER_WINDOWS if computes else scales.ONE_COUNTER_WINDOW


def _goods(instrument: Instrument, spot: str) -> str:
    """Return what is heaped behind a stall; "" for a counter. The zone of the stall says it, else the serial."""
    zones = {"A": "greens", "B": "fruits", "E": "grains"}
    return zones.get(spot[:1], "greens" if spot and crc32(instrument.serial.encode()) % 2 else "")


def _what(instrument: Instrument) -> str:
    return f"{words('signs', instrument.kind)[0]}  {instrument.model}"


def _figures(letters: Letterer, window: Box, figures: str) -> None:
    size = round((window[3] - window[1]) * 0.72)
    letters.text((window[2] - 5, _middle(window)[1]), figures, size, (34, 44, 34), bold=True, align="right")


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
