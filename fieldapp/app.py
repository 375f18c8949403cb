"""The app: it joins the parts and shows the first screen."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kivy.base import ExceptionManager
from kivy.core.window import Window
from kivy.utils import platform
from kivymd.app import MDApp

from fieldapp.clock import PhoneClock, since_start, this_start
from fieldapp.parts import Parts, in_a_thread
from fieldapp.routes import Path as Way
from fieldapp.routes import Route, Stop
from fieldapp.settings import TEXT_SCALES, Settings
from fieldapp.stage import Stage
from fieldapp.store.database import Database
from fieldapp.store.facts import Fact
from fieldapp.sync.status import SyncStatus
from fieldapp.telling import TellTrouble
from fieldapp.theme.material import apply_theme, wear
from fieldapp.ui_thread import post
from shared.texts import DEFAULT, load

if TYPE_CHECKING:
    from fieldapp.album.port import Album
    from fieldapp.camera.port import Camera
    from fieldapp.files.port import Files
    from fieldapp.network.port import Network
    from fieldapp.scan.reader import Decode
    from fieldapp.scan.sight import Sight
    from fieldapp.sync.client import Client

ESCAPE = 27


class FieldApp(MDApp):
    """``parts`` holds everything; the app itself only begins and ends."""

    def __init__(self, settings: Settings, database: Database) -> None:
        super().__init__()
        self.parts = Parts(
            settings=settings,
            texts=load(settings.language or DEFAULT, "fieldapp"),
            clock=PhoneClock(ticks=since_start, boot=this_start()),
            database=database,
            status=SyncStatus(),
            path=Way(self._show),
            post=post,
            run=in_a_thread,
            new_camera=lambda: _new_camera(settings),
            new_decoder=_new_decoder,
            new_album=self._new_album,
            new_files=self._new_files,
            new_network=lambda: _new_network(settings),
            see_picture=_see_picture,
            new_client=self._new_client,
            wear=self._wear,
        )
        self.title = self.parts.texts("product.name")
        apply_theme(self, fonts=settings.fonts_dir)
        self._dress()

    def build(self) -> Stage:
        """Show the first screen: a new phone is enrolled, any other asks for its PIN."""
        self.stage = Stage(self.parts)
        ExceptionManager.add_handler(TellTrouble(self.stage))
        Window.bind(on_keyboard=self._key)
        self.parts.path.begin(Route.SIGN_IN if self.parts.vault.exists else Route.ENROL)
        return self.stage

    def _show(self, stop: Stop) -> None:
        self.stage.show(stop)

    def _key(self, _: object, key: int, *rest: Any) -> bool:
        """The phone's back button goes back, and leaves the app only where there is nothing to go back to."""
        return key == ESCAPE and self.parts.path.back()

    def _dress(self) -> None:
        facts = self.parts.facts
        language = self.parts.settings.language or facts.get(Fact.LANGUAGE, DEFAULT)
        self.parts.texts = load(language, "fieldapp")
        is_dark = facts.get(Fact.STYLE) == "dark"
        wear(self, style="Dark" if is_dark else "Light", text_scale=facts.get(Fact.TEXT_SCALE, TEXT_SCALES[0]))

    def _wear(self) -> None:
        """Wear what the preferences say now."""
        self._dress()
        self.stage.forget()
        self.parts.path.again()

    def _new_client(self, url: str) -> Client:
        from fieldapp.sync.client import Client

        return Client(url, language=lambda: self.parts.texts.language)

    def _new_album(self) -> Album:
        folder = self.parts.settings.album_dir
        if folder is None and platform == "android":
            from fieldapp.album.android import AndroidAlbum

            return AndroidAlbum()
        from fieldapp.album.desktop import DesktopAlbum, picture_folders

        folders = picture_folders(Path.home()) if folder is None else (folder,)
        return DesktopAlbum(folders, self.parts.texts, run=self.parts.run, post=self.parts.post)

    def _new_files(self) -> Files:
        folder = self.parts.settings.files_dir
        if folder is None and platform == "android":
            from fieldapp.files.android import AndroidFiles

            return AndroidFiles(self.parts.run)
        from fieldapp.files.desktop import DesktopFiles, default_folder

        folder = folder or default_folder(Path.home())
        return DesktopFiles(folder, self.parts.texts, run=self.parts.run, post=self.parts.post)

    def on_pause(self) -> bool:
        """Android puts the app aside: everything is saved already."""
        return True

    def on_stop(self) -> None:
        """End the sync and free the camera."""
        self.stage.forget()
        self.parts.lock()


def _new_camera(settings: Settings) -> Camera:
    if settings.frames_dir is not None:
        from fieldapp.camera.folder import FolderCamera

        return FolderCamera(settings.frames_dir)
    if platform == "android":
        from fieldapp.camera.android import AndroidCamera

        return AndroidCamera()
    from fieldapp.camera.desktop import DesktopCamera

    return DesktopCamera()


def _new_network(settings: Settings) -> Network:
    if platform == "android":
        from fieldapp.network.android import AndroidNetwork

        return AndroidNetwork()
    from fieldapp.network.desktop import DesktopNetwork

    return DesktopNetwork(metered=settings.is_metered)


def _new_decoder() -> Decode:
    from fieldapp.scan.decoder import Decoder
    from fieldapp.scan.engines import second_engine

    if platform == "android":
        from fieldapp.camera.java import android_java
        from fieldapp.scan.java_decoder import JavaDecoder

        return Decoder(first=JavaDecoder(android_java()).look, second=second_engine()).all_codes
    return Decoder(second=second_engine()).all_codes


def _see_picture(file: IO[bytes]) -> Sight:
    from fieldapp.scan.still import see_picture

    if platform == "android":
        from fieldapp.camera.java import android_java
        from fieldapp.scan.java_decoder import JavaDecoder

        return see_picture(file, first=JavaDecoder(android_java()).look)
    return see_picture(file)
