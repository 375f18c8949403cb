"""Packages of other phones are kept for good, brought until the server is done with them, and then let go."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from fieldapp.rescue.package import holdings, seal_file
from fieldapp.routes import Route
from fieldapp.store.carried import CarriedState
from fieldapp.store.trouble import StorageTrouble
from fieldapp.sync.carrying import LONGEST_S, send_carried
from fieldapp.sync.client import Client
from fieldapp.sync.failures import Unreachable
from fieldapp.sync.round import Result
from fieldapp.sync.token import Session
from server.database import begin_write, db
from server.devices.models import Device
from server.sync.models import StoredOp
from shared import rescue
from shared.errors import RefusedRescue
from tests.fieldapp.cutting import Cable
from tests.fieldapp.field_builders import NOON, open_store
from tests.fieldapp.rescue_builders import a_package, came, desk_of, keep, record
from tests.fieldapp.server_phone import Phone
from tests.server import photos
from tests.server.live import serving


def test_a_package_is_on_the_disk_before_a_row_names_it_and_goes_after_its_row(
    phone: Phone, carrier: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(phone)
    package, carried = a_package(phone), carrier.store.carried
    folder = carried.path("x").parent
    done: list[str] = []
    real_sync, real_write = os.fsync, carrier.store.database.write
    monkeypatch.setattr(os, "fsync", lambda number: (done.append("synced"), real_sync(number))[1])

    def _write() -> Any:
        done.append(f"row with {sorted(len(path.name) for path in folder.iterdir())}")
        return real_write()

    monkeypatch.setattr(carrier.store.database, "write", _write)
    sha256 = keep(carrier, package)
    assert done == ["synced", "synced", "row with [64]"]
    assert carried.path(sha256).read_bytes() == package
    assert keep(carrier, package) == sha256
    assert len(carried.all()) == 1
    monkeypatch.undo()
    carried.let_go(sha256)
    assert (carried.all(), list(folder.iterdir())) == ([], [])


def test_what_is_no_package_or_does_not_fit_is_not_kept(carrier: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    for content, why in ((b"", "form"), (b"x" * 100, "form"), (b"DPRESCUE\x09" + bytes(99), "version")):
        with pytest.raises(RefusedRescue) as refused:
            keep(carrier, content)
        assert refused.value.values["why"] == why
    monkeypatch.setattr(rescue, "MOST_BYTES", 50)
    with pytest.raises(RefusedRescue):
        keep(carrier, rescue.head_of(1, bytes(32)) + bytes(99))
    assert list(carrier.store.carried.path("x").parent.iterdir()) == []
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(StorageTrouble):
        keep(carrier, rescue.head_of(1, bytes(32)))
    assert carrier.store.carried.all() == []


def test_what_a_crash_left_is_swept_after_a_day_and_what_is_carried_stays(phone: Phone, carrier: Phone) -> None:
    record(phone)
    carried = carrier.store.carried
    sha256 = keep(carrier, a_package(phone))
    stray = carried.path("stray.part")
    for path in (stray, carried.path(sha256)):
        path.touch()
        os.utime(path, (1, 1))
    assert carried.sweep(NOON) == 1
    assert [path.name for path in stray.parent.iterdir()] == [sha256]


def test_a_package_that_is_not_settled_is_carried_on_and_sent_less_and_less_often(phone: Phone, carrier: Phone) -> None:
    record(phone)
    sha256 = keep(carrier, a_package(phone))
    device = db.session.get_one(Device, phone.store.kept.device.id)
    begin_write()
    device.is_suspended = True
    db.session.commit()
    assert carrier.round().result is Result.DONE
    (package,) = carrier.store.carried.all()
    assert (package.sha256, package.state, package.tries) == (sha256, CarriedState.WAITING, 1)
    assert package.answer["ops"]["retry"] == 1
    assert carrier.store.carried.due(carrier.clock.now(), longest_s=LONGEST_S) == []
    carrier.clock.at += timedelta(seconds=61)
    assert carrier.round().result is Result.DONE
    assert carrier.store.carried.all()[0].tries == 2
    db.session.get_one(Device, device.id).is_suspended = False
    db.session.commit()
    carrier.store.carried.wake()
    assert carrier.round().result is Result.DONE
    assert carrier.store.carried.all() == []
    assert db.session.query(StoredOp).count() == 1


def test_a_suspended_carrier_leaves_it_aside_keeps_it_and_brings_it_when_let_in(phone: Phone, carrier: Phone) -> None:
    record(phone)
    keep(carrier, a_package(phone))
    device_id = carrier.store.kept.device.id
    begin_write()
    db.session.get_one(Device, device_id).is_suspended = True
    db.session.commit()
    carrier.session.client.token = ""
    assert carrier.round().result is Result.SUSPENDED
    assert len(carrier.store.carried.all()) == 1
    assert db.session.query(StoredOp).count() == 0
    begin_write()
    db.session.get_one(Device, device_id).is_suspended = False
    db.session.commit()
    assert carrier.round().result is Result.DONE
    assert carrier.store.carried.all() == []
    assert db.session.query(StoredOp).count() == 1


def test_a_package_that_the_server_does_not_take_is_shown_with_its_reason_and_thrown_away_by_hand(
    phone: Phone, carrier: Phone, tmp_path: Path
) -> None:
    record(phone)
    package = a_package(phone)
    sha256 = keep(carrier, package[:-1] + bytes([package[-1] ^ 1]))
    assert carrier.round().result is Result.DONE
    desk = desk_of(carrier, tmp_path / "desk")
    vm = desk.go(Route.RESCUE)
    assert [row["code"] for row in vm.rows] == ["beyond"]
    vm.open_package(sha256)
    assert "什么都没有存入" in vm.reason
    assert vm.can_drop
    vm.send_now()
    assert carrier.store.carried.all()[0].state is CarriedState.WAITING
    assert carrier.round().result is Result.DONE
    vm.open_package(sha256)
    vm.drop()
    assert (vm.rows, vm.reason, carrier.store.carried.all()) == ([], "", [])


def test_a_package_whose_file_is_gone_is_no_trouble_for_the_round(phone: Phone, carrier: Phone, tmp_path: Path) -> None:
    record(phone)
    sha256 = keep(carrier, a_package(phone))
    carrier.store.carried.path(sha256).unlink()
    assert carrier.round().result is Result.DONE
    vm = desk_of(carrier, tmp_path / "desk").go(Route.RESCUE)
    vm.open_package(sha256)
    assert vm.reason == vm.t("rescue.file_gone")


def test_a_restart_carries_on(phone: Phone, carrier: Phone, tmp_path: Path) -> None:
    record(phone)
    sha256 = keep(carrier, a_package(phone))
    again = open_store(tmp_path / "carrier")
    assert [package.sha256 for package in again.carried.all()] == [sha256]
    again.database.close()


def test_a_line_that_breaks_in_the_middle_leaves_the_package_with_its_carrier(
    phone: Phone, carrier: Phone, tmp_path: Path
) -> None:
    """Over real HTTP: half of a package is none, and the next time it comes whole."""
    large = photos.noise((700, 500), 3)
    record_id = record(phone, large)
    keep(carrier, seal_file(phone.store, holdings(phone.store), tmp_path / "out").path.read_bytes())
    db.session.remove()
    with serving(phone.world.app) as server:
        cable = Cable(server.port)
        line = Client(f"http://127.0.0.1:{cable.port}", requests.Session())
        session = Session(carrier.store, line)
        session.begin()
        cable.room = len(large) // 2
        with pytest.raises(Unreachable):
            send_carried(carrier.store, session)
        assert (cable.cuts, len(carrier.store.carried.all())) == (1, 1)
        cable.room = None
        carrier.store.carried.wake()
        assert send_carried(carrier.store, session) == 1
        line._session.close()
        cable.close()
    assert carrier.store.carried.all() == []
    assert came(phone.world, record_id) == [large]
