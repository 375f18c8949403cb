"""Which screen and which viewmodel belong to a route; each is imported when it is first opened."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fieldapp.parts import Parts
from fieldapp.routes import Route, Stop
from fieldapp.viewmodel import ViewModel

if TYPE_CHECKING:
    from fieldapp.screen import Screen

NAMES = {
    Route.ENROL: "Enrol",
    Route.PIN: "Pin",
    Route.SIGN_IN: "SignIn",
    Route.JOINING: "Joining",
    Route.TODAY: "Today",
    Route.SCAN: "Scan",
    Route.CARD: "Card",
    Route.PHYSICAL_SEALS: "PhysicalSeals",
    Route.SEAL_MOVE: "SealMove",
    Route.START: "Start",
    Route.VISIT: "Visit",
    Route.PARTY: "Party",
    Route.INVITATION: "Invitation",
    Route.NAMEPLATE: "Nameplate",
    Route.CHECK: "Check",
    Route.SIGNATURE: "Signature",
    Route.LABELLING: "Labelling",
    Route.LABELLING_AIM: "Aim",
    Route.LABELLING_PLATE: "Plate",
    Route.LABELLING_NUMBER: "Number",
    Route.LABELLING_STALL: "Stall",
    Route.LABELLING_RESULT: "Result",
    Route.LABELLING_REVIEW: "Review",
    Route.LABELLING_SWAP: "Swap",
    Route.OUTBOX: "Outbox",
    Route.RECORD: "Record",
    Route.RESCUE: "Rescue",
    Route.RESCUE_CODES: "Codes",
    Route.RESCUE_CARRY: "Carry",
    Route.PREFERENCES: "Preferences",
    Route.HANDOVER: "Handover",
    Route.SUSPENDED: "Suspended",
}


def new_viewmodel(parts: Parts, stop: Stop) -> ViewModel:
    """Return the viewmodel of a stop."""
    module = import_module(f"fieldapp.{stop.route}.viewmodel")
    made: ViewModel = getattr(module, f"{NAMES[stop.route]}ViewModel")(parts, **stop.about)
    return made


def new_screen(route: Route, vm: ViewModel) -> Screen:
    """Return a screen with its first viewmodel."""
    module = import_module(f"fieldapp.{route}.screen")
    made: Any = getattr(module, f"{NAMES[route]}Screen")(vm=vm)
    screen: Screen = made
    return screen
