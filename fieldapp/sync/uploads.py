"""Sending photos after their records, by tus 1.0.0: in chunks, from where the server says it stands.

A cut costs at most the chunk that was on its way. Each chunk carries its checksum, and the server compares the SHA-256
of the whole before it says that the photo is there.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from fieldapp.crashpoint import crashpoint
from fieldapp.store.store import Store
from fieldapp.store.trouble import StorageTrouble, Trouble
from fieldapp.store.uploads import LOST, Upload
from fieldapp.sync.failures import Refused, Unreachable
from fieldapp.sync.metered import wait_for_wifi, waits
from fieldapp.sync.retry import LONGEST_S, pause_s
from fieldapp.sync.token import Session
from shared.ids import is_uuid

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK_TYPE = "application/offset+octet-stream"
CHUNK_BYTES = 1 << 20
GONE = (404, 410)
ASK_AGAIN = (409, 460)
MOST_TURNS = 3
FINAL = (400, 413, 415, 422)


@dataclass(frozen=True)
class Progress:
    """How far one photo of one record has come, in bytes that the server says it has."""

    sha256: str
    record: str
    sent: int
    bytes: int


Tell = Callable[[Progress], None]


def upload_all(
    store: Store,
    session: Session,
    tell: Tell | None = None,
    *,
    chunk_bytes: int = CHUNK_BYTES,
    is_metered: Callable[[], bool] = lambda: False,
) -> int:
    """Send every photo whose record has a receipt; return how many the server now has.

    On a metered network large ones wait, as the person chose. Raises Unreachable or SignInAgain; what has come stays
    there, and the next round goes on from it.
    """
    sender = Sender(store, session, tell or (lambda progress: None), chunk_bytes)
    now, may_wait = store.clock.now(), wait_for_wifi(store)
    due = store.uploads.due(now, longest_s=LONGEST_S)
    return sum(sender.send(upload) for upload in due if not (may_wait and waits(upload, now) and is_metered()))


class Sender:
    """Sends one photo after another."""

    def __init__(self, store: Store, session: Session, tell: Tell, chunk_bytes: int) -> None:
        self._store, self._session, self._tell, self._chunk_bytes = store, session, tell, chunk_bytes

    def send(self, upload: Upload) -> bool:
        """Send what the server lacks of a photo; False when it was refused, or waits for another time."""
        try:
            content = self._content(upload)
        except StorageTrouble as trouble:
            if trouble.code is not Trouble.FAILED:
                raise
            self._later(upload)
            return False
        if content is None:
            self._store.uploads.refused(upload, LOST)
            return False
        for _ in range(MOST_TURNS):
            try:
                upload, offset = self._stand(upload)
                self._send(upload, offset, content)
            except Refused as refusal:
                if refusal.status in FINAL:
                    self._store.uploads.refused(upload, refusal.problem)
                    return False
                if refusal.status in GONE:
                    self._store.uploads.begun(upload, "")
                    upload = replace(upload, address="")
                elif refusal.status not in ASK_AGAIN:
                    raise
            else:
                crashpoint("upload.sent")
                self._store.uploads.done(upload)
                crashpoint("upload.done")
                return True
        self._later(upload)
        return False

    def _later(self, upload: Upload) -> None:
        pause = timedelta(seconds=pause_s(self._store.uploads.tries(upload) + 1, 1))
        self._store.uploads.later(upload, self._store.clock.now() + pause)

    def _content(self, upload: Upload) -> bytes | None:
        """Return the photo; None when the phone has lost it, which no later try would change.

        Raises StorageTrouble for what a later try may change: a file that could not be read this time.
        """
        try:
            return self._store.photos.get(upload.sha256)
        except StorageTrouble as trouble:
            if trouble.code is Trouble.DAMAGED:
                return None
            raise

    def _stand(self, upload: Upload) -> tuple[Upload, int]:
        """Begin an upload, or ask how far the one begun has come."""
        if upload.address:
            return upload, _offset(self._exchange("HEAD", upload.address, {}, None))
        return replace(upload, address=self._begin(upload)), 0

    def _send(self, upload: Upload, offset: int, content: bytes) -> None:
        self._say(upload, offset)
        while offset < upload.bytes:
            piece = content[offset : offset + self._chunk_bytes]
            answer = self._exchange("PATCH", upload.address, _chunk_headers(offset, piece), piece)
            crashpoint("chunk.sent")
            came = _offset(answer)
            if not offset < came <= upload.bytes:
                raise Unreachable("an upload that does not move")
            offset = came
            self._say(upload, offset)

    def _say(self, upload: Upload, offset: int) -> None:
        self._store.uploads.came(upload, offset)
        self._tell(Progress(upload.sha256, upload.record, offset, upload.bytes))

    def _begin(self, upload: Upload) -> str:
        told = {"sha256": upload.sha256, "kind": upload.kind, "record": upload.record}
        metadata = ",".join(f"{name} {_base64(value.encode())}" for name, value in told.items())
        headers = {"Upload-Length": str(upload.bytes), "Upload-Metadata": metadata}
        name = self._exchange("POST", "", headers, b"").get("Location", "").rpartition("/")[2]
        if not is_uuid(name):
            raise Unreachable("an upload without an address")
        crashpoint("upload.opened")
        self._store.uploads.begun(upload, name)
        return name

    def _exchange(
        self, method: str, address: str, headers: Mapping[str, str], content: bytes | None
    ) -> Mapping[str, str]:
        """Ask at an address of our own server; what a Location said beside the name is never followed."""
        path = f"/uploads/{address}" if address else "/uploads"
        return self._session.call(lambda client: client.exchange(method, path, {**TUS, **headers}, content))


def _chunk_headers(offset: int, piece: bytes) -> dict[str, str]:
    return {
        "Content-Type": CHUNK_TYPE,
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha256 {_base64(hashlib.sha256(piece).digest())}",
    }


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _offset(answer: Mapping[str, str]) -> int:
    text = answer.get("Upload-Offset", "")
    if not (text.isascii() and text.isdigit()):
        raise Unreachable("an upload without an offset")
    return int(text)
