"""The album of a desktop: the newest pictures of the user's folders, in a panel over the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from fieldapp.album.folder import Found, newest, small_copy
from fieldapp.album.port import NoAlbum, Picture, Told
from fieldapp.parts import Run
from fieldapp.ui_thread import Post
from shared.texts import Texts


def picture_folders(home: Path) -> tuple[Path, ...]:
    """Return where a desktop keeps pictures, and where those that were sent arrive.

    Windows and macOS show these names translated but keep them on disk; a Linux desktop writes its own, often
    translated ones down as ``XDG_PICTURES_DIR="$HOME/..."`` (xdg-user-dirs, user-dirs.dirs).
    """
    try:
        written = (home / ".config" / "user-dirs.dirs").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        written = ""
    named = re.findall(r'^XDG_(?:PICTURES|DOWNLOAD)_DIR="\$HOME/(.+)"$', written, re.MULTILINE)
    return tuple(home / name for name in dict.fromkeys((*named, "Pictures", "Downloads")))


class DesktopAlbum:
    """Serves the pictures of some folders; files are looked at beside the UI thread."""

    def __init__(self, folders: tuple[Path, ...], texts: Texts, *, run: Run, post: Post) -> None:
        self._folders, self._texts, self._run, self._post = folders, texts, run, post
        self._is_over = Event()
        self._told: Told | None = None
        self._chooser: Any = None

    def ask(self, told: Told) -> None:
        """Look for pictures, then show them."""
        self.close()
        self._told, self._is_over = told, Event()
        self._run(partial(self._look, self._is_over))

    def close(self) -> None:
        """Take the panel away."""
        self._told = None
        self._is_over.set()
        if self._chooser is not None:
            chooser, self._chooser = self._chooser, None
            chooser.dismiss()

    def _look(self, is_over: Event) -> None:
        try:
            pictures = newest(self._folders)
        except FileNotFoundError:
            self._later(is_over, lambda: self._answer(NoAlbum()))
            return
        self._later(is_over, lambda: self._show(pictures))
        for place, found in enumerate(pictures):
            if is_over.is_set():
                return
            self._later(is_over, partial(self._paint, place, small_copy(found.path)))

    def _later(self, is_over: Event, call: Callable[[], None]) -> None:
        self._post(lambda: None if is_over.is_set() else call())

    def _show(self, pictures: list[Found]) -> None:
        from fieldapp.album.chooser import PictureChooser

        self._chooser = PictureChooser(self._texts, [found.path.name for found in pictures])
        self._chooser.bind(
            on_choose=lambda _, place: self._answer(_picture(pictures[place].path)),
            on_dismiss=lambda _: self._dismissed(),
        )
        self._chooser.open()

    def _dismissed(self) -> None:
        self._chooser = None
        self._answer(None)

    def _paint(self, place: int, content: bytes | None) -> None:
        self._chooser.paint(place, content)

    def _answer(self, answer: Picture | NoAlbum | None) -> None:
        """Answer once; a panel that is taken away is an answer only where nothing was chosen before."""
        told = self._told
        self.close()
        if told is not None:
            told(answer)


def _picture(path: Path) -> Picture:
    return Picture(lambda: path.open("rb"))
