"""The pictures of an Android phone, by the system's own chooser: the app sees the one picture that is touched.

So no permission to read the storage is needed. Android 13 has a photo picker (MediaStore.ACTION_PICK_IMAGES, API level
33); before it, and on phones whose maker left it out, ACTION_GET_CONTENT asks whatever app shows pictures. The answer
names the picture by a content address, which the content resolver opens.
Not yet run on a phone: its tests drive it with stand-ins for the Java classes.
"""

from __future__ import annotations

import os
from typing import IO, Any

from fieldapp.album.port import NoAlbum, Picture, Told
from fieldapp.camera.java import Java, android_java

PICKER_LEVEL = 33
IMAGES = "image/*"
RESULT_OK = -1


class AndroidAlbum:
    """Asks the system; ``java`` is what reaches the Java side."""

    def __init__(self, java: Java | None = None) -> None:
        self._java = java or android_java()
        self._told: Told | None = None

    def ask(self, told: Told) -> None:
        """Show the system's chooser, which covers the app."""
        self._told = told
        self._java.on_main_thread(lambda: self._show(told))

    def close(self) -> None:
        """Drop the answer: only the person can leave the system's chooser."""
        self._told = None

    def _show(self, told: Told) -> None:
        """Try the choosers from the best; on Android's main thread, as activities are started from there."""
        for intent in self._intents():
            try:
                self._java.ask_activity(intent, lambda result, answer: self._answered(told, result, answer))
            except self._java.exception:
                continue
            return
        self._tell(told, NoAlbum())

    def _intents(self) -> list[Any]:
        intents = self._java.new("android.content.Intent")
        pick = intents(intents.ACTION_GET_CONTENT)
        pick.addCategory(intents.CATEGORY_OPENABLE)
        found = [pick]
        if self._java.new("android.os.Build$VERSION").SDK_INT >= PICKER_LEVEL:
            found.insert(0, intents(self._java.new("android.provider.MediaStore").ACTION_PICK_IMAGES))
        for intent in found:
            intent.setType(IMAGES)
        return found

    def _answered(self, told: Told, result: int, answer: Any) -> None:
        address = answer.getData() if result == RESULT_OK and answer is not None else None
        self._tell(told, None if address is None else Picture(lambda: opened(self._java, address)))

    def _tell(self, told: Told, answer: Picture | NoAlbum | None) -> None:
        """Tell whoever asks now; an answer to a question that was closed is nobody's."""
        if told is self._told:
            self._told = None
            told(answer)


def opened(java: Java, address: Any, mode: str = "r") -> IO[bytes]:
    """Open a content address as a file of our own; what lies in a cloud is fetched meanwhile. Raises OSError."""
    try:
        descriptor = java.activity.getContentResolver().openFileDescriptor(address, mode)
        number = descriptor.detachFd() if descriptor is not None else None
    except java.exception as error:
        raise OSError("the content resolver does not open it") from error
    if number is None:
        raise OSError("the content resolver knows no such file")
    return os.fdopen(number, f"{mode}b")
