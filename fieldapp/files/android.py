"""A person's files on an Android phone, by the Storage Access Framework: downloads, a stick, whatever app offers room.

ACTION_CREATE_DOCUMENT and ACTION_OPEN_DOCUMENT (API level 19) show the system's own chooser and answer with a content
address, which the content resolver opens; so no permission to read or write the storage is needed.
Not yet run on a phone: its tests drive it with stand-ins for the Java classes.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fieldapp.album.android import RESULT_OK, opened
from fieldapp.camera.java import Java, android_java
from fieldapp.files.port import Chosen, ChosenAnswer, NoFiles, Saved, SavedAnswer
from fieldapp.parts import Run

ANY_FILE = "*/*"
NO_SYNC = (errno.EINVAL, errno.EOPNOTSUPP)
BYTES = "application/octet-stream"  # a type without an ending of its own: the name stays as it is


class AndroidFiles:
    """Asks the system; ``java`` is what reaches the Java side, ``run`` copies beside the UI thread."""

    def __init__(self, run: Run, java: Java | None = None) -> None:
        self._run, self._java = run, java or android_java()
        self._asked: object = None

    def save(self, source: Path, told: Callable[[SavedAnswer], None]) -> None:
        """Let the person say where, then copy the file there."""

        def _answered(address: Any) -> None:
            if address is None:
                told(None)
            else:
                self._run(lambda: told(self._copied(source, address)))

        def _intent(intents: Any) -> Any:
            intent = intents(intents.ACTION_CREATE_DOCUMENT)
            intent.setType(BYTES)
            intent.putExtra(intents.EXTRA_TITLE, source.name)
            return intent

        self._ask(_intent, _answered, lambda: told(NoFiles()))

    def choose(self, told: Callable[[ChosenAnswer], None]) -> None:
        """Show the system's chooser."""

        def _intent(intents: Any) -> Any:
            intent = intents(intents.ACTION_OPEN_DOCUMENT)
            intent.setType(ANY_FILE)
            return intent

        def _answered(address: Any) -> None:
            told(None if address is None else Chosen(lambda: opened(self._java, address)))

        self._ask(_intent, _answered, lambda: told(NoFiles()))

    def close(self) -> None:
        """Drop the answer: only the person can leave the system's chooser."""
        self._asked = None

    def _ask(self, make: Callable[[Any], Any], answered: Callable[[Any], None], failed: Callable[[], None]) -> None:
        asked = self._asked = object()

        def _take(result: int, answer: Any) -> None:
            if asked is self._asked:
                self._asked = None
                answered(answer.getData() if result == RESULT_OK and answer is not None else None)

        def _show() -> None:
            intents = self._java.new("android.content.Intent")
            intent = make(intents)
            intent.addCategory(intents.CATEGORY_OPENABLE)
            try:
                self._java.ask_activity(intent, _take)
            except self._java.exception:
                self._asked = None
                failed()

        self._java.on_main_thread(_show)

    def _copied(self, source: Path, address: Any) -> SavedAnswer:
        """Copy a file to a content address; what was begun there is deleted where that fails."""
        try:
            with source.open("rb") as ours, opened(self._java, address, "w") as theirs:
                shutil.copyfileobj(ours, theirs)
                theirs.flush()
                _make_sure(theirs.fileno())
        except OSError:
            self._delete(address)
            return NoFiles()
        return Saved("")

    def _delete(self, address: Any) -> None:
        contract = self._java.new("android.provider.DocumentsContract")
        try:
            contract.deleteDocument(self._java.activity.getContentResolver(), address)
        except self._java.exception:
            return  # a provider that cannot delete keeps a part, which no server takes for a package


def _make_sure(number: int) -> None:
    """Have what was written survive a power cut; a provider that hands out a pipe has nothing to sync."""
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in NO_SYNC:
            raise
