"""Builders for a labelling day: a verifier, fresh labels, a market with stalls, a camera that a test holds, steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from fieldapp.camera.port import Frame
from fieldapp.labelling.model import Day, Filing, Plate, Step
from fieldapp.routes import Route
from fieldapp.store.kept import Person
from fieldapp.store.store import Store
from shared.ops import Op
from shared.seal import Kind
from tests.builders import REGION, a_label, an_id
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import DEVICE, ME, NOON, PARTY, PLACE, STALL, fill
from tests.fieldapp.photographs import a_frame, a_photograph

VERIFIER = Person(ME.id, "沈量衡", "verifier", "JL-0311", "周口市计量检定所")
OPERATOR, SECOND_STALL, SECOND_PARTY = an_id(0x161), an_id(0x112), an_id(0x122)
FRESH = 1_000_101
PLATE = Plate(
    maker="衡正衡器", model="ACS-30", accuracy_class="III", max_mg=30_000_000, e_mg=10_000, price_computing=True
)


def a_fresh_label(serial: int = FRESH, **fields: Any) -> str:
    """Return the link of a stock label that nobody put on anything yet."""
    return a_label(serial=serial, **{"kind": Kind.STOCK, "binding": bytes(4)} | fields)


def market_with_stalls() -> list[tuple[str, dict[str, Any]]]:
    """Return who runs the market, and a second stall with its merchant."""
    market = {"id": PLACE, "kind": "market", "name": "东关农贸市场", "address": "川汇区东关路", "region": REGION}
    return [
        ("place", market | {"operator": OPERATOR, "phone_zone": "allowed"}),
        ("party", {"id": OPERATOR, "name": "东关市场管理公司", "identity_kind": "uscc", "code": None}),
        ("party", {"id": SECOND_PARTY, "name": "王大姐豆腐", "identity_kind": "self_grower", "code": None}),
        ("stall", {"id": STALL, "place": PLACE, "number": "A12", "tenant": PARTY}),
        ("stall", {"id": SECOND_STALL, "place": PLACE, "number": "A13", "tenant": SECOND_PARTY}),
    ]


class HeldCamera:
    """A camera that shows what a test holds before it."""

    def __init__(self) -> None:
        self.frame: Frame | None = a_frame(Image.new("RGB", (64, 48), "teal"))
        self.is_on = False

    def start(self) -> None:
        self.is_on = True

    def stop(self) -> None:
        self.is_on = False

    def latest(self) -> Frame | None:
        return self.frame if self.is_on else None

    def look_at(self, colour: str) -> None:
        """Hold something else before the camera."""
        self.frame = a_frame(Image.new("RGB", (64, 48), colour))


def a_labelling_desk(desk: Desk, person: Person = VERIFIER) -> HeldCamera:
    """Let a verifier label at the market of a desk; return the camera."""
    camera = HeldCamera()
    desk.parts.new_camera = lambda: camera
    desk.store.kept.person = person
    fill(desk.store, market_with_stalls())
    return camera


def a_filing(step: Step = Step.NUMBER, **fields: Any) -> Filing:
    """Return an instrument in hand, with its label and nameplate."""
    sound: dict[str, Any] = {"id": an_id(0x501), "step": step, "label": a_fresh_label(), "label_serial": FRESH}
    return Filing(**sound | {"plate": PLATE} | fields)


def a_day(filing: Filing | None = None, **fields: Any) -> Day:
    """Return a day at the market on which one scale was filed before."""
    sound: dict[str, Any] = {
        "person": VERIFIER.id,
        "place": PLACE,
        "plates": (PLATE,),
        "serial": "ACS-30 2024 0311",
        "stall": STALL,
        "passed_no": "周检2026-0117",
        "failed_no": "周通2026-003",
        "mark_no": "H26-00420",
        "filing": filing,
    }
    return Day(**sound | fields)


def stand_at(desk: Desk, filing: Filing | None, route: Route, **fields: Any) -> Any:
    """Keep a day with an instrument in hand, walk to a screen as a person does, and return its viewmodel."""
    desk.store.labelling.keep(a_day(filing, **fields), NOON)
    desk.parts.path.begin(Route.TODAY)
    desk.go(Route.LABELLING)
    return desk.go(route)


def with_photos(desk: Desk, filing: Filing) -> Filing:
    """Return a filing whose two photos were taken."""
    desk.store.labelling.keep(a_day(replace(filing, step=Step.NAMEPLATE)), NOON)
    desk.go(Route.LABELLING_AIM).shoot()
    taken = desk.store.labelling.of(VERIFIER.id).filing
    assert taken is not None
    desk.store.labelling.keep(a_day(replace(taken, step=Step.IN_PLACE)), NOON)
    desk.go(Route.LABELLING_AIM).shoot()
    taken = desk.store.labelling.of(VERIFIER.id).filing
    assert taken is not None
    return replace(taken, step=filing.step)


def file_one(desk: Desk, number: int, press: Callable[[Any, str], None] | None = None, *, label: str = "") -> None:
    """File one scale by the viewmodels, from its label to the next one; ``number`` makes serial and label."""
    desk.vm.on_codes([label or a_fresh_label(FRESH + number)])
    desk.vm.shoot()
    for key in f"{number:03d}":
        desk.vm.press(key)
    desk.vm.choose_stall(desk.vm.ways[0]["key"])
    if desk.route == "labelling.result":
        desk.vm.passes()
    desk.vm.shoot()
    desk.vm.save()


def signed(store: Store) -> list[Op]:
    """Return what was signed, oldest first."""
    return [store.outbox.op(entry, DEVICE.id) for entry in reversed(store.outbox.all())]


def bodies(store: Store) -> list[tuple[str, dict[str, Any]]]:
    """Return kind and body of what was signed, oldest first."""
    return [(op.kind, json.loads(op.body)) for op in signed(store)]


def a_picture_of(text: str) -> Frame:
    """Return a frame with a code in it."""
    return a_frame(a_photograph(text))
