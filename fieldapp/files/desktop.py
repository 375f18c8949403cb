"""A person's files on a desktop: saved into the folder of downloads, chosen in a panel over the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from fieldapp.files.port import Chosen, ChosenAnswer, NoFiles, Saved, SavedAnswer
from fieldapp.parts import Run
from fieldapp.rescue.package import ENDING
from fieldapp.store.photos import sync_folder
from fieldapp.ui_thread import Post
from shared.texts import Texts

MOST_SHOWN = 40


def default_folder(home: Path) -> Path:
    """Return where files that were sent arrive on this desktop, or the home folder where there is no such place."""
    downloads = home / "Downloads"
    return downloads if downloads.is_dir() else home


class DesktopFiles:
    """Serves one folder; files are looked at and copied beside the UI thread."""

    def __init__(self, folder: Path, texts: Texts, *, run: Run, post: Post) -> None:
        self._folder, self._texts, self._run, self._post = folder, texts, run, post
        self._told: Callable[[ChosenAnswer], None] | None = None
        self._chooser: Any = None

    def save(self, source: Path, told: Callable[[SavedAnswer], None]) -> None:
        """Copy the file into the folder."""
        self._run(lambda: told(self._copied(source)))

    def _copied(self, source: Path) -> SavedAnswer:
        target = self._folder / source.name
        unfinished = target.with_name(f"{target.name}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as ours, unfinished.open("wb") as theirs:
                shutil.copyfileobj(ours, theirs)
                theirs.flush()
                os.fsync(theirs.fileno())
            unfinished.rename(target)
            sync_folder(self._folder)
        except OSError:
            with suppress(OSError):  # where nothing can be written there may be nothing to remove either
                unfinished.unlink()
            return NoFiles()
        return Saved(str(target))

    def choose(self, told: Callable[[ChosenAnswer], None]) -> None:
        """Show the newest rescue files of the folder."""
        self.close()
        self._told = told
        self._run(lambda: self._look(told))

    def _look(self, told: Callable[[ChosenAnswer], None]) -> None:
        try:
            found = sorted(self._folder.glob(f"*{ENDING}"), key=lambda path: -path.stat().st_mtime)[:MOST_SHOWN]
        except OSError:
            found = []
        self._post(lambda: self._show(found) if told is self._told else None)

    def _show(self, found: list[Path]) -> None:
        from fieldapp.files.chooser import FileChooser

        self._chooser = FileChooser(self._texts, str(self._folder), found)
        self._chooser.bind(
            on_choose=lambda _, path: self._answer(_chosen(path)), on_dismiss=lambda _: self._dismissed()
        )
        self._chooser.open()

    def _dismissed(self) -> None:
        self._chooser = None
        self._answer(None)

    def _answer(self, answer: ChosenAnswer) -> None:
        """Answer once; a panel that is taken away is an answer only where nothing was chosen before."""
        told = self._told
        self.close()
        if told is not None:
            told(answer)

    def close(self) -> None:
        """Take the panel away."""
        self._told = None
        if self._chooser is not None:
            chooser, self._chooser = self._chooser, None
            chooser.dismiss()


def _chosen(path: Path) -> Chosen:
    return Chosen(lambda: path.open("rb"))
