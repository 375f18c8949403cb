"""A screen of our own: Xvfb on a free display, whose pixels lie in a file."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 1000, 1000
XWD_WORDS = 25


class Display:
    """Started at once; ``name`` is what programs find in DISPLAY."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._width, self._height = width, height
        self._folder = Path(tempfile.mkdtemp(prefix="dingpan-display-"))
        reader, writer = os.pipe()
        screen = f"{width}x{height}x24"
        command = [
            "Xvfb",
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            screen,
            "-fbdir",
            str(self._folder),
            "-nolisten",
            "tcp",
        ]
        self._server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as answered:
            number = answered.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.name = f":{number}"

    def screenshot(self, width: int, height: int) -> Image.Image:
        """Return the upper left part of the screen (X11 XWDFile.h, version 7: words, colour map, rows of BGRX)."""
        content = (self._folder / "Xvfb_screen0").read_bytes()
        words = struct.unpack(f">{XWD_WORDS}I", content[: 4 * XWD_WORDS])
        header_size, colours, row_bytes = words[0], words[19], words[12]
        start = header_size + colours * 12
        whole = Image.frombuffer("RGB", (self._width, self._height), content[start:], "raw", "BGRX", row_bytes, 1)
        return whole.crop((0, 0, width, height))

    def stop(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
