"""Cameras and decoders: the port, its adapters, and what is read from photographs."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from fieldapp.camera.android import AndroidCamera
from fieldapp.camera.desktop import DesktopCamera
from fieldapp.camera.folder import FRAME_S, FolderCamera
from fieldapp.camera.port import Frame, NoCamera, Pixels
from fieldapp.scan.code import Code, View
from fieldapp.scan.decoder import Decoder, read
from fieldapp.scan.java_decoder import JavaDecoder
from fieldapp.scan.reader import Reader
from fieldapp.scan.sight import Sight
from fieldapp.ui_thread import at_once
from tests.builders import a_label
from tests.fieldapp.desk import until
from tests.fieldapp.photographs import a_frame, a_jpeg, a_photograph


class TestDecoder:
    @pytest.mark.parametrize("seed", range(20))
    def test_a_label_is_read_from_a_photograph(self, seed: int):
        assert read(a_frame(a_photograph(a_label(serial=1_000_000 + seed), seed=seed))) == [
            a_label(serial=1_000_000 + seed)
        ]

    @pytest.mark.parametrize("turn", [0, 90, 180, 270])
    def test_it_does_not_matter_how_the_phone_is_held(self, turn: int):
        assert read(a_frame(a_photograph(a_label(), turn=turn))) == [a_label()]

    def test_light_alone_is_enough(self):
        assert read(a_frame(a_photograph(a_label()), pixels=Pixels.LUMA)) == [a_label()]

    def test_several_codes_in_one_frame_are_all_read(self):
        picture = a_photograph(a_label(), "wxp://pay", size=(960, 720), module_px=4)
        assert sorted(read(a_frame(picture))) == sorted([a_label(), "wxp://pay"])

    def test_a_small_code_far_away_in_a_large_frame_is_found_in_its_middle(self):
        picture = a_photograph(a_label(), size=(2400, 3200), module_px=2, blur_px=0.2, noise=0, turn=0)
        assert read(a_frame(picture)) == [a_label()]

    def test_a_large_code_close_to_the_camera_is_found_in_a_smaller_copy(self):
        picture = a_photograph(a_label(), size=(1800, 2400), module_px=26, blur_px=6, noise=0)
        assert read(a_frame(picture)) == [a_label()]

    @pytest.mark.parametrize("picture", [Image.new("RGB", (640, 480), "white"), Image.effect_noise((640, 480), 90)])
    def test_where_there_is_no_code_nothing_is_read(self, picture: Image.Image):
        assert read(a_frame(picture)) == []

    def test_a_damaged_code_is_not_read_wrongly(self):
        picture = a_photograph(a_label(), turn=0)
        picture.paste((20, 20, 20), (250, 380, 480, 560))
        assert read(a_frame(picture)) in ([], [a_label()])

    def test_other_kinds_of_code_are_not_looked_for(self):
        import zxingcpp

        code = zxingcpp.create_barcode("12345670", zxingcpp.BarcodeFormat.EAN8)
        bars = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=4)).convert("RGB")
        assert read(a_frame(bars)) == []


class TestFolder:
    @pytest.fixture
    def now(self) -> SimpleNamespace:
        return SimpleNamespace(at=100.0)

    @pytest.fixture
    def camera(self, tmp_path: Path, now: SimpleNamespace) -> FolderCamera:
        camera = FolderCamera(tmp_path, lambda: now.at)
        camera.start()
        return camera

    def put(self, folder: Path, name: str, colour: str, at: int) -> None:
        (folder / name).write_bytes(a_jpeg(Image.new("RGB", (8, 6), colour)))
        os.utime(folder / name, (at, at))

    def test_it_begins_with_the_newest_and_goes_on_one_by_one(self, tmp_path: Path, camera, now):
        self.put(tmp_path, "old.jpg", "red", 10)
        self.put(tmp_path, "new.jpg", "green", 20)
        first = camera.latest()
        assert first.content[1] > first.content[0]
        self.put(tmp_path, "a.jpg", "blue", 30)
        self.put(tmp_path, "b.jpg", "red", 40)
        assert camera.latest() is first
        numbers = []
        for _ in range(4):
            now.at += FRAME_S
            numbers.append(camera.latest().number)
        assert numbers == [2, 3, 3, 3]

    def test_files_of_one_moment_come_in_order_of_their_names(self, tmp_path: Path, camera, now):
        self.put(tmp_path, "0.jpg", "red", 5)
        camera.latest()
        for name in ("2.jpg", "1.jpg"):
            self.put(tmp_path, name, "red" if name == "1.jpg" else "blue", 10)
        now.at += FRAME_S
        assert camera.latest().content[0] > 200

    def test_a_file_that_is_still_being_written_is_looked_at_again(self, tmp_path: Path, camera, now):
        whole = a_jpeg(Image.effect_noise((64, 64), 50))
        (tmp_path / "x.jpg").write_bytes(whole[:200])
        os.utime(tmp_path / "x.jpg", (10, 10))
        assert camera.latest() is None
        (tmp_path / "x.jpg").write_bytes(whole)
        os.utime(tmp_path / "x.jpg", (10, 10))
        now.at += FRAME_S
        assert camera.latest().width == 64

    def test_other_files_are_left_alone(self, tmp_path: Path, camera):
        (tmp_path / "notes.txt").write_text("x")
        assert camera.latest() is None

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path):
        with pytest.raises(NoCamera) as caught:
            FolderCamera(tmp_path / "nowhere").start()
        assert caught.value.code == "no_folder"

    def test_started_again_it_begins_with_the_newest_again(self, tmp_path: Path, camera, now):
        self.put(tmp_path, "a.jpg", "red", 10)
        assert camera.latest().number == 1
        camera.stop()
        self.put(tmp_path, "b.jpg", "blue", 20)
        self.put(tmp_path, "c.jpg", "red", 30)
        assert camera.latest().number == 1
        camera.start()
        assert camera.latest().content[0] > 200


def test_a_frame_is_as_large_as_it_says():
    with pytest.raises(ValueError, match="not those of a frame"):
        Frame(1, 4, 4, bytes(15), Pixels.LUMA)


class TestDesktop:
    def test_a_machine_without_a_camera_says_so(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("kivy.core.camera.Camera", None)
        with pytest.raises(NoCamera) as caught:
            DesktopCamera().start()
        assert caught.value.code == "no_provider"

    def test_each_texture_becomes_a_frame_of_red_green_and_blue(self, monkeypatch: pytest.MonkeyPatch):
        made: list[Any] = []

        class Provider:
            texture = SimpleNamespace(width=2, height=1, pixels=bytes([1, 2, 3, 255, 4, 5, 6, 255]))

            def __init__(self, **options: Any) -> None:
                self.options, self.calls = options, []
                made.append(self)

            def bind(self, on_texture: Any) -> None:
                self.on_texture = on_texture

            def unbind(self, on_texture: Any) -> None:
                self.calls.append("unbind")

            def start(self) -> None:
                self.calls.append("start")

            def stop(self) -> None:
                self.calls.append("stop")

        monkeypatch.setattr("kivy.core.camera.Camera", Provider)
        camera = DesktopCamera()
        camera.start()
        assert camera.latest() is None
        made[0].on_texture(made[0])
        assert (camera.latest().content, camera.latest().number) == (bytes([1, 2, 3, 4, 5, 6]), 1)
        camera.stop()
        assert made[0].calls == ["start", "stop", "unbind"]


class PretendJava:
    """Stands in for the Java side: records what CameraX and ZXing are told."""

    exception = ArithmeticError
    activity, main_executor, background_executor = "activity", "main", "background"

    def __init__(self, *, granted: bool = True, may_ask: bool = True) -> None:
        self.granted, self.may_ask = granted, may_ask
        self.told: list[Any] = []
        self.answer: Any = None
        self.found: list[str] = []
        self.finders: list[Any] = []
        self.windows: list[Any] = []

    def new(self, name: str) -> Any:
        return getattr(self, "_" + name.rsplit(".", 1)[-1].replace("$", "_"))

    @property
    def _ProcessCameraProvider(self) -> Any:  # noqa: N802 - Java's name
        provider = SimpleNamespace(
            unbindAll=lambda: self.told.append("unbind"),
            bindToLifecycle=lambda owner, selector, uses: self.told.append(("bind", selector, len(uses))),
        )
        future = SimpleNamespace(get=lambda: provider, addListener=lambda ready, executor: ready())
        return SimpleNamespace(getInstance=lambda activity: future)

    _CameraSelector = SimpleNamespace(DEFAULT_BACK_CAMERA="back")
    _ImageAnalysis = SimpleNamespace(STRATEGY_KEEP_ONLY_LATEST="latest")

    def _Size(self, width: int, height: int) -> tuple[int, int]:  # noqa: N802 - Java's name
        return width, height

    def _ImageAnalysis_Builder(self) -> Any:  # noqa: N802 - Java's name
        analysis = SimpleNamespace(setAnalyzer=lambda executor, take: setattr(self, "take", take))
        return SimpleNamespace(
            setTargetResolution=self.told.append, setBackpressureStrategy=self.told.append, build=lambda: analysis
        )

    def _QRCodeMultiReader(self) -> Any:  # noqa: N802 - Java's name
        def decode(bitmap: Any) -> list[Any]:
            if not self.found:
                raise ArithmeticError("NotFoundException")
            return [
                SimpleNamespace(getText=lambda text=text: text, getResultPoints=lambda: self.finders)
                for text in self.found
            ]

        return SimpleNamespace(decodeMultiple=decode)

    def _PlanarYUVLuminanceSource(self, content: bytes, *numbers: Any) -> Any:  # noqa: N802 - Java's name
        self.windows.append(numbers)

    def _HybridBinarizer(self, source: Any) -> Any:  # noqa: N802 - Java's name
        return source

    def _BinaryBitmap(self, binarizer: Any) -> Any:  # noqa: N802 - Java's name
        return binarizer

    def runnable(self, call: Any) -> Any:
        return call

    def analyser(self, take: Any) -> Any:
        return take

    def life_cycle(self) -> Any:
        return SimpleNamespace(begin=lambda: self.told.append("begin"), end=lambda: self.told.append("end"))

    def bytes_of(self, buffer: Any) -> bytes:
        return bytes(buffer)

    def on_main_thread(self, call: Any) -> None:
        call()

    def ask_activity(self, intent: Any, answered: Any) -> None:
        self.told.append(intent)
        self.answer = answered

    def is_granted(self, permission: str) -> bool:
        return self.granted

    def ask_for(self, permission: str, answered: Any) -> bool:
        self.answer = answered
        return self.may_ask


def an_image(rows: list[bytes], *, row_bytes: int, width: int, turned: int = 90) -> tuple[Any, list[str]]:
    closed: list[str] = []
    plane = SimpleNamespace(getBuffer=lambda: b"".join(rows), getRowStride=lambda: row_bytes)
    image = SimpleNamespace(
        getPlanes=lambda: [plane],
        getWidth=lambda: width,
        getHeight=lambda: len(rows),
        getImageInfo=lambda: SimpleNamespace(getRotationDegrees=lambda: turned),
        close=lambda: closed.append("closed"),
    )
    return image, closed


class TestAndroid:
    def test_the_back_camera_runs_from_start_to_stop(self):
        java = PretendJava()
        camera = AndroidCamera(java)
        camera.start()
        assert java.told == [(1280, 720), "latest", "unbind", ("bind", "back", 1), "begin"]
        camera.stop()
        assert java.told[-1] == "end"

    @pytest.mark.parametrize("rows", [[b"abc", b"def"], [b"abc_", b"def_"], [b"abc_", b"def"]])
    def test_padded_rows_become_a_frame_of_light(self, rows: list[bytes]):
        java = PretendJava()
        camera = AndroidCamera(java)
        camera.start()
        image, closed = an_image(rows, row_bytes=len(rows[0]), width=3)
        java.take(image)
        frame = camera.latest()
        assert (frame.content, frame.pixels, frame.turned, closed) == (b"abcdef", Pixels.LUMA, 1, ["closed"])

    def test_an_image_that_is_broken_is_closed_all_the_same(self):
        java = PretendJava()
        camera = AndroidCamera(java)
        camera.start()
        image, closed = an_image([b"ab"], row_bytes=2, width=9)
        with pytest.raises(ValueError, match="frame"):
            java.take(image)
        assert closed == ["closed"]

    def test_permission_comes_first(self):
        java = PretendJava(granted=False)
        camera = AndroidCamera(java)
        camera.start()
        assert java.told == []
        java.answer(True)
        assert "begin" in java.told

    def test_a_refusal_for_good_is_told(self):
        with pytest.raises(NoCamera) as caught:
            AndroidCamera(PretendJava(granted=False, may_ask=False)).start()
        assert caught.value.code == "not_allowed"

    def test_a_permission_that_comes_after_the_screen_was_left_starts_nothing(self):
        java = PretendJava(granted=False)
        camera = AndroidCamera(java)
        camera.start()
        camera.stop()
        java.answer(True)
        assert "begin" not in java.told

    def test_java_reads_the_whole_and_then_the_middle(self):
        java = PretendJava()
        decoder = JavaDecoder(java)
        frame = Frame(1, 8, 4, bytes(32), Pixels.LUMA)
        assert decoder.read(frame) == []
        assert java.windows == [(8, 4, 0, 0, 8, 4, False), (8, 4, 2, 1, 4, 2, False)]
        java.found = ["A", "A", "B"]
        assert decoder.read(frame) == ["A", "B"]

    def test_java_tells_where_a_label_is_by_its_finders(self):
        """Turned by a quarter: the code's own top left is at the picture's top right."""
        java = PretendJava()
        decoder, java.found = JavaDecoder(java), ["A"]
        view = View(bytes(6400), 80, 80, Pixels.LUMA, 80)
        assert decoder.look(view) == [Code("A", ())]
        java.finders = [
            SimpleNamespace(getX=lambda x=x: x, getY=lambda y=y: y) for x, y in ((10, 10), (52, 10), (52, 52))
        ]
        (code,) = decoder.look(view)
        assert code.corners == ((55.5, 6.5), (55.5, 55.5), (6.5, 55.5), (6.5, 6.5))

    def test_java_takes_light_only(self):
        with pytest.raises(ValueError, match="light"):
            JavaDecoder(PretendJava()).read(Frame(1, 1, 1, b"rgb"))


class TestReader:
    def test_it_looks_at_each_frame_once_and_not_after_it_was_stopped(self, tmp_path: Path):
        frames = [a_frame(a_photograph(a_label()))]

        class Still:
            def start(self) -> None:
                """On."""

            def stop(self) -> None:
                """Off."""

            def latest(self) -> Frame:
                return frames[-1]

        seen: list[int] = []
        found: list[Sight] = []
        reader = Reader(
            Still(), Decoder().codes, at_once, see=lambda frame: seen.append(frame.number), found=found.append
        )
        assert reader.look()
        assert not reader.look()
        assert (seen, [sight.texts for sight in found]) == ([1], [[a_label()]])
        reader.stop()
        frames.append(a_frame(a_photograph(a_label()), number=2))
        reader.look()
        assert seen == [1]

    def test_a_folder_is_read_by_a_thread(self, tmp_path: Path):
        found: list[Sight] = []
        camera, decode = FolderCamera(tmp_path), Decoder().codes
        reader = Reader(camera, decode, at_once, see=lambda frame: None, found=found.append)
        reader.start()
        (tmp_path / "1.part").write_bytes(a_jpeg(a_photograph(a_label())))
        (tmp_path / "1.part").rename(tmp_path / "1.jpg")
        until(lambda: bool(found))
        reader.stop()
        assert [sight.texts for sight in found] == [[a_label()]]
