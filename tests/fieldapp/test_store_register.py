"""The register, the signed documents, the tree heads and the photos on the phone."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fieldapp.store.alarms import AlarmCode
from fieldapp.store.heads import HeadState
from fieldapp.store.register import Change
from fieldapp.store.rows import Instrument
from fieldapp.store.store import NotEnrolled
from fieldapp.store.trouble import StorageTrouble, Trouble
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.tree import TreeHead
from tests.builders import a_key_set_document, a_revocation_document, some_keys
from tests.fieldapp.field_builders import (
    LABEL_SERIAL,
    NOON,
    OTHER_PLACE,
    PLACE,
    SCALE,
    WORN,
    a_scale_row,
    a_store,
    fill,
    open_store,
)

HEAD = TreeHead("d1" * 16, 9, bytes(32), "2026-11-21T03:00:00Z", 4, bytes(64))


def apply(store, *changes: Change, round_no: int = 1) -> None:
    sealed = store.register.sealed(changes, round_no)
    with store.database.write() as connection:
        store.register.apply(connection, sealed)


def test_no_look_up_reads_all_of_a_kind(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A phone holds a hundred thousand instruments: each look-up finds its rows by an index, not by reading a kind."""
    store, plans = a_store(folder), list[str]()
    fill(store)
    rows, row = store.database.rows, store.database.row

    def _rows(statement: str, *values: object) -> object:
        plans.extend(str(step[3]) for step in rows(f"EXPLAIN QUERY PLAN {statement}", *values))
        return rows(statement, *values)

    def _row(statement: str, *values: object) -> object:
        plans.extend(str(step[3]) for step in rows(f"EXPLAIN QUERY PLAN {statement}", *values))
        return row(statement, *values)

    monkeypatch.setattr(store.database, "rows", _rows)
    monkeypatch.setattr(store.database, "row", _row)
    register = store.register
    assert register.instrument_of_label(LABEL_SERIAL)
    assert register.instruments_of_serial(a_scale_row()["serial"])
    register.instruments_of_code("PC-1")
    assert register.stalls_at(PLACE)
    assert register.instruments_at(PLACE)
    searches = [plan for plan in plans if "register" in plan]
    assert len(searches) >= 7
    assert not [plan for plan in searches if plan.startswith("SCAN") or plan.endswith("(kind=?)")], searches


def test_an_instrument_is_found_by_its_label(folder: Path):
    found = a_store(folder).register.instrument_of_label(LABEL_SERIAL)
    assert found is not None
    assert (found.id, found.custody.kind, found.verification.document_no) == (SCALE, "own", "周检2026-0117")
    assert found.scale is not None


def test_an_unknown_label_is_an_answer_and_no_error(folder: Path):
    assert a_store(folder).register.instrument_of_label(5) is None


def test_a_nameplate_nobody_could_read_is_none(folder: Path):
    assert a_store(folder).register.instrument(WORN).scale is None


def test_instruments_are_counted_and_listed_by_place(folder: Path):
    register = a_store(folder).register
    assert register.instrument_counts() == {PLACE: 2, OTHER_PLACE: 1}
    assert [instrument.serial for instrument in register.instruments_at(PLACE)] == ["ACS-30 2024 0311", "W-2"]
    assert [place.name for place in register.places()] == ["东关农贸市场", "城南加油站"]


def test_a_row_that_is_gone_is_removed(folder: Path):
    store = a_store(folder)
    apply(store, Change("instrument", SCALE, 2, None))
    assert store.register.instrument(SCALE) is None


def test_rows_of_a_newer_server_are_kept_and_ignored(folder: Path):
    store = a_store(folder)
    apply(
        store, Change("weather", "x", 1, {"sky": "blue"}), Change("instrument", SCALE, 2, a_scale_row(novelty=[1, 2]))
    )
    assert store.register.instrument(SCALE).serial == "ACS-30 2024 0311"
    assert store.database.row("SELECT count(*) FROM register WHERE kind = 'weather'") == (1,)


@pytest.mark.parametrize(
    "body", [{}, {"custody": 5, "label": [], "verification": "x", "max_mg": True, "price_computing": 1}]
)
def test_a_row_with_nothing_or_nonsense_in_it_reads_as_unknown(body: dict):
    instrument = Instrument.from_body(body)
    assert (instrument.custody, instrument.label, instrument.verification, instrument.max_mg) == (None,) * 4
    assert instrument.scale is None


def test_a_full_resync_removes_what_did_not_come_again(folder: Path):
    store = a_store(folder)
    fill(store, [("instrument", a_scale_row())], round_no=2)
    with store.database.write() as connection:
        store.register.drop_older_rounds(connection, 2)
    assert store.register.count() == 1


def test_a_region_that_is_no_longer_ours_is_dropped(folder: Path):
    store = a_store(folder)
    with store.database.write() as connection:
        store.register.drop_regions(connection, ["411602"])
    assert store.register.places() == []


def test_photos_of_places_with_tasks_are_wanted_first(folder: Path):
    store = a_store(folder)
    fill(
        store,
        [("instrument", a_scale_row("z", place=OTHER_PLACE, photo="aa")), ("instrument", a_scale_row(photo="bb"))],
    )
    assert store.register.photos_wanted() == ["bb", "aa"]


def test_a_phone_without_a_bureau_has_no_documents(folder: Path):
    with pytest.raises(NotEnrolled):
        _ = open_store(folder).documents


def test_documents_survive_a_restart(folder: Path):
    keys = a_store(folder).documents.keys
    assert open_store(folder).documents.keys == keys


@pytest.mark.parametrize("fields", [{"seq": 6}, {"next": "2027-12-31"}, {"root": "another root"}])
def test_a_key_set_rolled_back_forked_or_forged_is_refused_and_the_old_one_stays(folder: Path, fields: dict):
    documents = a_store(folder).documents
    before = documents.keys
    with pytest.raises(RefusedKeySet):
        documents.take_keys(a_key_set_document(**fields))
    assert documents.keys == before


@pytest.mark.parametrize("fields", [{"seq": 11}, {"issued": "2026-11-19"}, {"signer": "seal"}])
def test_void_labels_rolled_back_forked_or_forged_are_refused(folder: Path, fields: dict):
    documents = a_store(folder).documents
    with pytest.raises(RefusedRevocations):
        documents.take_revoked(a_revocation_document([1_000_003], **fields))
    assert documents.revoked.serials == {1_000_003}


def test_newer_documents_take_over(folder: Path):
    documents = a_store(folder).documents
    documents.take_keys(a_key_set_document(seq=8))
    documents.take_revoked(a_revocation_document([7], seq=13))
    assert (documents.keys.seq, documents.revoked.serials) == (8, {7})


def test_void_labels_whose_key_is_withdrawn_count_as_none(folder: Path):
    documents = a_store(folder).documents
    documents.take_keys(a_key_set_document(seq=8, keys=[key for key in some_keys() if key["purpose"] != "revocation"]))
    assert documents.revoked is None


def test_labels_are_judged_on_the_later_of_phone_and_log(folder: Path):
    store = a_store(folder)
    assert store.label_day().isoformat() == "2026-11-21"
    later = replace(HEAD, signed_at="2026-11-30T20:00:00Z")
    store.heads.keep(later, HeadState.SEEN, NOON)
    assert store.label_day().isoformat() == "2026-11-21"
    store.heads.keep(later, HeadState.CONSISTENT, NOON)
    assert store.label_day().isoformat() == "2026-12-01"


def test_a_broken_head_stays_broken_and_is_never_the_last_consistent_one(folder: Path):
    store = a_store(folder)
    store.heads.keep(HEAD, HeadState.CONSISTENT, NOON)
    store.heads.keep(replace(HEAD, size=12), HeadState.BROKEN, NOON)
    store.heads.keep(replace(HEAD, size=12), HeadState.CONSISTENT, NOON)
    assert store.heads.last_consistent() == HEAD
    assert store.heads.count() == 2


def test_an_alarm_is_kept_once_and_for_good(folder: Path):
    store = a_store(folder)
    for _ in range(2):
        store.alarms.ring(AlarmCode.LOG_CHANGED, NOON, first=3, second=9)
    assert [(alarm.code, alarm.detail) for alarm in open_store(folder).alarms.all()] == [
        (AlarmCode.LOG_CHANGED, {"first": 3, "second": 9})
    ]


def test_a_photo_comes_back_and_lies_sealed(folder: Path):
    store = a_store(folder)
    sha256 = store.photos.keep(b"picture" * 100)
    assert store.photos.get(sha256) == b"picture" * 100
    assert b"picture" not in (folder / "photos" / sha256).read_bytes()
    assert store.photos.get("00" * 32) is None
    assert store.photos.get(None) is None


def test_a_photo_that_cannot_be_written_leaves_no_row(folder: Path, monkeypatch: pytest.MonkeyPatch):
    store = a_store(folder)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageTrouble) as caught:
        store.photos.keep(b"picture")
    assert caught.value.code is Trouble.FULL
    assert store.database.rows("SELECT * FROM photo") == []
    assert list((folder / "photos").iterdir()) == []
    monkeypatch.undo()
    assert store.photos.get(store.photos.keep(b"picture")) == b"picture"


def test_the_file_is_there_before_the_row(folder: Path, monkeypatch: pytest.MonkeyPatch):
    store = a_store(folder)
    store.database.pragma("query_only = 1")
    with pytest.raises(StorageTrouble):
        store.photos.keep(b"picture")
    store.database.pragma("query_only = 0")
    assert len(list((folder / "photos").iterdir())) == 1
    assert store.photos.sweep(NOON) == 0
    file = next((folder / "photos").iterdir())
    os.utime(file, ((NOON - timedelta(days=2)).timestamp(),) * 2)
    kept = store.photos.keep(b"another")
    assert store.photos.sweep(NOON) == 1
    assert [path.name for path in (folder / "photos").iterdir()] == [kept]
