"""The screens of physical seals in the states a person meets them in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fieldapp.routes import Route
from shared.words import SealAct, SealPosition
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOZZLE, SCALE, WORN


def fill_in(desk: Desk, act: SealAct, position: SealPosition = SealPosition.HOUSING, **typed: str) -> Any:
    """Walk from a scale's card to a position and type; return what is shown then."""
    return fill_in_at(desk, SCALE, act, position, **typed)


def fill_in_at(desk: Desk, instrument: str, act: SealAct, position: SealPosition, **typed: str) -> Any:
    """Walk from any instrument's card to a position and type."""
    desk.go(Route.CARD, instrument=instrument).look_at_seals()
    desk.vm.choose(position.value, act.value)
    for name, text in typed.items():
        desk.vm.write(name, text)
    return desk.vm


def record(desk: Desk, act: SealAct, position: SealPosition = SealPosition.HOUSING, **typed: str) -> None:
    """Record what happened at a position of the scale; a minute passes."""
    fill_in(desk, act, position, **typed).save()
    desk.clock.at += timedelta(minutes=1)


def no_seals(desk: Desk) -> None:
    desk.go(Route.CARD, instrument=NOZZLE).look_at_seals()


def seals(desk: Desk) -> None:
    record(desk, SealAct.APPLIED, SealPosition.ADJUSTER, new_number="周检 2026-00417")
    record(desk, SealAct.FOUND_BROKEN, SealPosition.SENSOR_CABLE)
    record(desk, SealAct.OPENED, SealPosition.MAIN_BOARD, authority="衡正衡器维修部", document_no="周检修〔2026〕7号")
    fill_in(desk, SealAct.APPLIED, new_number="QF-001")
    desk.vm.back()


def sealing(desk: Desk) -> None:
    fill_in(desk, SealAct.APPLIED).save()


def opening(desk: Desk) -> None:
    record(desk, SealAct.APPLIED, new_number="QF-001")
    names = "、".join("甲乙丙丁戊己庚")
    fill_in(desk, SealAct.OPENED, old_number="QF-002", witnesses=names, note="修理后").save()


def breaking(desk: Desk) -> None:
    record(desk, SealAct.APPLIED, new_number="QF-001")
    fill_in(desk, SealAct.FOUND_BROKEN)


def replacing(desk: Desk) -> None:
    record(desk, SealAct.APPLIED, new_number="QF-001")
    fill_in_at(desk, WORN, SealAct.APPLIED, SealPosition.ADJUSTER, new_number="QF-002").save()
    fill_in(desk, SealAct.REPLACED, old_number="QF-009", new_number="qf-002", witnesses="李四、王五").save()


def standing_already(desk: Desk) -> None:
    record(desk, SealAct.APPLIED, new_number="QF-001")
    fill_in(desk, SealAct.APPLIED, new_number="QF-003").save()


SEAL_SCENES = (no_seals, seals, sealing, opening, breaking, replacing, standing_already)
