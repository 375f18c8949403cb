"""Which files a printing job becomes: one PDF for all labels, or one picture or NFC message for each."""

from __future__ import annotations

from pathlib import Path

from server.seals.printing.face import Label, face_of
from server.seals.printing.layouts import LAYOUTS, SMALL_MM, BadOrder
from server.seals.printing.lettering import Lettering
from server.seals.printing.ndef import ndef_message
from server.seals.printing.paper import sheets
from server.seals.printing.picture import png, svg
from shared.seal import short_code
from shared.texts import Texts

FORMATS = (".pdf", ".png", ".svg", ".ndef")


def printed(
    labels: list[Label],
    out: Path,
    letters: Lettering,
    texts: Texts,
    *,
    layout: str,
    wanted_mm: int = SMALL_MM,
    start: int = 1,
) -> dict[Path, bytes]:
    """Return the files by name; the name asked for says the format, one of ``FORMATS``.

    Of several pictures each has the label's short code in its name. Raises BadOrder.
    """
    kind = out.suffix.lower()
    if kind not in FORMATS:
        raise BadOrder(f"{out.name}: end the name with one of {', '.join(FORMATS)}.")
    page = LAYOUTS[layout]
    if kind == ".pdf":
        return {out: sheets(labels, page, letters, texts, wanted_mm=wanted_mm, start=start)}
    files = {}
    for label in labels:
        name = out if len(labels) == 1 else out.with_stem(f"{out.stem}-{short_code(label.serial)}")
        if kind == ".ndef":
            files[name] = ndef_message(label.link)
            continue
        face = face_of(label, page, wanted_mm, letters, texts)
        files[name] = png(face, letters) if kind == ".png" else svg(face, letters).encode()
    return files
