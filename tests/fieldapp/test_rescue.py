"""What a phone cannot send is carried out by a file or by codes, taken along by another phone, and comes in once."""

from __future__ import annotations

import io
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
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
from fieldapp.store.outbox import OpState
from fieldapp.store.uploads import UploadState
from fieldapp.sync.push import push_all
from fieldapp.sync.round import Result
from fieldapp.ui_thread import at_once
from fieldapp.widgets.code_picture import pixels
from server.database import db
from server.sync.models import StoredOp
from shared import rescue
from shared.errors import RefusedRescue
from shared.keys import Purpose
from shared.rescue_codes import codes_of
from tests.builders import a_key_set_document, some_keys
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import save
from tests.fieldapp.photographs import a_photograph
from tests.fieldapp.rescue_builders import came, desk_of, keep, record
from tests.fieldapp.server_phone import Phone
from tests.server import photos

PHOTO, OTHER = photos.noise((80, 60), 1), photos.noise((80, 60), 2)


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
    theirs.go(Route.OUTBOX)
    watching = theirs.go(Route.RESCUE_CARRY)
    assert watching.numbers == [2], "who leaves the screen for a moment films only what is missing"
    assert watching.progress == theirs.t("rescue.progress", seen=vm.count - 1, count=vm.count)
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
