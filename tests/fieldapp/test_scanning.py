"""Scanning: every kind of code, told with what to do; the published vectors through the app's own viewmodel."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from fieldapp.routes import Route
from fieldapp.scan.viewmodel import ScanViewModel
from fieldapp.store.facts import Fact
from fieldapp.store.heads import HeadState
from fieldapp.store.kept import Bureau
from fieldapp.store.store import Store
from shared.seal import LabelVerdict, short_code
from shared.signing import decode_base64
from shared.tree import TreeHead
from tests.builders import a_label
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import KEY, LABEL_SERIAL, NOON, SCALE, a_scale_row, fill

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "dingpan-v1.json").read_text())
LOOKED_UP = ("genuine", "genuine_stale", "expired", "revoked", "key_not_valid", "key_compromised")


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder)


@pytest.fixture
def vector_desk(desk: Desk) -> Desk:
    """The desk of a phone that belongs to the bureau of the vectors."""
    with desk.store.database.write() as connection:
        connection.execute("DELETE FROM document")
        connection.execute("DELETE FROM register WHERE kind = 'instrument'")
    desk.store.kept.bureau = Bureau("http://127.0.0.1:9", decode_base64(VECTORS["public"]["root"]))
    desk.parts.opened = desk.store = Store(desk.store.database, KEY, desk.parts.settings.data_dir, desk.clock)
    desk.store.documents.take_keys(VECTORS["key_set"])
    desk.store.documents.take_revoked(VECTORS["revoked"])
    return desk


def scan(desk: Desk, *texts: str) -> ScanViewModel:
    vm: ScanViewModel = desk.go(Route.SCAN)
    vm.on_codes(list(texts))
    return vm


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["name"] for case in VECTORS["cases"]])
def test_the_vectors_have_their_verdicts_on_the_phone(vector_desk: Desk, case: dict):
    vector_desk.clock.at = datetime.combine(date.fromisoformat(case["today"]), NOON.timetz())
    vm = scan(vector_desk, case["link"])
    assert (vm.verdict, vm.state) == (case["verdict"], "told")
    assert vm.word
    assert vm.advice


@pytest.mark.parametrize(
    "case", [case for case in VECTORS["cases"] if case["verdict"] in LOOKED_UP], ids=lambda case: case["name"]
)
def test_the_vectors_lead_to_the_card_of_a_registered_instrument(vector_desk: Desk, case: dict):
    vector_desk.clock.at = datetime.combine(date.fromisoformat(case["today"]), NOON.timetz())
    serial = int.from_bytes(base64.b32decode(case["link"][-133:] + "===")[2:7], "big")
    label = {"serial": serial, "short": short_code(serial), "text": case["link"][-133:]}
    fill(vector_desk.store, [("instrument", a_scale_row(label=label))])
    scan(vector_desk, case["link"])
    assert (vector_desk.route, vector_desk.vm.verdict) == ("card", case["verdict"])


def test_every_label_verdict_is_told_with_what_to_do(desk: Desk):
    for verdict in LabelVerdict:
        key = "scan.advice_unknown_instrument" if verdict.value in LOOKED_UP else f"scan.advice_{verdict}"
        assert desk.t(key)


def test_a_code_that_is_no_label_is_told(desk: Desk):
    vm = scan(desk, "weixin://wxpay/bizpayurl?pr=x")
    assert (vm.word, vm.shape) == ("不是计量二维码标识", "not_a_seal")
    assert "收款码" in vm.advice


@pytest.mark.parametrize("bit", range(0, 132, 11))
def test_a_label_with_one_letter_changed_is_never_genuine(desk: Desk, bit: int):
    link = a_label()
    place = len(link) - 133 + bit
    changed = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
    vm = scan(desk, changed)
    assert vm.verdict in ("forged", "not_a_seal", "unknown_key", "unknown_algorithm")
    assert desk.route == "scan"


def test_a_label_of_another_bureau_is_told(desk: Desk):
    vm = scan(desk, a_label(host="OTHER.TEST"))
    assert (vm.verdict, vm.word) == ("wrong_host", "网址不属于本系统")


def test_a_label_of_another_prefix_cannot_be_confirmed(desk: Desk):
    assert scan(desk, a_label(region="341602")).verdict == "unknown_key"


def test_a_genuine_label_that_nobody_registered_is_no_tick(desk: Desk):
    vm = scan(desk, a_label(serial=1_000_009))
    assert (vm.verdict, vm.shape, vm.word) == ("genuine", "unknown", "没有登记这枚标识")
    assert short_code(1_000_009) in vm.sentence


def test_a_known_label_leads_to_its_card_and_back_to_where_one_was(desk: Desk):
    desk.go(Route.TODAY)
    scan(desk, a_label())
    assert (desk.route, desk.vm.verdict) == ("card", "genuine")
    desk.vm.back()
    assert desk.route == "today"


def test_a_void_label_still_leads_to_its_instrument(desk: Desk):
    fill(desk.store, [("instrument", a_scale_row(label={"serial": 1_000_003, "short": "", "text": ""}))])
    scan(desk, a_label(serial=1_000_003))
    assert (desk.route, desk.vm.label_word) == ("card", "标识已作废")


def test_a_payment_code_beside_the_label_does_not_matter(desk: Desk):
    scan(desk, "wxp://f2f0x", a_label())
    assert desk.route == "card"


def test_two_labels_at_once_are_nobodys_choice(desk: Desk):
    vm = scan(desk, a_label(), a_label(serial=2))
    assert (vm.state, desk.route) == ("several", "scan")


def test_a_list_of_void_labels_that_is_old_says_for_how_long(desk: Desk):
    desk.clock.at = NOON + timedelta(days=9)
    scan(desk, a_label())
    assert "已 10 天未更新" in desk.vm.label_word


def test_setting_the_phones_clock_back_does_not_revive_an_expired_label(desk: Desk):
    link = a_label(last_day=date(2026, 11, 25))
    head = TreeHead("d1" * 16, 1, bytes(32), "2026-11-26T00:00:00Z", 4, bytes(64))
    desk.store.heads.keep(head, HeadState.CONSISTENT, NOON)
    scan(desk, link)
    assert desk.vm.verdict == "expired"


def test_a_clock_ten_years_off_is_no_forgery(desk: Desk):
    desk.clock.at = datetime(2016, 11, 21, 4, tzinfo=UTC)
    vm = scan(desk, a_label())
    assert desk.route == "card"
    assert desk.vm.verdict == "key_not_valid"
    desk.clock.at = datetime(2036, 11, 21, 4, tzinfo=UTC)
    vm = scan(desk, a_label())
    assert vm is not None
    assert desk.vm.verdict == "genuine_stale"


class TestShortCode:
    def test_what_no_camera_reads_is_typed(self, desk: Desk):
        vm = desk.go(Route.SCAN)
        vm.type_short_code()
        vm.on_short_code(f" {short_code(LABEL_SERIAL).lower()[:4]}-{short_code(LABEL_SERIAL)[4:]} ")
        assert (desk.route, desk.vm.verdict, desk.vm.label_state) == ("card", "", "未扫描标识")

    def test_a_slip_is_told(self, desk: Desk):
        vm = desk.go(Route.SCAN)
        vm.type_short_code()
        vm.on_short_code("AAAA6QSB8")
        assert (desk.route, vm.sentence) == ("scan", desk.t("error.bad_short_code", text="AAAA6QSB8"))

    def test_an_unknown_one_is_told(self, desk: Desk):
        vm = desk.go(Route.SCAN)
        vm.type_short_code()
        vm.on_short_code(short_code(77))
        assert "没有对应的登记器具" in vm.sentence


def test_without_a_camera_there_is_a_sentence_and_a_way_on(desk: Desk):
    vm = desk.go(Route.SCAN)
    assert (vm.state, vm.sentence) == ("no_camera", "这台设备没有可用的摄像头。")
    vm.on_codes([a_label()])
    assert desk.vm.parts.store.register.instrument(SCALE).id == SCALE
    assert desk.parts.facts.get(Fact.IS_ENROLLED)


def test_a_storage_that_fails_is_told(desk: Desk):
    with desk.store.database.write() as connection:
        connection.execute("UPDATE register SET body = x'00' WHERE label IS NOT NULL")
    vm = scan(desk, a_label())
    assert "有损坏" in vm.trouble
