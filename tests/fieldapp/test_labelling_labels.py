"""Which labels a labelling day takes: whatever may not be put on is told before anything is filed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fieldapp.labelling.model import Step
from fieldapp.routes import Route
from fieldapp.store.outbox import OpState
from shared.seal import binding_of
from tests.builders import a_label
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import (
    LABEL_SERIAL,
    PLACE,
    STALL,
)
from tests.fieldapp.labelling_builders import (
    FRESH,
    VERIFIER,
    HeldCamera,
    a_filing,
    a_fresh_label,
    a_labelling_desk,
    bodies,
    file_one,
    signed,
    stand_at,
)
from tests.fieldapp.pretend_server import PretendServer


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder, adapter=PretendServer())


@pytest.fixture
def camera(desk: Desk) -> HeldCamera:
    return a_labelling_desk(desk)


def begin(desk: Desk) -> Any:
    """Begin the day at the market, and hold the first label before the camera."""
    desk.parts.path.begin(Route.TODAY)
    desk.vm.label()
    desk.vm.choose_place(PLACE)
    desk.vm.next()
    return desk.vm


# --- which labels are taken -----------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str, str]] = {
    "no label at all": ("wxp://f2f0", "不是计量二维码标识"),
    "signed by somebody else": (a_fresh_label(signer="somebody"), "不是本系统签发的标识"),
    "another system's": (a_fresh_label(host="EXAMPLE.COM"), "网址不属于本系统"),
    "an issuer nobody here knows": (a_fresh_label(key_id=77), "无法确认签发机构，请联网同步后重试"),
    "another bureau's": (a_fresh_label(region="411681"), "这是其他局的标识"),
    "void": (a_fresh_label(1_000_003), "标识已作废"),
    "for a nozzle": (a_fresh_label(kind=2), "这枚标识不是给秤用的"),
    "on a scale of the register": (a_label(serial=LABEL_SERIAL), "这枚标识已经用过"),
}


@pytest.mark.parametrize(("link", "told"), REFUSED.values(), ids=REFUSED)
def test_a_label_that_may_not_be_put_on_is_told_before_anything_is_filed(
    desk: Desk, camera: HeldCamera, link: str, told: str
):
    vm = begin(desk)
    vm.on_codes([link])
    assert (vm.step, told in vm.word) == ("label", True)
    assert desk.store.labelling.of(VERIFIER.id).filing.label == ""
    vm.on_codes([a_fresh_label()])
    assert vm.step == "nameplate", "the next label needs no touch"
    assert bodies(desk.store) == []


def test_a_used_label_names_the_instrument_that_bears_it(desk: Desk, camera: HeldCamera):
    vm = begin(desk)
    vm.on_codes([a_label(serial=LABEL_SERIAL)])
    assert "编号 ACS-30 2024 0311\nA12 号摊位" in vm.sentence


def test_labels_of_the_division_above_are_ours(desk: Desk, camera: HeldCamera):
    vm = begin(desk)
    vm.on_codes([a_fresh_label(region="411600")])
    assert vm.step == "nameplate"


def test_several_labels_at_once_are_nobodys_choice(desk: Desk, camera: HeldCamera):
    vm = begin(desk)
    vm.on_codes([a_fresh_label(FRESH), a_fresh_label(FRESH + 1)])
    assert (vm.step, vm.word, len(vm.rows)) == ("label", "", 2)
    assert desk.store.labelling.of(VERIFIER.id).filing.label == ""


def test_a_label_filed_here_is_used_before_the_register_hears_of_it_but_not_when_it_was_refused(
    desk: Desk, camera: HeldCamera
):
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    file_one(desk, 1)
    desk.vm.on_codes([a_fresh_label(FRESH + 1)])
    assert (desk.vm.step, desk.vm.word) == ("label", ""), "the camera still looks at the one just filed"
    file_one(desk, 2)
    desk.vm.on_codes([a_fresh_label(FRESH + 1)])
    assert (desk.vm.step, desk.vm.word) == ("label", "这枚标识已经用过")
    assert "0001\nA13 号摊位" in desk.vm.sentence
    with desk.store.database.write() as connection:
        for op in signed(desk.store)[:3]:
            desk.store.outbox.move(connection, op.op_id, OpState.REJECTED, answer={})
    desk.vm.on_codes(["wxp://f2f0"])
    desk.vm.on_codes([a_fresh_label(FRESH + 1)])
    assert desk.vm.step == "nameplate"


def test_a_label_made_for_another_serial_is_told_when_the_serial_is_known(desk: Desk, camera: HeldCamera):
    bound = a_label(serial=FRESH, binding=binding_of("ACS-30 2024 0999"))
    vm = stand_at(desk, a_filing(label=bound, serial="ACS-30 2024 0998"), Route.LABELLING_NUMBER)
    vm.choose_stall(STALL)
    assert (desk.route, vm.problem) == ("labelling.number", desk.t("labelling.wrong_binding"))
    vm.use_keyboard()
    vm.write("acs-30 2024 0999")
    vm.choose_stall(STALL)
    assert desk.route == "labelling.result"
