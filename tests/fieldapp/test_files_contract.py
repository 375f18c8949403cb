"""What keeps a person's files does alike: on a desktop, and on a phone through its Java side.

The phone's adapter runs on ``PyjniusJava`` with stand-ins for pyjnius itself; the panel is the real one, in no window.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest

from fieldapp.files.android import AndroidFiles
from fieldapp.files.desktop import DesktopFiles, default_folder
from fieldapp.files.port import Chosen, Files, NoFiles, Saved
from fieldapp.theme.fonts import find_fonts, register_fonts
from fieldapp.ui_thread import at_once
from shared.texts import load
from tests.fieldapp.test_camera_contract import PretendPyjnius

CONTENT = bytes(range(256)) * 300
NAME = "dingpan-0123456789abcdef.dprescue"
OK, CANCELED = -1, 0


class Rig(Protocol):
    """Files with the person before them; the person's own file lies at ``theirs``."""

    files: Files
    theirs: Path

    def agree(self) -> None:
        """Say where a file goes, or touch the one there is."""

    def leave(self) -> None:
        """Choose nothing."""

    def refuse(self) -> None:
        """Let nothing be written any more."""


class DesktopRig:
    def __init__(self, folder: Path, _: pytest.MonkeyPatch) -> None:
        register_fonts(find_fonts())
        self.folder = folder / "downloads"
        self.theirs = self.folder / NAME
        self._desktop = DesktopFiles(self.folder, load("zh-CN", "fieldapp"), run=at_once, post=at_once)
        self.files: Files = self._desktop

    def agree(self) -> None:
        if (panel := self._desktop._chooser) is not None:
            panel.rows[0]["choose"](panel.rows[0]["key"])

    def leave(self) -> None:
        if (panel := self._desktop._chooser) is not None:
            panel.dismiss()

    def refuse(self) -> None:
        self.folder.write_bytes(b"a file where a folder should be")


class Intent:
    """An android.content.Intent."""

    ACTION_CREATE_DOCUMENT, ACTION_OPEN_DOCUMENT, CATEGORY_OPENABLE = "create", "open", "openable"
    EXTRA_TITLE = "title"

    def __init__(self, action: str) -> None:
        self.action, self.told = action, list[str]()

    def setType(self, kind: str) -> None:  # noqa: N802 - Java's name
        self.told.append(kind)

    addCategory = setType  # noqa: N815 - Java's name

    def putExtra(self, name: str, value: str) -> None:  # noqa: N802 - Java's name
        self.told.append(f"{name}={value}")


class PhoneRig:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pyjnius = PretendPyjnius(monkeypatch)
        self.theirs, self.is_writable, self.deleted = folder / "theirs", True, list[str]()
        self._known = self.pyjnius.autoclass
        self.pyjnius.java.new = self._new
        self.pyjnius.activity.resolver = SimpleNamespace(openFileDescriptor=self._open)
        self.files: Files = AndroidFiles(at_once, self.pyjnius.java)

    def _new(self, name: str) -> Any:
        ours: dict[str, Any] = {
            "android.content.Intent": Intent,
            "android.provider.DocumentsContract": SimpleNamespace(
                deleteDocument=lambda resolver, address: self.deleted.append(address)
            ),
        }
        return ours[name] if name in ours else self._known(name)

    def _open(self, address: str, mode: str) -> Any:
        flags = {"r": os.O_RDONLY, "w": os.O_WRONLY | os.O_CREAT | os.O_TRUNC}[mode]
        if (
            address != "content://one"
            or (mode == "w" and not self.is_writable)
            or (mode == "r" and not self.theirs.exists())
        ):
            raise self.pyjnius.java.exception("FileNotFoundException")
        return SimpleNamespace(detachFd=lambda: os.open(self.theirs, flags))

    def answer(self, result: int, data: Any) -> None:
        """Android tells every listener, with the number of the question."""
        _, number = self.pyjnius.activity.started[-1]
        for heard in self.pyjnius.listeners:
            heard(number, result, data)

    def agree(self) -> None:
        self.answer(OK, SimpleNamespace(getData=lambda: "content://one"))

    def leave(self) -> None:
        self.answer(CANCELED, None)

    def refuse(self) -> None:
        self.is_writable = False


@pytest.fixture(params=[DesktopRig, PhoneRig])
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    made: Rig = request.param(tmp_path, monkeypatch)
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_bytes(CONTENT)
    return tmp_path / NAME


def test_a_file_is_saved_whole(rig: Rig, source: Path) -> None:
    told: list[Any] = []
    rig.files.save(source, told.append)
    rig.agree()
    assert [type(one) for one in told] == [Saved]
    assert (rig.theirs.read_bytes(), source.read_bytes()) == (CONTENT, CONTENT)


def test_a_place_that_takes_nothing_is_told(rig: Rig, source: Path) -> None:
    rig.refuse()
    told: list[Any] = []
    rig.files.save(source, told.append)
    rig.agree()
    assert [type(one) for one in told] == [NoFiles]
    assert not rig.theirs.exists() or rig.theirs.parent.is_file()


def test_a_file_is_chosen_and_opened_later(rig: Rig) -> None:
    rig.theirs.parent.mkdir(exist_ok=True)
    rig.theirs.write_bytes(CONTENT)
    told: list[Any] = []
    rig.files.choose(told.append)
    rig.agree()
    (chosen,) = told
    assert isinstance(chosen, Chosen)
    with chosen.open() as file:
        assert file.read() == CONTENT
    rig.theirs.unlink()
    with pytest.raises(OSError, match=r"."):
        chosen.open()


def test_choosing_nothing_is_an_answer_and_closing_is_none(rig: Rig) -> None:
    rig.theirs.parent.mkdir(exist_ok=True)
    rig.theirs.write_bytes(CONTENT)
    told: list[Any] = []
    rig.files.choose(told.append)
    rig.leave()
    assert told == [None]
    rig.files.choose(told.append)
    rig.files.close()
    rig.leave()
    assert told == [None]
    rig.files.close()


def test_a_phone_asks_for_a_name_and_any_kind_of_file(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = PhoneRig(tmp_path, monkeypatch)
    told: list[Any] = []
    rig.files.save(source, told.append)
    rig.leave()
    assert told == [None]
    rig.files.choose(told.append)
    asked = [intent for intent, _ in rig.pyjnius.activity.started]
    assert [(one.action, one.told) for one in asked] == [
        ("create", ["application/octet-stream", f"title={NAME}", "openable"]),
        ("open", ["*/*", "openable"]),
    ]
    rig.refuse()
    rig.files.save(source, told.append)
    rig.agree()
    assert rig.deleted == ["content://one"]


def test_a_phone_without_a_chooser_says_so(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = PhoneRig(tmp_path, monkeypatch)

    def _none(intent: Any, number: int) -> None:
        raise rig.pyjnius.java.exception("ActivityNotFoundException")

    rig.pyjnius.activity.startActivityForResult = _none
    told: list[Any] = []
    rig.files.save(source, told.append)
    rig.files.choose(told.append)
    assert [type(one) for one in told] == [NoFiles, NoFiles]


def test_a_desktop_saves_where_downloads_arrive(tmp_path: Path) -> None:
    assert default_folder(tmp_path) == tmp_path
    (tmp_path / "Downloads").mkdir()
    assert default_folder(tmp_path) == tmp_path / "Downloads"


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    register_fonts(find_fonts())
    files = DesktopFiles(tmp_path, load("zh-CN", "fieldapp"), run=at_once, post=at_once)
    files.choose(lambda _: None)
    assert files._chooser.empty == load("zh-CN", "fieldapp")("files.empty", folder=str(tmp_path))
    files.close()
