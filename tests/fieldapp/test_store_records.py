"""Records and their operations: made once, chained, whole, and never lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.clock import Offset
from fieldapp.store.outbox import OpState
from fieldapp.store.records import NotComplete, TooLarge
from fieldapp.visit.missing import Missing
from fieldapp.visit.model import Visit
from shared.ops import FIRST_PREV, MAX_BODY_BYTES
from shared.verdict import Code
from shared.wire.visit import VisitSchema
from shared.words import Capacity, Disposition, NotInspected
from tests.builders import an_id
from tests.fieldapp.field_builders import (
    DEVICE,
    ME,
    NOON,
    SettableClock,
    a_field_check,
    a_store,
    a_visit,
    an_inspection,
    open_store,
    save,
)


def many(count: int, remark: str = "") -> tuple[object, ...]:
    return tuple(
        an_inspection(a_field_check(id_=0x5000 + number), id=an_id(0x6000 + number), remark=remark)
        for number in range(count)
    )


def test_a_record_has_the_form_of_the_wire_and_says_when_it_was_made(folder: Path):
    store = a_store(folder)
    ops = store.records.save(a_visit(), name="市场", device=DEVICE, person=ME, offset=Offset(-90, 2, NOON))
    body = json.loads(ops[0].body)
    VisitSchema().load(body)
    assert (body["made_at"], body["clock_offset_s"], body["clock_doubt_s"]) == ("2026-11-21T04:00:00Z", -90, 2)
    assert body["inspections"][0]["checks"][0]["verdict"] == "beyond"


def test_a_clock_that_was_never_measured_is_said_to_be_so(folder: Path):
    body = json.loads(save(a_store(folder))[0].body)
    assert (body["clock_offset_s"], body["clock_doubt_s"]) == (None, None)


def test_operations_are_a_chain_signed_by_the_device(folder: Path):
    store = a_store(folder)
    ops = [save(store, number=number)[0] for number in range(1, 6)]
    assert [op.device_seq for op in ops] == [1, 2, 3, 4, 5]
    assert [op.prev for op in ops] == [FIRST_PREV, *(op.next_prev for op in ops[:-1])]
    assert all(op.is_signed_by(DEVICE.signer.public) for op in ops)
    assert len({op.op_id for op in ops}) == 5


def test_the_outbox_gives_back_the_very_bytes_that_were_signed(folder: Path):
    saved = save(a_store(folder))[0]
    store = open_store(folder)
    entry = store.outbox.due(NOON, longest_s=0)[0]
    assert store.outbox.op(entry, DEVICE.id) == saved
    assert entry.op_sha256 == saved.op_sha256


def test_saving_ends_the_draft(folder: Path):
    store = a_store(folder)
    store.drafts.keep(a_visit(), NOON)
    save(store)
    assert store.drafts.running() is None


def test_a_refused_save_keeps_the_draft(folder: Path):
    store = a_store(folder)
    alone = a_visit(participants=a_visit().participants[:1])
    store.drafts.keep(alone, NOON)
    with pytest.raises(NotComplete) as caught:
        save(store, alone)
    assert caught.value.missing == [Missing.SECOND_OFFICER]
    assert store.drafts.running() == alone
    assert store.outbox.all() == []


def test_a_draft_comes_back_as_it_was(folder: Path):
    running = a_visit(an_inspection(disposition=None, signature=None), open_check=an_id(0x201))
    a_store(folder).drafts.keep(running, NOON)
    assert open_store(folder).drafts.running() == running


@pytest.mark.parametrize(
    ("visit", "missing"),
    [
        (a_visit(card_shown=False, recusal_told=False), [Missing.CARD, Missing.RECUSAL]),
        (a_visit(participants=(a_visit().participants[0],) * 2), [Missing.SECOND_OFFICER]),
        (
            a_visit(
                participants=(a_visit().participants[0], replace(a_visit().participants[1], capacity=Capacity.WITNESS))
            ),
            [Missing.SECOND_OFFICER],
        ),
        (replace(a_visit(), inspections=()), [Missing.INSPECTION]),
        (a_visit(an_inspection(disposition=None)), [Missing.DISPOSITION]),
        (a_visit(an_inspection(disposition=Disposition.NONE)), [Missing.DISPOSITION]),
        (a_visit(an_inspection(signature=None)), [Missing.SIGNATURE]),
        (
            a_visit(replace(an_inspection(disposition=Disposition.NOT_INSPECTED), checks=(), signature=None)),
            [Missing.WHY_NOT_INSPECTED],
        ),
        (
            a_visit(an_inspection(a_field_check((1_000, 1_000)), disposition=None, signature=None)),
            [Missing.DISPOSITION],
        ),
    ],
)
def test_what_a_record_must_have(folder: Path, visit: Visit, missing: list[Missing]):
    with pytest.raises(NotComplete) as caught:
        save(a_store(folder), visit)
    assert caught.value.missing == missing


def test_a_clean_party_needs_neither_choice_nor_signature(folder: Path):
    clean = a_field_check((1_000, 1_000), (5_000, 5_000), (10_000, 10_000))
    assert clean.verdict is Code.WITHIN
    body = json.loads(save(a_store(folder), a_visit(an_inspection(clean, disposition=None, signature=None)))[0].body)
    assert body["inspections"][0]["disposition"] == "none"


def test_a_closed_stall_is_recorded_with_why(folder: Path):
    closed = replace(
        an_inspection(disposition=Disposition.NOT_INSPECTED, not_inspected=NotInspected.CLOSED, signature=None),
        checks=(),
    )
    body = json.loads(save(a_store(folder), a_visit(closed))[0].body)
    assert body["inspections"][0]["not_inspected"] == "closed"


def test_a_check_without_a_reading_is_left_out(folder: Path):
    empty = replace(a_field_check(id_=0x202), readings=())
    body = json.loads(save(a_store(folder), a_visit(an_inspection(a_field_check(), empty)))[0].body)
    assert len(body["inspections"][0]["checks"]) == 1


def test_a_long_walk_becomes_several_records_at_once(folder: Path):
    store = a_store(folder)
    ops = save(store, a_visit(*many(150)))
    bodies = [json.loads(op.body) for op in ops]
    assert len(ops) > 1
    assert all(len(op.body.encode()) <= MAX_BODY_BYTES for op in ops)
    assert sum(len(body["inspections"]) for body in bodies) == 150
    assert len({body["id"] for body in bodies}) == len(bodies)
    assert ops[1].prev == ops[0].next_prev


def test_what_cannot_fit_is_told_and_nothing_is_saved(folder: Path):
    checks = tuple(a_field_check(*((n, n) for n in range(1, 100)), id_=0x7000 + number) for number in range(20))
    store = a_store(folder)
    with pytest.raises(TooLarge):
        save(store, a_visit(an_inspection(*checks)))
    assert store.outbox.all() == []


def test_the_day_of_a_record_is_the_civil_day(folder: Path):
    clock = SettableClock(NOON + timedelta(hours=13))
    store = a_store(folder, clock)
    save(store)
    assert store.outbox.all()[0].day == "2026-11-22"


def test_a_record_is_found_by_its_operation(folder: Path):
    store = a_store(folder)
    op = save(store)[0]
    record = store.records.of_op(op.op_id)
    assert record is not None
    assert (record.name, record.body["id"]) == ("东关农贸市场", a_visit().id)
    assert store.records.of_op(an_id(0x999)) is None


def test_an_operation_is_never_removed_by_an_answer(folder: Path):
    store = a_store(folder)
    op = save(store)[0]
    for state in OpState:
        with store.database.write() as connection:
            store.outbox.move(connection, op.op_id, state, answer={"problem": {"title": "x"}})
        assert [entry.state for entry in store.outbox.all()] == [state]


def test_the_balance_of_the_vectors_is_ours(folder: Path):
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "dingpan-v1.json").read_text())
    store = a_store(folder)
    with store.database.write() as connection:
        for seq, op_id in enumerate(vectors["balance"]["ops"], start=1):
            connection.execute(
                "INSERT INTO op VALUES (?, ?, '', '', '', '', ?, '', '', '', 0, 'waiting', 0, 0, 0, '', NULL)",
                (op_id, seq, vectors["op_sha256"][op_id]),
            )
    assert store.outbox.balance(1, 3) == vectors["balance"]["sha256"]
