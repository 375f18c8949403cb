"""The screens of the rescue in each state."""

from __future__ import annotations

import io

from fieldapp.routes import Route
from fieldapp.scan.code import Code
from fieldapp.scan.sight import Sight
from shared import rescue
from shared.rescue_codes import codes_of
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOON, save
from tests.fieldapp.photographs import a_frame, a_photograph


def carried(desk: Desk, ending: bytes = b"") -> str:
    package = rescue.head_of(259, bytes(32)) + b"sealed" * 90_000 + ending
    return desk.store.carried.keep(io.BytesIO(package), NOON, name="part")


def rescue_ready(desk: Desk) -> None:
    """Something to carry out, and something that is carried."""
    save(desk.store)
    carried(desk)
    desk.go(Route.RESCUE)


def rescue_nothing(desk: Desk) -> None:
    desk.go(Route.RESCUE)


def rescue_saved(desk: Desk) -> None:
    save(desk.store)
    vm = desk.go(Route.RESCUE)
    vm.save()
    assert vm.is_saved


def rescue_refused(desk: Desk) -> None:
    sha256 = carried(desk, b"x")
    detail = "文件不完整或者被改动过，什么都没有存入。记录仍在原来的手机上，请重新存出一份。"
    desk.store.carried.refused(sha256, {"detail": detail})
    vm = desk.go(Route.RESCUE)
    vm.open_package(sha256)
    assert vm.can_drop


def rescue_codes(desk: Desk) -> None:
    save(desk.store)
    vm = desk.go(Route.RESCUE_CODES)
    vm.left_out = desk.t("rescue.without_photos", count=3)
    vm.tick()
    assert vm.modules


def rescue_filming(desk: Desk) -> None:
    """Some codes of a series were seen."""
    vm = desk.go(Route.RESCUE_CARRY)
    texts = codes_of(bytes(range(256)) * 24)
    for text in (texts[0], *texts[3:9], texts[12]):
        vm.on_sight(_sight(text))
    assert vm.numbers


def rescue_left_and_back(desk: Desk) -> None:
    """Somebody left the screen for a moment: what was filmed stands, whether or not the camera comes back."""
    rescue_filming(desk)
    desk.go(Route.OUTBOX)
    assert desk.go(Route.RESCUE_CARRY).numbers


def rescue_kept(desk: Desk) -> None:
    vm = desk.go(Route.RESCUE_CARRY)
    for text in codes_of(rescue.head_of(259, bytes(32)) + b"sealed" * 40):
        vm.on_sight(_sight(text))
    assert vm.state == "kept"


def _sight(text: str) -> Sight:
    return Sight(a_frame(a_photograph("x")), (Code(text, ()),))


RESCUE_SCENES = (
    rescue_ready,
    rescue_nothing,
    rescue_saved,
    rescue_refused,
    rescue_codes,
    rescue_filming,
    rescue_left_and_back,
    rescue_kept,
)
