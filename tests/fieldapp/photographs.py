"""Labels as a phone's camera sees them: turned, tilted, blurred, noisy, unevenly lit. Drawn from a seed."""

from __future__ import annotations

import io

import numpy as np
import qrcode
from PIL import Image, ImageFilter

from fieldapp.camera.port import Frame, Pixels
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.sight import Sight

GROUND = (186, 178, 160)


def a_code(text: str, *, module_px: int = 5) -> Image.Image:
    """Return the QR code of a text as it is printed, level Q with its quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, box_size=module_px, border=4)
    code.add_data(text)
    code.make()
    return code.make_image().get_image().convert("RGB")


def a_photograph(
    *texts: str,
    seed: int = 1,
    size: tuple[int, int] = (720, 960),
    module_px: int = 5,
    blur_px: float = 0.8,
    noise: float = 8.0,
    turn: float | None = None,
) -> Image.Image:
    """Return a picture with the codes of some texts, side by side on a table."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", size, GROUND)
    for place, text in enumerate(texts):
        code = a_code(text, module_px=module_px)
        angle = float(chance.uniform(-18, 18)) if turn is None else turn
        code = _tilted(code, chance).rotate(angle, expand=True, fillcolor=GROUND, resample=Image.Resampling.BICUBIC)
        free = size[0] // len(texts)
        x = place * free + max(0, (free - code.width) // 2)
        picture.paste(code, (x, max(0, (size[1] - code.height) // 2)))
    picture = picture.filter(ImageFilter.GaussianBlur(blur_px))
    return _lit_and_noisy(picture, chance, noise)


def _tilted(code: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Return the code as seen from a little to one side."""
    width, height = code.size
    shift = [float(value) for value in chance.uniform(0, 0.06, 4)]
    corners = (
        *(-shift[0] * width, -shift[1] * height, -shift[2] * width, height * (1 + shift[3])),
        *(width * (1 + shift[1]), height * (1 + shift[0]), width * (1 + shift[3]), -shift[2] * height),
    )
    return code.transform(code.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=GROUND)


def _lit_and_noisy(picture: Image.Image, chance: np.random.Generator, noise: float) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float32)
    light = np.linspace(0.75, 1.1, pixels.shape[1], dtype=np.float32)[None, :, None]
    grain = chance.normal(0, noise, pixels.shape).astype(np.float32)
    return Image.fromarray(np.clip(pixels * light + grain, 0, 255).astype(np.uint8))


def a_frame(picture: Image.Image, number: int = 1, pixels: Pixels = Pixels.RGB) -> Frame:
    """Return a picture as the camera hands it over."""
    mode = "L" if pixels is Pixels.LUMA else "RGB"
    return Frame(number, picture.width, picture.height, picture.convert(mode).tobytes(), pixels)


def a_sight_of(*texts: str, seed: int = 1) -> Sight:
    """Return what the real decoder sees in a picture with some codes side by side."""
    frame = a_frame(a_photograph(*texts, seed=seed, size=(1280, 960)))
    return Sight(frame, tuple(Decoder().codes(frame)))


def a_jpeg(picture: Image.Image) -> bytes:
    """Return a picture as a file."""
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    return content.getvalue()
