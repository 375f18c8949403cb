"""What every camera does alike: the same story told by a folder, a webcam and a phone through its Java side.

The phone's adapter runs twice: on stand-ins for ``Java``, and through ``pyjnius_java`` on stand-ins for pyjnius itself.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

import pytest
from PIL import Image

from fieldapp.camera.android import CAMERA, AndroidCamera
from fieldapp.camera.desktop import DesktopCamera
from fieldapp.camera.folder import FRAME_S, FolderCamera
from fieldapp.camera.java import Java
from fieldapp.camera.port import Camera, Frame, NoCamera
from fieldapp.scan.java_decoder import JavaDecoder
from tests.fieldapp.photographs import a_jpeg
from tests.fieldapp.test_camera import PretendJava, an_image

WIDTH, HEIGHT = 8, 6


class Rig(Protocol):
    """A camera with the world before it."""

    camera: Camera

    def shine(self, light: int) -> None:
        """Let one picture of an even grey fall on the lens; a camera that is off does not see it."""

    def refuse(self) -> None:
        """Take the camera away."""


class FolderRig:
    def __init__(self, folder: Path, _: pytest.MonkeyPatch) -> None:
        self._folder, self._at, self._number = folder / "frames", 100.0, 0
        self._folder.mkdir()
        self.camera: Camera = FolderCamera(self._folder, lambda: self._at)

    def shine(self, light: int) -> None:
        self._number += 1
        path = self._folder / f"{self._number:03d}.jpg"
        path.write_bytes(a_jpeg(Image.new("RGB", (WIDTH, HEIGHT), (light,) * 3)))
        os.utime(path, (self._number, self._number))
        self._at += FRAME_S

    def refuse(self) -> None:
        for path in self._folder.iterdir():
            path.unlink()
        self._folder.rmdir()


class DesktopRig:
    def __init__(self, _: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch, self._providers = monkeypatch, list[Any]()
        rig = self

        class Provider:
            texture: Any = None

            def __init__(self, **options: Any) -> None:
                self.is_on, self.heard = False, list[Callable[..., None]]()
                rig._providers.append(self)

            def bind(self, on_texture: Callable[..., None]) -> None:
                self.heard.append(on_texture)

            def unbind(self, on_texture: Callable[..., None]) -> None:
                self.heard.remove(on_texture)

            def start(self) -> None:
                self.is_on = True

            def stop(self) -> None:
                self.is_on = False

        monkeypatch.setattr("kivy.core.camera.Camera", Provider)
        self.camera: Camera = DesktopCamera()

    def shine(self, light: int) -> None:
        for provider in self._providers:
            provider.texture = SimpleNamespace(width=WIDTH, height=HEIGHT, pixels=bytes([light] * 3 + [255]) * 48)
            for call in provider.heard if provider.is_on else []:
                call(provider)

    def refuse(self) -> None:
        self._monkeypatch.setattr("kivy.core.camera.Camera", None)


class PhoneRig:
    def __init__(self, _: Path, __: pytest.MonkeyPatch) -> None:
        self.java = PretendJava()
        self.camera: Camera = AndroidCamera(self.java)

    def shine(self, light: int) -> None:
        """CameraX may deliver one more image after the end."""
        if "begin" in self.java.told:
            image, closed = an_image([bytes([light]) * WIDTH] * HEIGHT, row_bytes=WIDTH, width=WIDTH, turned=0)
            self.java.take(image)
            assert closed == ["closed"]

    def refuse(self) -> None:
        self.java.granted = self.java.may_ask = False


class Buffer:
    """A java.nio.ByteBuffer."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def remaining(self) -> int:
        return len(self._content)

    def get(self, into: bytearray) -> None:
        into[:] = self._content


class Activity:
    """An android.app.Activity that starts others: ``refused`` says for which intents nobody is there."""

    def __init__(self) -> None:
        self.started: list[tuple[Any, int]] = []
        self.refused: type[Exception] | None = None
        self.resolver: Any = None

    def startActivityForResult(self, intent: Any, number: int) -> None:  # noqa: N802 - Java's name
        if self.refused is not None:
            raise self.refused
        self.started.append((intent, number))

    def getContentResolver(self) -> Any:  # noqa: N802 - Java's name
        return self.resolver


class PretendPyjnius:
    """What pyjnius and python-for-android give: classes by name, and Python objects that Java calls by signature."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.classes, self.states, self.granted, self.asked = PretendJava(), list[str](), True, list[Any]()
        self.listeners, self.activity = list[Any](), Activity()
        jnius: Any = ModuleType("jnius")
        jnius.JavaException = type("JavaException", (Exception,), {})
        jnius.PythonJavaClass = type("PythonJavaClass", (), {})
        jnius.autoclass, jnius.java_method = self.autoclass, self._java_method
        permissions: Any = ModuleType("android.permissions")
        permissions.check_permission = lambda permission: self.granted
        permissions.request_permissions = lambda wanted, answered: self.asked.append((wanted, answered))
        runnable: Any = ModuleType("android.runnable")
        runnable.run_on_ui_thread = lambda call: call
        android: Any = ModuleType("android")
        android.activity = SimpleNamespace(bind=lambda on_activity_result: self.listeners.append(on_activity_result))
        modules = {"jnius": jnius, "android": android}
        modules |= {"android.permissions": permissions, "android.runnable": runnable}
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.delitem(sys.modules, "fieldapp.camera.pyjnius_java", raising=False)
        self.java = importlib.import_module("fieldapp.camera.pyjnius_java").PyjniusJava()

    @staticmethod
    def _java_method(signature: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def _sign(method: Callable[..., Any]) -> Callable[..., Any]:
            method.__dict__["signature"] = signature
            return method

        return _sign

    def autoclass(self, name: str) -> Any:
        ours = {
            "org.kivy.android.PythonActivity": SimpleNamespace(mActivity=self.activity),
            "androidx.core.content.ContextCompat": SimpleNamespace(getMainExecutor=lambda activity: "main"),
            "java.util.concurrent.Executors": SimpleNamespace(newSingleThreadExecutor=lambda: "background"),
            "androidx.lifecycle.Lifecycle$State": SimpleNamespace(
                CREATED="created", STARTED="started", RESUMED="resumed", DESTROYED="destroyed"
            ),
            "androidx.lifecycle.LifecycleRegistry": lambda owner: SimpleNamespace(setCurrentState=self.states.append),
            "androidx.camera.lifecycle.ProcessCameraProvider": SimpleNamespace(getInstance=self._future),
        }
        return ours[name] if name in ours else self.classes.new(name)

    def _future(self, _activity: str) -> Any:
        provider = SimpleNamespace(unbindAll=lambda: None, bindToLifecycle=lambda owner, selector, uses: None)
        return SimpleNamespace(get=lambda: provider, addListener=lambda ready, executor: ready.run())


class PyjniusRig:
    def __init__(self, _: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pyjnius = PretendPyjnius(monkeypatch)
        self.camera: Camera = AndroidCamera(self.pyjnius.java)

    def shine(self, light: int) -> None:
        if self.pyjnius.states:
            image, closed = an_image([bytes([light]) * WIDTH] * HEIGHT, row_bytes=WIDTH, width=WIDTH, turned=0)
            plane = image.getPlanes()[0]
            plane.getBuffer = lambda: Buffer(bytes([light]) * WIDTH * HEIGHT)
            self.pyjnius.classes.take.analyze(image)
            assert closed == ["closed"]

    def refuse(self) -> None:
        """This adapter cannot know whether Android will ask again: no frame comes until the permission does."""
        self.pyjnius.granted = False


RIGS: dict[str, Callable[[Path, pytest.MonkeyPatch], Rig]] = {
    "folder": FolderRig,
    "desktop": DesktopRig,
    "phone": PhoneRig,
    "pyjnius": PyjniusRig,
}


REFUSALS = {FolderRig: "no_folder", DesktopRig: "no_provider", PhoneRig: "not_allowed", PyjniusRig: ""}


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    yield RIGS[request.param](tmp_path, monkeypatch)
    sys.modules.pop("fieldapp.camera.pyjnius_java", None)


def seen(rig: Rig) -> Frame:
    frame = rig.camera.latest()
    assert frame is not None
    return frame


def test_before_the_first_picture_there_is_none(rig: Rig):
    assert rig.camera.latest() is None
    rig.camera.start()
    assert rig.camera.latest() is None


def test_each_picture_is_the_newest_under_a_higher_number_and_as_large_as_it_says(rig: Rig):
    rig.camera.start()
    numbers = []
    for light in (40, 120, 200):
        rig.shine(light)
        frame = seen(rig)
        numbers.append(frame.number)
        assert (frame.width, frame.height, frame.turned) == (WIDTH, HEIGHT, 0)
        assert len(frame.content) == WIDTH * HEIGHT * frame.pixels.size
        assert all(abs(value - light) < 4 for value in frame.content)
    assert numbers == sorted(set(numbers))


def test_without_a_new_picture_the_last_one_stays_the_same_frame(rig: Rig):
    rig.camera.start()
    rig.shine(90)
    assert seen(rig) is seen(rig)


def test_a_stopped_camera_sees_nothing_more(rig: Rig):
    rig.camera.start()
    rig.shine(90)
    number = seen(rig).number
    rig.camera.stop()
    rig.shine(200)
    after = rig.camera.latest()
    assert after is None or after.number == number


def test_a_camera_started_again_shows_no_picture_from_before_and_goes_on_counting(rig: Rig):
    rig.camera.start()
    rig.shine(40)
    number = seen(rig).number
    rig.camera.stop()
    rig.camera.start()
    again = rig.camera.latest()
    assert again is None or again.number > number, "what a lens saw before is not what it sees now"
    rig.shine(200)
    assert seen(rig).number > number
    assert abs(seen(rig).content[0] - 200) < 4


def test_stopping_twice_or_before_the_start_does_no_harm(rig: Rig):
    rig.camera.stop()
    rig.camera.start()
    rig.camera.stop()
    rig.camera.stop()
    rig.camera.start()
    rig.shine(90)
    assert seen(rig).content


def test_a_camera_that_may_not_be_used_says_so_or_shows_nothing(rig: Rig):
    rig.refuse()
    code = ""
    try:
        rig.camera.start()
    except NoCamera as missing:
        code = missing.code
    assert code == REFUSALS[type(rig)]
    assert rig.camera.latest() is None
    rig.camera.stop()


# --- the Java side --------------------------------------------------------------------------------------------------


@pytest.fixture
def pyjnius(monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendPyjnius]:
    yield PretendPyjnius(monkeypatch)
    sys.modules.pop("fieldapp.camera.pyjnius_java", None)


def test_the_stand_in_and_the_real_java_side_have_every_name_of_the_port(pyjnius: PretendPyjnius):
    methods = {name: call for name, call in vars(Java).items() if inspect.isfunction(call) and not name.startswith("_")}
    assert len(methods) > 7
    for java in (PretendJava(), pyjnius.java):
        assert [name for name in Java.__annotations__ if not hasattr(java, name)] == []
        for name, call in methods.items():
            wanted = list(inspect.signature(call).parameters)[1:]
            assert list(inspect.signature(getattr(java, name)).parameters) == wanted, (type(java), name)


def test_what_java_calls_is_signed_as_java_names_it(pyjnius: PretendPyjnius):
    calls: list[str] = []
    runnable, analyser = pyjnius.java.runnable(lambda: calls.append("run")), pyjnius.java.analyser(calls.append)
    owner = pyjnius.java.life_cycle()
    signatures = {
        (runnable, "run"): "()V",
        (analyser, "analyze"): "(Landroidx/camera/core/ImageProxy;)V",
        (analyser, "getDefaultTargetResolution"): "()Landroid/util/Size;",
        (analyser, "getTargetCoordinateSystem"): "()I",
        (owner, "getLifecycle"): "()Landroidx/lifecycle/Lifecycle;",
    }
    assert {(who, name): getattr(who, name).signature for who, name in signatures} == signatures
    assert [who.__javainterfaces__ for who in (runnable, analyser, owner)] == [
        ("java/lang/Runnable",),
        ("androidx/camera/core/ImageAnalysis$Analyzer",),
        ("androidx/lifecycle/LifecycleOwner",),
    ]
    assert {who.__javacontext__ for who in (runnable, analyser, owner)} == {"app"}
    runnable.run()
    analyser.analyze("image")
    assert (calls, analyser.getDefaultTargetResolution(), analyser.getTargetCoordinateSystem()) == (
        ["run", "image"],
        None,
        0,
    )


def test_the_life_cycle_is_walked_step_by_step_and_ends_with_the_camera(pyjnius: PretendPyjnius):
    camera = AndroidCamera(pyjnius.java)
    camera.start()
    assert pyjnius.states == ["created", "started", "resumed"]
    camera.stop()
    assert pyjnius.states[3:] == ["destroyed"]


def test_the_camera_begins_when_the_permission_comes_and_only_then(pyjnius: PretendPyjnius):
    pyjnius.granted = False
    camera = AndroidCamera(pyjnius.java)
    camera.start()
    ((wanted, answered),) = pyjnius.asked
    assert (wanted, pyjnius.states) == ([CAMERA], [])
    answered([CAMERA], [False])
    assert pyjnius.states == []
    answered([CAMERA], [True])
    assert pyjnius.states[-1] == "resumed"


def test_what_java_cannot_read_is_no_code_and_no_fault(pyjnius: PretendPyjnius):
    failing = SimpleNamespace(**{name: getattr(pyjnius.java, name) for name in ("new", "exception")})
    failing.exception = pyjnius.classes.exception
    assert JavaDecoder(failing).read(_light()) == []
    pyjnius.classes.found = ["A"]
    assert JavaDecoder(pyjnius.java).read(_light()) == ["A"]


def _light() -> Frame:
    from fieldapp.camera.port import Pixels

    return Frame(1, WIDTH, HEIGHT, bytes(WIDTH * HEIGHT), Pixels.LUMA)
