"""Taking over a package of another phone: its codes are filmed in any order, or its file is opened.

This phone holds no key that opens a package. It is kept for good before anything is said to be carried.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from io import BytesIO
from typing import IO

from kivy.properties import ListProperty, ObjectProperty, OptionProperty, StringProperty

from fieldapp.camera.port import Frame, NoCamera
from fieldapp.files.port import Chosen, ChosenAnswer, Files, NoFiles
from fieldapp.parts import Parts
from fieldapp.scan.reader import Reader
from fieldapp.scan.sight import Sight
from fieldapp.store.trouble import StorageTrouble
from fieldapp.viewmodel import ViewModel
from shared.errors import RefusedRescue
from shared.rescue_codes import Series, read_code

MOST_NAMED = 12


class CarryState(StrEnum):
    """LOOKING for codes; CHOOSING a file; KEEPING a package; it is KEPT; no camera."""

    LOOKING = "looking"
    CHOOSING = "choosing"
    KEEPING = "keeping"
    KEPT = "kept"
    NO_CAMERA = "no_camera"


class CarryViewModel(ViewModel):
    """``progress`` says how many codes of a series were seen, ``missing`` which not; ``sentence`` what happened."""

    state = OptionProperty(CarryState.LOOKING.value, options=[state.value for state in CarryState])
    frame = ObjectProperty(None, allownone=True)
    sentence = StringProperty("")
    progress = StringProperty("")
    missing = StringProperty("")
    numbers = ListProperty()

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._reader: Reader | None = None
        self._files: Files | None = None
        self._collection = parts.store.carried.filmed

    def opened(self) -> None:
        """Start the camera; what was filmed of a series before somebody left the screen need not be filmed again."""
        if self._collection.last is not None:
            self._tell(self._collection.last)
        self.look()

    def closed(self) -> None:
        """Stop the camera."""
        self._rest()
        if self._files is not None:
            self._files.close()

    def look(self) -> None:
        """Look for codes; what was seen of a series stays."""
        self._rest()
        self.state, self.sentence = CarryState.LOOKING, ""
        camera, decode = self.parts.new_camera(), self.parts.new_decoder()
        self._reader = Reader(camera, decode, self.parts.post, see=self.see, found=self.on_sight)
        try:
            self._reader.start()
        except NoCamera as missing:
            self._reader = None
            self.state, self.sentence = CarryState.NO_CAMERA, self.t(f"camera.{missing.code}")

    def _rest(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def see(self, frame: Frame) -> None:
        """Take a new frame for the preview."""
        self.frame = frame

    def on_sight(self, sight: Sight) -> None:
        """Take what one frame held: codes of a series in any order, each as often as it is seen."""
        found = [code for code in map(read_code, sight.texts) if code is not None]
        if not found:
            self.sentence = self.t("rescue.not_a_code")
            return
        for code in found:
            series, _ = self._collection.take(code)
            self._tell(series)
            if not series.missing:
                self._take(series)
                return

    def _tell(self, series: Series) -> None:
        missing = series.missing
        self.numbers, self.sentence = missing, ""
        self.progress = self.t("rescue.progress", seen=series.count - len(missing), count=series.count)
        listed = self.t("rescue.between").join(map(str, missing[:MOST_NAMED]))
        more = len(missing) - MOST_NAMED
        named = self.t("rescue.and_more", numbers=listed, count=more) if more > 0 else listed
        self.missing = self.t("rescue.missing", numbers=named) if missing else ""

    def _take(self, series: Series) -> None:
        """Keep a whole series; parts that do not belong together are dropped, and filming begins anew."""
        self._collection.forget(series)
        package = series.package()
        if package is None:
            self.progress, self.missing, self.numbers = "", "", []
            self.sentence = self.t("rescue.does_not_fit")
            return
        self._keep(lambda: BytesIO(package))

    def choose_file(self) -> None:
        """Let the person choose a rescue file."""
        self._rest()
        self.state, self.sentence, self.frame = CarryState.CHOOSING, "", None
        self._files = self.parts.new_files()
        self._files.choose(lambda answer: self.parts.post(lambda: self._chosen(answer)))

    def _chosen(self, answer: ChosenAnswer) -> None:
        if isinstance(answer, Chosen):
            self._keep(answer.open)
            return
        self.look()
        if isinstance(answer, NoFiles):
            self.sentence = self.t("rescue.no_files")

    def _keep(self, open_: Callable[[], IO[bytes]]) -> None:
        self._rest()
        self.state, self.sentence = CarryState.KEEPING, self.t("rescue.keeping")
        carried, clock = self.parts.store.carried, self.parts.clock

        def _keep() -> str:
            with open_() as source:
                return carried.keep(source, clock.now(), name=clock.new_id())

        self.parts.off_thread(_keep, self._kept, RefusedRescue, StorageTrouble, OSError)

    def _kept(self, result: str | RefusedRescue | StorageTrouble | OSError) -> None:
        if not isinstance(result, str):
            self.look()
            self.sentence = self._failure(result)
            return
        self.progress, self.missing, self.numbers = "", "", []
        self.state = CarryState.KEPT
        self.sentence = self.t("rescue.kept", id=result[:16].upper())
        self.parts.sync_soon()

    def _failure(self, failure: RefusedRescue | StorageTrouble | OSError) -> str:
        if isinstance(failure, StorageTrouble):
            return self.t(f"storage.{failure.code}")
        return self.t(
            f"rescue.refused_{failure.values['why']}" if isinstance(failure, RefusedRescue) else "rescue.file_gone"
        )
