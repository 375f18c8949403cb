"""What every album does alike: the same story told by the panel of a desktop, and by a phone through its Java side.

The phone's adapter runs on ``PyjniusJava`` with stand-ins for pyjnius itself; the panel is the real one, in no window.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from PIL import Image

from fieldapp.album.android import AndroidAlbum
from fieldapp.album.desktop import DesktopAlbum, picture_folders
from fieldapp.album.folder import newest, small_copy
from fieldapp.album.port import Album, Answer, NoAlbum, Picture
from fieldapp.theme.fonts import find_fonts, register_fonts
from fieldapp.ui_thread import at_once
from shared.texts import load
from tests.fieldapp.photographs import a_jpeg
from tests.fieldapp.test_camera_contract import PretendPyjnius

CONTENT = a_jpeg(Image.new("RGB", (64, 48), "#c06020"))
PICKER, CHOOSER, LEVEL = "android.provider.action.PICK_IMAGES", "android.intent.action.GET_CONTENT", 33
OK, CANCELED = -1, 0


class Rig(Protocol):
    """An album with one picture in it, and the person before it."""

    album: Album

    def choose(self) -> None:
        """Touch the picture."""

    def leave(self) -> None:
        """Choose nothing."""

    def lose(self) -> None:
        """Delete the picture that was chosen."""

    def refuse(self) -> None:
        """Take the album away, before it is asked."""


class DesktopRig:
    def __init__(self, folder: Path, _: pytest.MonkeyPatch) -> None:
        register_fonts(find_fonts())
        self._folder, self._path = folder / "album", folder / "album" / "one.jpg"
        self._folder.mkdir()
        self._path.write_bytes(CONTENT)
        self._desktop = DesktopAlbum((self._folder,), load("zh-CN", "fieldapp"), run=at_once, post=at_once)
        self.album: Album = self._desktop

    @property
    def panel(self) -> Any:
        return self._desktop._chooser

    def choose(self) -> None:
        if self.panel is not None:
            self.panel.ids.tiles.children[0].dispatch("on_release")

    def leave(self) -> None:
        if self.panel is not None:
            self.panel.dismiss()

    def lose(self) -> None:
        self._path.unlink()

    def refuse(self) -> None:
        self._path.unlink()
        self._folder.rmdir()


class Intent:
    """An android.content.Intent."""

    ACTION_GET_CONTENT, CATEGORY_OPENABLE = CHOOSER, "openable"

    def __init__(self, action: str) -> None:
        self.action, self.told = action, list[str]()

    def setType(self, kind: str) -> None:  # noqa: N802 - Java's name
        self.told.append(kind)

    addCategory = setType  # noqa: N815 - Java's name


class PhoneRig:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pyjnius = PretendPyjnius(monkeypatch)
        self.level, self._path, self._known = LEVEL, folder / "one.jpg", self.pyjnius.autoclass
        self._path.write_bytes(CONTENT)
        self.pyjnius.java.new = self._new
        self.pyjnius.activity.resolver = SimpleNamespace(openFileDescriptor=self._open)
        self.album: Album = AndroidAlbum(self.pyjnius.java)

    def _new(self, name: str) -> Any:
        ours: dict[str, Any] = {
            "android.content.Intent": Intent,
            "android.os.Build$VERSION": SimpleNamespace(SDK_INT=self.level),
            "android.provider.MediaStore": SimpleNamespace(ACTION_PICK_IMAGES=PICKER),
        }
        return ours[name] if name in ours else self._known(name)

    def _open(self, address: str, mode: str) -> Any:
        if (address, mode) != ("content://one", "r") or not self._path.exists():
            raise self.pyjnius.java.exception("FileNotFoundException")
        return SimpleNamespace(detachFd=lambda: os.open(self._path, os.O_RDONLY))

    def answer(self, result: int, data: Any) -> None:
        """Android tells every listener, with the number of the question."""
        _, number = self.pyjnius.activity.started[-1]
        for heard in self.pyjnius.listeners:
            heard(number, result, data)

    def choose(self) -> None:
        self.answer(OK, SimpleNamespace(getData=lambda: "content://one"))

    def leave(self) -> None:
        self.answer(CANCELED, None)

    def lose(self) -> None:
        self._path.unlink()

    def refuse(self) -> None:
        self.pyjnius.activity.refused = self.pyjnius.java.exception


RIGS: dict[str, Callable[[Path, pytest.MonkeyPatch], Any]] = {"desktop": DesktopRig, "phone": PhoneRig}


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    made = RIGS[request.param](tmp_path, monkeypatch)
    yield made
    made.album.close()
    sys.modules.pop("fieldapp.camera.pyjnius_java", None)


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhoneRig]:
    yield PhoneRig(tmp_path, monkeypatch)
    sys.modules.pop("fieldapp.camera.pyjnius_java", None)


def bytes_of(answer: Answer) -> bytes:
    assert isinstance(answer, Picture)
    with answer.open() as file:
        return file.read()


def test_the_picture_that_is_touched_is_told_once_and_can_be_read(rig: Rig):
    told: list[Answer] = []
    rig.album.ask(told.append)
    assert told == []
    rig.choose()
    rig.choose()
    assert [bytes_of(answer) for answer in told] == [CONTENT]


def test_to_choose_nothing_is_an_answer_too(rig: Rig):
    told: list[Answer] = []
    rig.album.ask(told.append)
    rig.leave()
    rig.leave()
    assert told == [None]


def test_an_album_that_cannot_be_opened_is_told(rig: Rig):
    told: list[Answer] = []
    rig.refuse()
    rig.album.ask(told.append)
    assert [type(answer) for answer in told] == [NoAlbum]


@pytest.mark.parametrize("answer", ["choose", "leave"])
def test_after_the_end_nobody_is_told(rig: Rig, answer: str):
    told: list[Answer] = []
    rig.album.ask(told.append)
    rig.album.close()
    getattr(rig, answer)()
    rig.album.close()
    assert told == []


def test_a_second_question_replaces_the_first(rig: Rig):
    first: list[Answer] = []
    second: list[Answer] = []
    rig.album.ask(first.append)
    rig.album.ask(second.append)
    rig.choose()
    assert (first, len(second)) == ([], 1)


def test_a_picture_that_is_gone_by_then_is_no_file(rig: Rig):
    told: list[Answer] = []
    rig.album.ask(told.append)
    rig.choose()
    rig.lose()
    with pytest.raises(OSError, match=r"one|open"):
        bytes_of(told[0])


# --- the Java side --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "action", "said"), [(33, PICKER, ["image/*"]), (32, CHOOSER, ["openable", "image/*"])]
)
def test_the_photo_picker_is_asked_where_android_has_one(phone: PhoneRig, level: int, action: str, said: list[str]):
    phone.level = level
    phone.album.ask(lambda answer: None)
    intent, number = phone.pyjnius.activity.started[0]
    assert (intent.action, intent.told) == (action, said)
    assert 0 < number < 1 << 16
    assert not phone.pyjnius.asked, "no permission is needed"


def test_a_phone_whose_maker_left_the_picker_out_asks_the_other_way(phone: PhoneRig):
    start, refused = phone.pyjnius.activity.startActivityForResult, []

    def without_picker(intent: Any, number: int) -> None:
        if intent.action == PICKER:
            refused.append(number)
            raise phone.pyjnius.java.exception("ActivityNotFoundException")
        start(intent, number)

    phone.pyjnius.activity.startActivityForResult = without_picker
    told: list[Answer] = []
    phone.album.ask(told.append)
    phone.choose()
    assert bytes_of(told[0]) == CONTENT
    for heard in phone.pyjnius.listeners:
        heard(refused[0], OK, None)
    assert len(told) == 1


def test_the_listener_is_bound_once_and_numbers_of_others_are_left_alone(phone: PhoneRig):
    told: list[Answer] = []
    for _ in range(3):
        phone.album.ask(told.append)
        phone.pyjnius.listeners[0](7, OK, None)
        phone.choose()
    assert (len(phone.pyjnius.listeners), len(told)) == (1, 3)
    assert len({number for _, number in phone.pyjnius.activity.started}) == 3


def test_an_answer_without_a_picture_is_none(phone: PhoneRig):
    told: list[Answer] = []
    phone.album.ask(told.append)
    phone.answer(OK, SimpleNamespace(getData=lambda: None))
    assert told == [None]


# --- the folders of a desktop ---------------------------------------------------------------------------------------


def a_file(path: Path, at_s: int, content: bytes = CONTENT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at_s, at_s))
    return path


def test_the_newest_pictures_come_first_from_every_folder_and_nothing_else(tmp_path: Path):
    old = a_file(tmp_path / "Pictures" / "2026" / "old.JPG", 100)
    new = a_file(tmp_path / "Downloads" / "new.png", 300)
    middle = a_file(tmp_path / "Pictures" / "middle.webp", 200)
    a_file(tmp_path / "Pictures" / "contract.pdf", 400)
    a_file(tmp_path / "Pictures" / ".thumbnails" / "hidden.jpg", 400)
    a_file(tmp_path / "Pictures" / "a" / "b" / "c" / "deep.jpg", 400)
    folders = picture_folders(tmp_path)
    assert [found.path for found in newest(folders)] == [new, middle, old]
    assert [found.path for found in newest((*folders, *folders), most=1)] == [new]


def test_the_folders_are_those_the_desktop_wrote_down(tmp_path: Path):
    assert picture_folders(tmp_path) == (tmp_path / "Pictures", tmp_path / "Downloads")
    written = '# written\nXDG_DOWNLOAD_DIR="$HOME/下载"\nXDG_MUSIC_DIR="$HOME/音乐"\nXDG_PICTURES_DIR="$HOME/图片"\n'
    a_file(tmp_path / ".config" / "user-dirs.dirs", 100, written.encode())
    assert [path.name for path in picture_folders(tmp_path)] == ["下载", "图片", "Pictures", "Downloads"]


def test_a_small_copy_stands_upright_and_is_square(tmp_path: Path):
    picture = Image.new("RGB", (1600, 1200), "white")
    picture.paste("black", (0, 0, 1600, 300))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.jpg", exif=exif)
    content = small_copy(tmp_path / "turned.jpg")
    assert content is not None
    (tmp_path / "small.jpg").write_bytes(content)
    with Image.open(tmp_path / "small.jpg") as small:
        assert small.size == (320, 320)
        left, right = (small.convert("L").getpixel((x, 160)) for x in (20, 300))
    assert left > 200
    assert right < 60, "what was on top stands at the right"


@pytest.mark.parametrize("content", [b"", b"no picture", CONTENT[:300]])
def test_a_damaged_file_has_no_small_copy(tmp_path: Path, content: bytes):
    assert small_copy(a_file(tmp_path / "damaged.jpg", 100, content)) is None
