"""What the screens of a labelling day that scan labels have in common: the camera, and the choice among several."""

from __future__ import annotations

from kivy.properties import StringProperty

from fieldapp.camera.port import NoCamera
from fieldapp.labelling import wording
from fieldapp.labelling.labels import bearer
from fieldapp.labelling.lens import Lens
from fieldapp.parts import Parts
from fieldapp.scan.label import Scan
from fieldapp.scan.several import SeveralLabels
from fieldapp.scan.sight import Sight


class LabelScanning(SeveralLabels):
    """Looks from ``look`` to ``rest``. A choice stays until it is fit, for the next touch or to look again.

    ``camera_trouble`` says why there is no camera.
    """

    camera_trouble = StringProperty("")

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._lens: Lens | None = None
        self._seen: tuple[str, ...] = ()

    def look(self) -> None:
        """Look for labels, again; what was asked is asked no more."""
        self.forget()
        self._seen = ()
        if self._lens is not None:
            return
        self._lens = Lens(self.parts, see=self.see, found=self.on_sight)
        try:
            self._lens.start()
        except NoCamera as missing:
            self._lens = None
            self.camera_trouble = self.t(f"camera.{missing.code}")

    def rest(self) -> None:
        """Free the camera."""
        if self._lens is not None:
            self._lens.stop()
            self._lens = None

    def closed(self) -> None:
        """Free the camera."""
        self.rest()

    def on_sight(self, sight: Sight) -> None:
        """Take what one frame held."""
        self.on_codes(sight.texts, sight)

    def on_codes(self, texts: list[str], sight: Sight | None = None) -> None:
        """Take the texts of one frame; ``sight`` None: where in the frame they stand is not known."""
        raise NotImplementedError

    def borne(self, scan: Scan) -> str:
        """Say on one line which instrument bears a label, by the register or by what was filed here; "" for none."""
        on = bearer(self.parts.store, scan.seal.payload.serial) if scan.is_trusted and scan.seal else ""
        return wording.instrument(self.parts, on).replace("\n", "  ")
