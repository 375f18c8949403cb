"""Staging the app for Android: ``python -m fieldapp.staging`` fills ``build/android``, where buildozer runs.

python-for-android wants a ``main.py`` at the root of what it packs, beside the two packages it runs; the fonts come
from the npm package, the icon from the drawing of the mark.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from shared.look import Paint, load_shapes, load_tokens
from shared.look.shapes import BOX

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("fieldapp", "shared")
NOT_PACKED = ("__pycache__", "*.pyc", "buildozer.spec", "staging.py", "fonts")
MAIN = '"""The app on a phone."""\n\nfrom fieldapp.main import main\n\nmain([])\n'
ICON_PX = 512


def stage(target: Path, fonts: Path | None = None) -> None:
    """Fill a folder with all that is packed; what was staged before is replaced, buildozer's own folders stay.

    Raises FontsMissing where Noto Sans SC is not found: a phone without it would show empty boxes.
    """
    from fieldapp.theme.fonts import find_fonts

    found = find_fonts(fonts)
    for name in PACKAGES:
        shutil.rmtree(target / name, ignore_errors=True)
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns(*NOT_PACKED))
    (target / "fieldapp" / "fonts").mkdir()
    for path in (found.regular, found.strong):
        shutil.copy(path, target / "fieldapp" / "fonts")
    (target / "main.py").write_text(MAIN, "utf-8")
    shutil.copy(ROOT / "fieldapp" / "buildozer.spec", target)
    draw_icon(ICON_PX).save(target / "icon.png")


def draw_icon(size_px: int) -> Image.Image:
    """Return the mark on the brand's ground; drawn large and made small, so that its edges are smooth."""
    colours, large_px = load_tokens().light, size_px * 4
    icon = Image.new("RGB", (large_px, large_px), colours.brand)
    pen = ImageDraw.Draw(icon)
    inset, side = large_px * 0.14, large_px * 0.72
    for outline in load_shapes().mark.outlines:
        points = [(inset + x * side / BOX, inset + y * side / BOX) for x, y in outline.points]
        pen.polygon(points, fill=colours.text_on_brand if outline.paint is Paint.FILL else colours.brand)
    return icon.resize((size_px, size_px), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "android"
    stage(folder)
    sys.stdout.write(f"{folder}\n")
