"""What a phone cannot send is carried out by a file or by codes, taken along by another phone, and comes in once."""

from __future__ import annotations

import io
import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

import fieldapp
from fieldapp.camera.port import Frame, Pixels
from fieldapp.files.desktop import DesktopFiles
from fieldapp.invitation.viewmodel import modules_of
from fieldapp.rescue import package as packages
from fieldapp.rescue.package import Holdings, NoRescueKey, holdings, portions, seal_file, seal_series
from fieldapp.routes import Route
from fieldapp.scan.decoder import Decoder
from fieldapp.scan.sight import Sight
from fieldapp.store.carried import CarriedState
from fieldapp.store.outbox import OpState
from fieldapp.store.trouble import StorageTrouble
from fieldapp.store.uploads import UploadState
from fieldapp.sync.carrying import LONGEST_S, send_carried
from fieldapp.sync.client import Client
from fieldapp.sync.failures import Unreachable
from fieldapp.sync.push import push_all
from fieldapp.sync.round import Result
from fieldapp.sync.token import Session
from fieldapp.ui_thread import at_once
from fieldapp.visit.model import Evidence
from fieldapp.widgets.code_picture import pixels
from server.database import begin_write, db
from server.devices.models import Device
from server.evidence import service as evidence
from server.evidence.models import NamedFile
from server.sync.models import StoredOp
from shared import rescue
from shared.errors import RefusedRescue
from shared.keys import Purpose
from shared.rescue_codes import codes_of
from tests.builders import a_key_set_document, some_keys
from tests.fieldapp.cutting import Cable
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import NOON, open_store, save
from tests.fieldapp.photographs import a_photograph
from tests.fieldapp.server_phone import Phone
from tests.server import photos
from tests.server.conftest import TestClock
from tests.server.live import serving
from tests.server.world import World

PHOTO, OTHER = photos.noise((80, 60), 1), photos.noise((80, 60), 2)


def record(phone: Phone, *contents: bytes, number: int = 0) -> str:
    """Record a visit with some photos; return its id."""
    visit = phone.a_visit(number)
    kept = tuple(Evidence(phone.store.photos.keep(one), len(one), "photo", None) for one in contents)
    visit = visit.with_inspection(replace(visit.inspections[0], evidence=kept))
    phone.save(visit)
    return str(visit.id)


def desk_of(phone: Phone, folder: Path) -> Desk:
    """Return the screens of a phone of the real server."""
    desk = Desk(folder)
    desk.store = desk.parts.opened = phone.store
    desk.parts.clock = desk.clock = phone.clock
    return desk


@pytest.fixture
def carrier(sqlite_world: World, tmp_path: Path, clock: TestClock) -> Any:
    """The phone of a colleague, which has a network."""
    made = Phone(sqlite_world, tmp_path / "carrier", clock)
    assert made.round().result is Result.DONE
    yield made
    made.store.database.close()


@pytest.fixture
def desk(phone: Phone, tmp_path: Path) -> Desk:
    """The screens of the phone that can no longer sync."""
    phone.adapter.is_cut = True
    return desk_of(phone, tmp_path / "desk")


def outbox(phone: Phone) -> list[Any]:
    """Everything about operations and photos that a phone keeps."""
    database = phone.store.database
    return [*database.rows("SELECT * FROM op ORDER BY op_id"), *database.rows("SELECT * FROM upload ORDER BY sha256")]


def saved(desk: Desk) -> Path:
    """Save a file by the screen; return where it lies."""
    vm = desk.go(Route.RESCUE)
    vm.save()
    assert (vm.is_saved, vm.state) == (True, "ready"), vm.result
    (path,) = (desk.parts.settings.data_dir / "files").glob("*.dprescue")
    return path


def came(world: World, record_id: str) -> list[bytes | None]:
    rows = db.session.query(NamedFile).filter_by(record_id=record_id).order_by(NamedFile.place_in_list).all()
    with world.app.app_context():
        return [evidence.store().get(row.sha256) for row in rows if row.received_at]


def frame_of(text: str, *, seed: int | None = None) -> Frame:
    """Return a code as a camera sees it on a screen; with a seed at an angle, blurred and noisy."""
    if seed is not None:
        picture = a_photograph(text, seed=seed, size=(900, 1100), module_px=8).convert("L")
    else:
        modules = modules_of(text)
        side = len(modules) * 4
        picture = Image.frombytes("L", (len(modules),) * 2, pixels(modules)).resize(
            (side, side), Image.Resampling.NEAREST
        )
    return Frame(1, picture.width, picture.height, picture.tobytes(), Pixels.LUMA)


def film(vm: Any, texts: list[str], read: Callable[[Frame], Any], **options: Any) -> None:
    for text in texts:
        frame = frame_of(text, **options)
        if codes := read(frame):
            vm.on_sight(Sight(frame, tuple(codes)))


def test_a_file_is_carried_by_a_colleague_and_comes_in_with_its_photos(
    phone: Phone, desk: Desk, carrier: Phone, tmp_path: Path
) -> None:
    world = phone.world
    records = [record(phone, PHOTO, OTHER), record(phone, number=1)]
    assert phone.round().result is Result.OFFLINE
    before = outbox(phone)
    path = saved(desk)
    assert outbox(phone) == before
    assert list((desk.parts.settings.data_dir / "rescue").iterdir()) == []
    theirs = desk_of(carrier, tmp_path / "their-desk")
    (theirs.parts.settings.data_dir / "files").mkdir(parents=True)
    path.rename(theirs.parts.settings.data_dir / "files" / path.name)
    vm = theirs.go(Route.RESCUE_CARRY)
    vm.choose_file()
    touch_the_file(vm)
    assert vm.state == "kept", vm.sentence
    assert theirs.go(Route.OUTBOX).rescue == theirs.t("rescue.carrying", count=1)
    assert carrier.round().result is Result.DONE
    assert carrier.store.carried.all() == []
    assert list((carrier.store.carried.path("x").parent).iterdir()) == []
    assert [came(world, one) for one in records] == [[PHOTO, OTHER], []]
    phone.adapter.is_cut = False
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED] * 2
    assert phone.store.uploads.counts() == {UploadState.DONE: 2}
    assert db.session.query(StoredOp).count() == 2
    assert desk.go(Route.RESCUE).hint == desk.t("rescue.nothing")


def touch_the_file(vm: Any) -> None:
    """Touch the first file of the panel."""
    panel = vm._files._chooser
    assert len(panel.rows) == 1
    panel.rows[0]["choose"]("0")


def test_codes_are_read_by_the_real_decoder_in_any_order_and_lost_ones_are_told(
    phone: Phone, desk: Desk, carrier: Phone, tmp_path: Path
) -> None:
    for number in range(2):
        record(phone, PHOTO, number=number)
    vm = desk.go(Route.RESCUE_CODES)
    assert vm.left_out == desk.t("rescue.without_photos", count=2)
    shown = []
    for _ in range(int(vm.count)):
        shown.append(vm._series[0][int(vm.number) - 1])
        assert vm.modules == modules_of(shown[-1])
        vm.tick()
    assert (vm.number, len(set(shown))) == (1, vm.count)
    assert all(len(modules_of(text)) <= 77 + 8 for text in shown)
    order = shown * 2
    random.Random(3).shuffle(order)
    lost = shown[1]
    theirs = desk_of(carrier, tmp_path / "their-desk")
    watching = theirs.go(Route.RESCUE_CARRY)
    read = Decoder(budget_s=2).all_codes
    film(watching, [text for text in order if text != lost], read)
    assert watching.numbers == [2]
    assert watching.missing == theirs.t("rescue.missing", numbers="2")
    assert carrier.store.carried.all() == []
    film(watching, [lost], read)
    assert watching.state == "kept"
    assert carrier.round().result is Result.DONE
    assert db.session.query(StoredOp).count() == 2
    phone.adapter.is_cut = False
    assert phone.round().result is Result.DONE
    assert phone.states == [OpState.RECEIVED] * 2


def test_codes_are_read_at_an_angle_blurred_and_noisy(desk: Desk, phone: Phone) -> None:
    record(phone)
    (package,) = seal_series(phone.store, holdings(phone.store).entries)
    read = Decoder(budget_s=2).all_codes
    texts = codes_of(package)[:3]
    for seed, text in enumerate(texts, start=1):
        assert text in [code.text for code in read(frame_of(text, seed=seed))], seed


def test_a_series_is_small_and_a_full_outbox_makes_several(
    phone: Phone, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        record(phone, number=number)
    monkeypatch.setattr(packages, "SERIES_OPS", 2)
    vm = desk.go(Route.RESCUE_CODES)
    assert (vm.all_series, vm.series, vm.which) == (2, 1, desk.t("rescue.series", number=1, count=2))
    vm.step(-1)
    assert vm.number == vm.count
    vm.next_series()
    assert (vm.series, vm.number) == (2, 1)
    vm.pause()
    vm.tick()
    assert vm.number == 1
    vm.next_series()
    assert vm.series == 1


def test_the_carrier_holds_nothing_that_opens_a_package(phone: Phone, desk: Desk, carrier: Phone) -> None:
    record(phone)
    package = seal_series(phone.store, holdings(phone.store).entries)[0]
    kept = carrier.store.kept
    secrets = [
        kept.device.secret,
        phone.store.kept.device.secret,
        *(key.public for key in carrier.store.documents.keys.keys),
    ]
    for secret in (*secrets, os.urandom(32)):
        with pytest.raises(RefusedRescue):
            list(rescue.unseal(io.BytesIO(package), lambda _, secret=secret: secret))
    sources = "\n".join(path.read_text("utf-8") for path in Path(fieldapp.__file__).parent.rglob("*.py"))
    assert not re.search(r"\bunseal\b|secret_of", sources)


def test_the_same_content_makes_the_same_package_and_more_makes_another(
    phone: Phone, desk: Desk, tmp_path: Path
) -> None:
    record(phone, PHOTO)
    first = seal_file(phone.store, holdings(phone.store), tmp_path / "a")
    again = seal_file(phone.store, holdings(phone.store), tmp_path / "b")
    assert (first.sha256, first.path.read_bytes()) == (again.sha256, again.path.read_bytes())
    assert first.path.name == f"dingpan-{first.sha256[:16]}.dprescue"
    record(phone, number=1)
    assert seal_file(phone.store, holdings(phone.store), tmp_path / "c").sha256 != first.sha256


def test_a_photo_that_is_lost_keeps_nothing_else_back(phone: Phone, desk: Desk, tmp_path: Path) -> None:
    record(phone, PHOTO, OTHER)
    held = holdings(phone.store)
    folder = phone.store.photos._folder
    (folder / held.photos[0].sha256).write_bytes(b"damaged")
    found = seal_file(phone.store, held, tmp_path)
    assert found.lost == 1
    assert len(OTHER) < found.path.stat().st_size < len(OTHER) + 20_000
    vm = desk.go(Route.RESCUE)
    vm.save()
    assert desk.t("rescue.lost", count=1) in vm.result


def test_a_phone_full_of_photos_makes_several_files_and_each_has_all_records(
    phone: Phone, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(phone, PHOTO, OTHER)
    assert [len(one) for one in portions(holdings(phone.store).photos, len(PHOTO))] == [1, 1]
    assert portions([]) == [()]
    monkeypatch.setattr("fieldapp.rescue.viewmodel.portions", lambda found: portions(found, len(PHOTO)))
    vm = desk.go(Route.RESCUE)
    vm.save()
    assert len(list((desk.parts.settings.data_dir / "files").glob("*.dprescue"))) == 2
    assert desk.t("rescue.number", number=2, count=2) in vm.result


def test_without_a_rescue_key_it_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "desk")
    save(desk.store)
    others = [key for key in some_keys() if key["purpose"] != Purpose.RESCUE]
    desk.store.documents.take_keys(a_key_set_document(keys=others, seq=99))
    before = desk.store.database.rows("SELECT * FROM op")
    vm = desk.go(Route.RESCUE)
    assert (vm.hint, vm.can_save, vm.can_show) == (desk.t("rescue.no_key"), False, False)
    vm.save()
    assert (vm.result, vm.is_saved) == (desk.t("rescue.no_key"), False)
    assert desk.go(Route.RESCUE_CODES).hint == desk.t("rescue.no_key")
    with pytest.raises(NoRescueKey):
        seal_series(desk.store, holdings(desk.store).entries)
    assert desk.store.database.rows("SELECT * FROM op") == before


def test_a_place_that_takes_no_file_is_told_and_nothing_is_left(phone: Phone, desk: Desk, tmp_path: Path) -> None:
    record(phone, PHOTO)
    (tmp_path / "taken").write_bytes(b"a file where a folder should be")
    desk.parts.new_files = lambda: DesktopFiles(tmp_path / "taken", desk.parts.texts, run=at_once, post=at_once)
    vm = desk.go(Route.RESCUE)
    vm.save()
    assert (vm.result, vm.is_saved) == (desk.t("rescue.no_place"), False)
    assert list((desk.parts.settings.data_dir / "rescue").iterdir()) == []


def keep(phone: Phone, package: bytes) -> str:
    return phone.store.carried.keep(io.BytesIO(package), phone.clock.now(), name=phone.clock.new_id())


def a_package(phone: Phone) -> bytes:
    return seal_series(phone.store, holdings(phone.store).entries)[0]


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


def test_codes_that_do_not_belong_together_are_dropped_and_other_codes_are_told(phone: Phone, desk: Desk) -> None:
    vm = desk.go(Route.RESCUE_CARRY)
    texts = codes_of(os.urandom(800))
    other = codes_of(os.urandom(800))
    mixed = [texts[0], texts[1], other[2].replace(other[2].split(":")[1], texts[0].split(":")[1])]
    read = Decoder(budget_s=2).all_codes
    film(vm, mixed, read)
    assert (vm.sentence, vm.numbers, vm.progress) == (desk.t("rescue.does_not_fit"), [], "")
    film(vm, ["https://dingpan.test/else"], read)
    assert vm.sentence == desk.t("rescue.not_a_code")
    film(vm, codes_of(os.urandom(360 * 3)), read)
    assert vm.sentence == desk.t("rescue.refused_form")
    assert desk.store.carried.all() == []


def test_photos_of_records_that_came_before_are_carried_out_without_them(
    phone: Phone, carrier: Phone, tmp_path: Path
) -> None:
    record_id = record(phone, PHOTO)
    push_all(phone.store, phone.session)
    held = holdings(phone.store)
    assert (held.entries, [one.sha256 for one in held.photos]) == ((), list(phone.store.uploads.photos()))
    path = seal_file(phone.store, Holdings((), held.photos), tmp_path / "out").path
    keep(carrier, path.read_bytes())
    assert carrier.round().result is Result.DONE
    assert carrier.store.carried.all() == []
    assert came(phone.world, record_id) == [PHOTO]


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
