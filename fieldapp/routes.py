"""Every screen by name, and the path a person took to the one that is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Route(StrEnum):
    """The screens, in the order in which a new inspector meets them."""

    ENROL = "enrol"
    PIN = "pin"
    SIGN_IN = "signin"
    JOINING = "joining"
    TODAY = "today"
    SCAN = "scan"
    CARD = "card"
    PHYSICAL_SEALS = "physical_seals"
    SEAL_MOVE = "physical_seals.move"
    START = "start"
    VISIT = "visit"
    PARTY = "party"
    INVITATION = "invitation"
    NAMEPLATE = "nameplate"
    CHECK = "check"
    SIGNATURE = "signature"
    LABELLING = "labelling"
    LABELLING_AIM = "labelling.aim"
    LABELLING_PLATE = "labelling.plate"
    LABELLING_NUMBER = "labelling.number"
    LABELLING_STALL = "labelling.stall"
    LABELLING_RESULT = "labelling.result"
    LABELLING_REVIEW = "labelling.review"
    LABELLING_SWAP = "labelling.swap"
    OUTBOX = "outbox"
    RECORD = "record"
    RESCUE = "rescue"
    RESCUE_CODES = "rescue.codes"
    RESCUE_CARRY = "rescue.carry"
    PREFERENCES = "preferences"
    HANDOVER = "handover"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Stop:
    """One place on the path: a screen and what it is about."""

    route: Route
    about: dict[str, Any] = field(default_factory=dict)


class Path:
    """The path; a screen's content is read from the store again whenever it is shown, so going back is always fresh."""

    def __init__(self, show: Callable[[Stop], None]) -> None:
        self._show = show
        self.stops: list[Stop] = []

    def _walk(self, stops: list[Stop]) -> None:
        """Show the last of some stops; where that fails, the person still stands where they stood."""
        before, self.stops = self.stops, stops
        try:
            self._show(stops[-1])
        except BaseException:
            self.stops = before
            raise

    def go(self, route: Route, **about: Any) -> None:
        """Go on to a screen."""
        self._walk([*self.stops, Stop(route, about)])

    def replace(self, route: Route, **about: Any) -> None:
        """Go to a screen in place of the one shown, which is not come back to."""
        self._walk([*self.stops[:-1], Stop(route, about)])

    def back(self) -> bool:
        """Go back; False when there is nothing to go back to."""
        if len(self.stops) < 2:
            return False
        self._walk(self.stops[:-1])
        return True

    def back_to(self, route: Route) -> None:
        """Go back to the last stop at a screen, or begin there when it is not on the path."""
        places = [place for place, stop in enumerate(self.stops) if stop.route is route]
        self._walk(self.stops[: places[-1] + 1] if places else [Stop(route)])

    def begin(self, route: Route, **about: Any) -> None:
        """Begin a new path."""
        self._walk([Stop(route, about)])

    def again(self) -> None:
        """Show the same screen anew, in another language for example."""
        if self.stops:
            self._show(self.stops[-1])
