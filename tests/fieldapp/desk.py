"""A desk for viewmodels: the parts of the app without a window, a thread or a network."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from fieldapp.album.port import NoAlbum, Told
from fieldapp.camera.port import Camera, Frame, NoCamera
from fieldapp.files.desktop import DesktopFiles
from fieldapp.files.port import Files
from fieldapp.network.desktop import DesktopNetwork
from fieldapp.parts import Parts
from fieldapp.routes import Path as Way
from fieldapp.routes import Stop
from fieldapp.scan.still import see_picture
from fieldapp.screens import new_viewmodel
from fieldapp.settings import Settings
from fieldapp.store.facts import Fact
from fieldapp.sync.client import Client
from fieldapp.sync.status import SyncStatus
from fieldapp.ui_thread import at_once
from shared.dates import instant_text
from shared.texts import load
from tests.fieldapp.field_builders import NOON, SettableClock, a_store


class NoLens:
    """A phone whose camera may not be used."""

    def start(self) -> None:
        raise NoCamera("no_provider")

    def stop(self) -> None:
        """Nothing runs."""

    def latest(self) -> Frame | None:
        return None


class NoPictures:
    """A phone without an album."""

    def ask(self, told: Told) -> None:
        told(NoAlbum())

    def close(self) -> None:
        """Nothing is open."""


class Desk:
    """Parts with a store, and the viewmodel that is shown after each step."""

    def __init__(self, folder: Path, *, language: str = "zh-CN", adapter: Any = None) -> None:
        self.clock = SettableClock()
        self.vm: Any = None
        self.pokes: list[bool] = []
        self.adapter = adapter
        store = a_store(folder, self.clock)
        store.facts.set(Fact.IS_ENROLLED, True)
        store.facts.set(Fact.IS_FILLED, True)
        store.facts.set(Fact.PULLED_AT, instant_text(NOON))
        self.parts = Parts(
            settings=Settings(folder),
            texts=load(language, "fieldapp"),
            clock=self.clock,
            database=store.database,
            status=SyncStatus(),
            path=Way(self._show),
            post=at_once,
            run=at_once,
            new_camera=self.camera,
            new_decoder=lambda: lambda frame: [],
            new_album=NoPictures,
            new_files=self.files,
            new_network=DesktopNetwork,
            see_picture=see_picture,
            new_client=self._client,
            wear=lambda: None,
        )
        self.parts.opened = store
        self.parts.sync_soon = self._poke  # type: ignore[method-assign]
        self.store = store

    def camera(self) -> Camera:
        return NoLens()

    def files(self) -> Files:
        """The person's files lie in a folder beside the data."""
        folder = self.parts.settings.data_dir / "files"
        return DesktopFiles(folder, self.parts.texts, run=at_once, post=at_once)

    def _client(self, url: str) -> Client:
        carrier = requests.Session()
        carrier.mount("http://", self.adapter)
        return Client(url, carrier)

    def _poke(self, *, is_asked: bool = False) -> None:
        self.pokes.append(is_asked)

    def _show(self, stop: Stop) -> None:
        vm = new_viewmodel(self.parts, stop)
        if self.vm is not None:
            self.vm.closed()
        self.vm = vm
        vm.opened()

    def go(self, route: Any, **about: Any) -> Any:
        """Go to a screen and return what is shown then."""
        self.parts.path.go(route, **about)
        return self.vm

    @property
    def route(self) -> str:
        """The route that is shown."""
        return self.parts.path.stops[-1].route.value

    def t(self, key: str, **values: object) -> str:
        return self.parts.texts(key, **values)


def until(condition: Callable[[], bool], patience_s: float = 5.0) -> None:
    """Wait for another thread."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
