"""What screens are made with: the clock, the store, the sync, the way to other screens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from fieldapp.clock import PhoneClock
from fieldapp.routes import Path
from fieldapp.settings import Settings
from fieldapp.store.database import Database
from fieldapp.store.facts import Facts
from fieldapp.store.vault import Vault
from fieldapp.ui_thread import Post
from shared.texts import Texts

if TYPE_CHECKING:
    from fieldapp.album.port import Album
    from fieldapp.camera.port import Camera
    from fieldapp.files.port import Files
    from fieldapp.scan.from_album import See
    from fieldapp.scan.reader import Decode
    from fieldapp.store.kept import Device, Person
    from fieldapp.store.store import Store
    from fieldapp.sync.client import Client
    from fieldapp.sync.status import SyncStatus
    from fieldapp.sync.worker import Worker

Answer = TypeVar("Answer")
Run = Callable[[Callable[[], None]], None]


class Locked(Exception):
    """Something was asked of the store before the PIN was entered."""


def in_a_thread(job: Callable[[], None]) -> None:
    """Run a job beside the UI thread."""
    Thread(target=job, daemon=True).start()


@dataclass
class Parts:
    """Everything that is made once. ``opened`` and ``worker`` are there while somebody is signed in."""

    settings: Settings
    texts: Texts
    clock: PhoneClock
    database: Database
    status: SyncStatus
    path: Path
    post: Post
    run: Run
    new_camera: Callable[[], Camera]
    new_decoder: Callable[[], Decode]
    new_album: Callable[[], Album]
    new_files: Callable[[], Files]
    see_picture: See
    new_client: Callable[[str], Client]
    wear: Callable[[], None]
    opened: Store | None = None
    worker: Worker | None = None
    key: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        self.facts = Facts(self.database)
        self.vault = Vault(self.database)
        self.ended: list[Worker] = []

    @property
    def store(self) -> Store:
        """The open store; raises Locked before sign-in."""
        if self.opened is None:
            raise Locked
        return self.opened

    @property
    def me(self) -> Person:
        """Whoever is signed in."""
        person = self.store.kept.person
        if person is None:
            raise Locked
        return person

    @property
    def device(self) -> Device:
        """This phone."""
        device = self.store.kept.device
        if device is None:
            raise Locked
        return device

    def open(self, key: bytes) -> Store:
        """Open the store with the key from the vault."""
        from fieldapp.store.store import Store

        self.key = key
        self.opened = Store(self.database, key, self.settings.data_dir, self.clock)
        return self.opened

    def start_sync(self) -> None:
        """Start the worker of an enrolled phone, unless it runs already."""
        from fieldapp.sync.token import Session
        from fieldapp.sync.worker import Worker

        bureau = self.store.kept.bureau
        if self.worker is None and bureau is not None:
            session = Session(self.store, self.new_client(bureau.url))
            self.worker = Worker(self.store, session, self.status, self.post)
            self.worker.start()

    def sync_soon(self, *, is_asked: bool = False) -> None:
        """Have the worker make a round."""
        if self.worker is not None:
            self.worker.poke(is_asked=is_asked)

    def lock(self) -> None:
        """Sign out: the key is forgotten, everything stays where it is."""
        self.stop_sync()
        self.opened, self.key = None, b""

    def stop_sync(self) -> None:
        """End the worker; a round that is running keeps nothing of what it was about to fetch."""
        if self.worker is not None:
            self.worker.stop()
            self.ended.append(self.worker)
        self.worker = None

    def wait_for_sync_to_end(self) -> None:
        """Wait until no worker runs that was ended; never on the UI thread."""
        while self.ended:
            self.ended.pop().join()

    def off_thread(self, job: Callable[[], Answer], done: Callable[[Answer], None], *expected: type[Exception]) -> None:
        """Run a job beside the UI thread; hand its answer, or an expected exception, to ``done`` on the UI thread."""

        def _run() -> None:
            result: Any
            try:
                result = job()
            except expected as error:
                result = error
            self.post(lambda: done(result))

        self.run(_run)
