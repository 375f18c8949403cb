"""A hand that labels: it counts its touches, and holds the camera before what a person would."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from shared.seal import short_code
from shared.texts import load
from tests.fieldapp.labelling_builders import a_fresh_label
from tests.fieldapp.photographs import a_jpeg, a_photograph
from tests.journeys.driver.window import FieldWindow

t = load("zh-CN", "fieldapp")


class Hand:
    """One person at one phone. ``touches`` counts every touch of the screen, digits too."""

    def __init__(self, window: FieldWindow, frames: Path) -> None:
        self.window, self._frames = window, frames
        self.touches, self._shown = 0, 0

    def hold_before(self, *texts: str) -> None:
        """Hold the camera before some codes; a camera never shows half a picture."""
        self._shown += 1
        picture = a_photograph(*texts, seed=self._shown)
        (self._frames / "next.part").write_bytes(a_jpeg(picture))
        (self._frames / "next.part").rename(self._frames / f"{time.time_ns()}.jpg")

    def tap(self, text: str) -> None:
        """Touch the big button that says this."""

        def found() -> tuple[int, int] | None:
            buttons = (one for one in self.window.look().widgets if one.kind in ("BigButton", "WayButton"))
            return next((one.middle for one in buttons if one.is_enabled and one.says(text)), None)

        self.window.tap_at(*self.window.until(found, f"the button {text!r}"))
        self.touches += 1

    def type(self, digits: Iterable[str]) -> None:
        """Press keys of the pad."""
        for digit in digits:
            self.window.tap_key(digit)
            self.touches += 1

    def touch_label(self, serial: int) -> None:
        """Touch one of several labels in the list under the picture."""
        self.window.wait_for(t("scan.which"))
        self.window.tap(short_code(serial))
        self.touches += 1

    def file_one(self, label: int, tail: str, stall: str, *, passes: bool = True, beside: str = "") -> None:
        """File one scale like the last one: label, nameplate, last digits, stall, result, label in place, next.

        ``beside`` is another label in the first picture.
        """
        fresh = a_fresh_label(label)
        self.hold_before(*([beside, fresh] if beside else [fresh]))
        if beside:
            self.touch_label(label)
        self.window.wait_for(t("labelling.aim_nameplate"))
        self.tap(t("labelling.shoot"))
        self.window.wait_for_screen("labelling.number")
        self.type(tail)
        self.tap(stall)
        self.window.wait_for_screen("labelling.result")
        self.tap(t("verification.passed") if passes else t("verification.failed"))
        if not passes:
            self.tap(t("labelling.confirm_failed"))
        self.window.wait_for(t("labelling.aim_in_place"))
        self.tap(t("labelling.shoot"))
        self.window.wait_for_screen("labelling.review")
        self.tap(t("labelling.save"))
        self.window.wait_for(t("labelling.aim_label"))
