"""The screens of a labelling day in the states a person meets them in."""

from __future__ import annotations

from dataclasses import replace

from fieldapp.labelling.model import Step, Verified
from fieldapp.routes import Route
from tests.builders import a_label
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import LABEL_SERIAL, PARTY, STALL
from tests.fieldapp.labelling_builders import (
    FRESH,
    PLATE,
    SECOND_STALL,
    a_day,
    a_filing,
    a_fresh_label,
    a_labelling_desk,
    a_picture_of,
    file_one,
    stand_at,
    with_photos,
)
from tests.fieldapp.photographs import a_sight_of


def labelling_where(desk: Desk) -> None:
    a_labelling_desk(desk)
    desk.go(Route.LABELLING)


def labelling_day(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM)
    for number in (1, 2, 3):
        file_one(desk, number)
    desk.vm.back()


def labelling_begins(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, None, Route.LABELLING)


def aiming(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, a_filing(Step.LABEL), Route.LABELLING_AIM).see(a_picture_of(a_fresh_label()))


def used_label(desk: Desk) -> None:
    aiming(desk)
    desk.vm.on_codes([a_label(serial=LABEL_SERIAL)])


def several_fresh_labels(desk: Desk) -> None:
    aiming(desk)
    desk.vm.on_sight(a_sight_of(a_fresh_label(), a_label(serial=LABEL_SERIAL), a_fresh_label(signer="somebody")))
    desk.vm.choose("1")


def forged_label(desk: Desk) -> None:
    aiming(desk)
    desk.vm.on_codes([a_fresh_label(signer="somebody")])


def nameplate_photo(desk: Desk) -> None:
    aiming(desk)
    desk.vm.on_codes([a_fresh_label()])
    desk.vm.on_codes(["SN:ACS24-00311"])


def other_label(desk: Desk) -> None:
    a_labelling_desk(desk)
    vm = stand_at(desk, a_filing(Step.IN_PLACE, serial="X"), Route.LABELLING_AIM)
    vm.see(a_picture_of(a_fresh_label(FRESH + 5)))
    vm.on_codes([a_fresh_label(FRESH + 5)])


def plate(desk: Desk) -> None:
    a_labelling_desk(desk)
    others = (PLATE, replace(PLATE, maker="永正衡器", model="TCS-150", max_mg=150_000_000, e_mg=50_000))
    vm = stand_at(desk, a_filing(Step.PLATE), Route.LABELLING_PLATE, plates=others)
    vm.choose("e_mg", "1000000")


def number(desk: Desk) -> None:
    a_labelling_desk(desk)
    vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
    for key in "312":
        vm.press(key)


def number_missing(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, a_filing(), Route.LABELLING_NUMBER).choose_stall(STALL)


def keyboard(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, a_filing(), Route.LABELLING_NUMBER).use_keyboard()


def filed_already(desk: Desk) -> None:
    a_labelling_desk(desk)
    vm = stand_at(desk, a_filing(), Route.LABELLING_NUMBER)
    vm.write("ACS-30 2024 0311")
    vm.choose_stall(STALL)


def stalls(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, a_filing(serial="ACS-30 2024 0312"), Route.LABELLING_STALL)


def terms(desk: Desk) -> None:
    stalls(desk)
    desk.vm.show_terms()
    desk.vm.ask_party("李")
    desk.vm.choose_party(PARTY)


def result(desk: Desk) -> None:
    a_labelling_desk(desk)
    stand_at(desk, a_filing(Step.RESULT, serial="ACS-30 2024 0312"), Route.LABELLING_RESULT)


def failing(desk: Desk) -> None:
    result(desk)
    desk.vm.fails()
    desk.vm.failed_no = ""
    desk.vm.fails()


def review(desk: Desk) -> None:
    a_labelling_desk(desk)
    verified = Verified(document_no="周检2026-0118", mark_no="H26-00421")
    fields = {"serial": "ACS-30 2024 0312", "stall": SECOND_STALL, "user": PARTY, "verified": verified}
    filing = with_photos(desk, a_filing(Step.REVIEW, **fields))
    stand_at(desk, filing, Route.LABELLING_REVIEW)


def swap(desk: Desk) -> None:
    a_labelling_desk(desk)
    vm = stand_at(desk, None, Route.LABELLING_SWAP)
    vm.on_codes([a_label(serial=LABEL_SERIAL)])
    vm.on_codes([a_fresh_label()])


def both_swapped(desk: Desk) -> None:
    swap(desk)
    desk.vm.on_codes([a_label(serial=1_000_005)])


def swap_side_by_side(desk: Desk) -> None:
    a_labelling_desk(desk)
    vm = stand_at(desk, None, Route.LABELLING_SWAP)
    vm.on_sight(a_sight_of(a_label(serial=LABEL_SERIAL), a_label(serial=1_000_005)))
    vm.choose("0")


def labelling_today(desk: Desk) -> None:
    a_labelling_desk(desk)
    desk.store.labelling.keep(a_day(), desk.clock.now())
    desk.go(Route.TODAY)


LABELLING_SCENES = (
    *(labelling_where, labelling_day, labelling_begins, labelling_today, aiming, used_label, forged_label),
    *(
        several_fresh_labels,
        swap_side_by_side,
        nameplate_photo,
        other_label,
        plate,
        number,
        number_missing,
        keyboard,
        filed_already,
        stalls,
        terms,
    ),
    *(result, failing, review, swap, both_swapped),
)
