"""A labelling day from a phone: thirty instruments in one push, their photos, and verifications refused by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.accounts.models import Person, Role
from server.campaigns.models import Task
from server.certificates import service as certificates
from server.certificates.models import Verification
from server.database import db
from server.evidence.models import NamedFile, PublicCopy
from server.findings.models import Finding
from server.policy import POLICY
from server.public.models import PublicRecord
from server.register_import.writes import digest as digest_of_row
from server.registry.models import Instrument
from server.seals import service as seals
from server.seals.models import SealBinding
from shared.ops import Op, Status
from shared.words import SealState, VerificationResult
from tests.server import photos
from tests.server.labelling import (
    BIND,
    REGISTER,
    VERIFY,
    a_binding,
    a_verification,
    an_instrument,
    filed,
    page_of,
    photo,
    stock,
    upload,
)
from tests.server.pages import get, visitor, words
from tests.server.protocol import send, statuses
from tests.server.sending import digest
from tests.server.world import BEYOND, Phone, World, scope_of_branch

DAY = 30


def counted() -> dict[str, int]:
    """Return how many labels are in each state, and check that the ledger adds up."""
    assert seals.adds_up(db.session(), scope_of_branch())
    found: dict[str, int] = {}
    for one in seals.counts(db.session(), scope_of_branch()):
        found[one.state] = found.get(one.state, 0) + one.count
    return found


def pointers(world: World, phone: Phone, op: Op) -> dict[str, str]:
    """Push an op that is refused for its fields; return what is told of each."""
    (answer,) = send(world.app, phone, op)
    assert (answer["status"], answer["problem"]["type"]) == (Status.REJECTED, "/problems/bad-body")
    return {row["pointer"]: row["detail"] for row in answer["problem"]["errors"]}


def slug(world: World, phone: Phone, op: Op) -> tuple[str, str]:
    """Push an op that is refused; return the problem and its sentence."""
    (answer,) = send(world.app, phone, op)
    assert answer["status"] == Status.REJECTED
    return answer["problem"]["type"].rpartition("/")[2], answer["problem"]["detail"]


def test_thirty_instruments_come_in_one_push_and_sixty_photos_after_them_each_once(world: World) -> None:
    phone, serials = world.phone(world.verifier), stock(world, DAY + 5)
    before = counted()
    day = [filed(phone, world, serial, number) for number, serial in enumerate(serials[:DAY])]
    pushed = [op for three in day for op in three]
    assert statuses(world.app, phone, *pushed) == [Status.APPLIED] * 3 * DAY
    assert statuses(world.app, phone, *pushed) == [Status.DUPLICATE] * 3 * DAY
    issued, applied = SealState.ISSUED, SealState.APPLIED
    assert counted() == {issued: before[issued] - DAY, applied: before[applied] + DAY} == {issued: 5, applied: 32}
    assert db.session.query(Verification).count() == db.session.query(SealBinding).count() == DAY
    assert db.session.query(Task).count() == 0
    waiting = db.session.query(NamedFile).filter_by(received_at=None)
    assert waiting.count() == 2 * DAY
    for number, (register, bind, _) in enumerate(day):
        upload(phone, json.loads(register.body)["id"], "nameplate", photo(number))
        upload(phone, bind.op_id, "label_in_place", photo(100 + number))
    assert waiting.count() == 0
    pages = db.session.query(PublicRecord).filter(PublicRecord.serial.in_(serials))
    copies = {page.photo_sha256 for page in pages}
    assert (len(copies), None in copies, pages.count()) == (DAY, False, DAY)
    assert db.session.query(PublicCopy).count() == DAY


def test_the_photo_in_place_is_on_the_labels_page_once_it_has_come(world: World) -> None:
    phone, serials = world.phone(world.verifier), stock(world, 3)
    day = [filed(phone, world, serial, number) for number, serial in enumerate(serials)]
    assert set(statuses(world.app, phone, *(op for three in day for op in three))) == {Status.APPLIED}
    assert "/pictures/" not in get(world, page_of(serials[0])).text
    for number, (register, bind, _) in enumerate(day):
        instrument = db.session.query(Instrument).filter_by(serial=f"NEW-{number:04d}").one().id
        assert register.body.count(instrument) == 1
        upload(phone, instrument, "nameplate", photo(number))
        upload(phone, bind.op_id, "label_in_place", photo(100 + number))
        item = db.session.get_one(Instrument, instrument)
        assert item.photo_sha256 == digest(photo(100 + number))
        (shown,) = certificates_and_picture(world, serials[number])
        copy = world.client.get(f"/pictures/{shown}", buffered=True)
        assert (copy.status_code, photos.metadata_of(copy.data)) == (200, b"")
        assert photos.MARK not in copy.data
        for original in (photo(number), photo(100 + number)):
            assert world.client.get(f"/pictures/{digest(original)}").status_code == 404


def certificates_and_picture(world: World, serial: int) -> list[str]:
    """Check what the page of a label says of its verification, and return the pictures that it shows."""
    page = get(world, page_of(serial))
    assert "周检2026-" in words(page)
    assert "检定标志编号 合格" in words(page)
    names = {part.partition('"')[0] for part in page.text.split("/pictures/")[1:]}
    return sorted(names)


def test_the_phone_hears_of_what_it_filed(world: World) -> None:
    phone, (serial,) = world.phone(world.verifier), stock(world, 1)
    assert statuses(world.app, phone, *filed(phone, world, serial, 7)) == [Status.APPLIED] * 3
    changes = phone.client.get("/api/v1/sync/changes", headers=phone.headers).json["changes"]
    (body,) = [row["body"] for row in changes if row["kind"] == "instrument" and row["body"]["serial"] == "NEW-0007"]
    assert (body["place"], body["stall"], body["label"]["serial"]) == (world.place, world.stalls[0], serial)
    assert body["custody"] | {"id": ""} == {
        "id": "",
        "kind": "own",
        "owner": world.parties[0],
        "user": world.parties[0],
    }
    assert body["verification"]["mark_no"] == "合格000007"


def test_what_depends_on_a_refused_record_is_blocked_and_on_one_to_come_waits(far: World) -> None:
    phone, (serial,) = far.phone(far.verifier), stock(far, 1)
    body = an_instrument(far, place=far.far_place)
    register = phone.op(REGISTER, body)
    bind = phone.op(BIND, a_binding(body["id"], serial), depends_on=(register.op_id,))
    verify = phone.op(VERIFY, a_verification(far, body["id"]), depends_on=(bind.op_id,))
    assert statuses(far.app, phone, bind, verify) == [Status.RETRY] * 2
    assert statuses(far.app, phone, register, bind, verify) == [Status.REJECTED, Status.BLOCKED, Status.BLOCKED]
    assert db.session.query(Verification).count() == db.session.query(SealBinding).count() == 0


def test_the_same_record_in_another_op_is_a_duplicate_and_with_another_body_a_conflict(world: World) -> None:
    phone = world.phone(world.verifier)
    body = a_verification(world, world.instruments[0])
    pushed = [phone.op(VERIFY, body), phone.op(VERIFY, body), phone.op(VERIFY, body | {"mark_no": "other"})]
    assert statuses(world.app, phone, *pushed) == [Status.APPLIED, Status.DUPLICATE, Status.CONFLICT]
    world.verify(VerificationResult.PASSED, "desk")
    taken = db.session.query(Verification).filter_by(document_no="desk").one().id
    other = a_verification(world, world.instruments[1], 2, id=taken)
    assert statuses(world.app, phone, phone.op(VERIFY, other)) == [Status.CONFLICT]
    assert db.session.query(Verification).count() == 2


# --- verifications --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "state", "status"), [("passed", "withdrawn", "in_use"), ("failed", "confirmed", "stopped")]
)
def test_a_verification_from_the_phone_settles_what_a_field_test_suspected(
    world: World, result: str, state: str, status: str
) -> None:
    inspector, phone = world.phone(), world.phone(world.verifier)
    visit = inspector.op("visit.record/1", world.visit(world.check(BEYOND)))
    assert statuses(world.app, inspector, visit) == [Status.APPLIED]
    until = {} if result == "passed" else {"valid_until": None, "mark_no": ""}
    body = a_verification(world, world.instruments[0], result=result, **until)
    assert statuses(world.app, phone, phone.op(VERIFY, body)) == [Status.APPLIED]
    finding = db.session.query(Finding).one()
    assert (finding.state, finding.verification_id) == (state, body["id"])
    assert db.session.get_one(Instrument, world.instruments[0]).status == status
    entered = db.session.get_one(Verification, body["id"])
    assert (entered.entered_by, entered.mark_no) == (world.verifier, body["mark_no"] or None)
    text = certificates.decisions(db.session(), [body["id"]])[body["id"]].decode()
    assert ('"mark_no":"合格000001"' in text) == (result == "passed")


def test_the_desk_shows_the_number_of_the_mark(world: World) -> None:
    phone = world.phone(world.verifier)
    body = a_verification(world, world.instruments[0])
    assert statuses(world.app, phone, phone.op(VERIFY, body)) == [Status.APPLIED]
    desk = visitor(world, "verifier")
    for address in (f"instrument={world.instruments[0]}", f"done={body['id']}"):
        assert "检定标志：合格000001" in words(desk.get(f"/console/verification?{address}"))
    form = {"instrument": world.instruments[1], "kind": "periodic", "result": "passed", "done_on": body["done_on"]}
    entered = desk.post("/console/verification", **form, document_no="D-1", mark_no="合格000099")
    assert "检定标志：合格000099" in words(desk.get(entered.headers["Location"]))
    assert ">检定结果</td>" in visitor(world, "supervisor").get("/console/incoming").text


def test_only_whom_the_desk_lets_enter_verifications_may_send_them(world: World) -> None:
    may = {role for role in Role if certificates.may_enter(Person(role=role, unit_id="u"))}
    assert may == POLICY["console.enter_verification", "POST"].roles
    assert not certificates.may_enter(Person(role=Role.VERIFIER, unit_id=None))
    phone = world.phone()
    told = slug(world, phone, phone.op(VERIFY, a_verification(world, world.instruments[0])))
    sentence = "只有检定机构的检定人员可以登记检定结果，这一条没有登记。请把文书交给检定人员登记。"
    assert told == ("not-a-verifier", sentence)
    assert db.session.query(Verification).count() == 0


def test_a_number_that_the_body_has_used_is_refused_and_changes_nothing(world: World) -> None:
    phone = world.phone(world.verifier)
    bodies = [a_verification(world, world.instruments[number], 1) for number in (0, 1)]
    ops = [phone.op(VERIFY, body) for body in bodies]
    assert statuses(world.app, phone, ops[0]) == [Status.APPLIED]
    rev = db.session.get_one(Instrument, world.instruments[1]).rev
    assert slug(world, phone, ops[1])[0] == "document-number-used"
    db.session.expire_all()
    assert db.session.get_one(Instrument, world.instruments[1]).rev == rev
    assert db.session.query(Verification).count() == 1


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"done_on": "2026-11-22", "valid_until": "2027-11-21"}, "/done_on", "日期不能在今天之后。"),
    ({"done_on": "2015-12-31", "valid_until": "2016-12-30"}, "/done_on", "日期早于 10 年前，请核对。"),
    ({"done_on": "2026-02-30"}, "/done_on", "日期应写成 2026-11-21，且确有这一天。"),
    ({"valid_until": "2026-11-21"}, "/valid_until", "请填写 2026-11-21 之后的日期。"),
    ({"valid_until": None}, "/valid_until", "请填写 2026-11-21 之后的日期。"),
    ({"result": "failed"}, "/valid_until", "检定不合格没有有效期，请填 null。"),
    ({"result": "magic"}, "/result", ""),
    ({"kind": "magic"}, "/kind", ""),
    ({"document_no": ""}, "/document_no", ""),
    ({"document_no": " \u3000"}, "/document_no", "必须填写。"),
    ({"mark_no": "x" * 61}, "/mark_no", ""),
    ({"mark_no": None}, "/mark_no", ""),
    ({"instrument": "x"}, "/instrument", ""),
    ({"id": "019aa111-0000-4000-8000-000000000001"}, "/id", ""),
]


@pytest.mark.parametrize(("fields", "pointer", "sentence"), REFUSED, ids=[f"{row[0]}" for row in REFUSED])
def test_a_verification_is_refused_by_the_field(
    sqlite_world: World, fields: dict[str, Any], pointer: str, sentence: str
) -> None:
    phone = sqlite_world.phone(sqlite_world.verifier)
    body = a_verification(sqlite_world, sqlite_world.instruments[0]) | fields
    told = pointers(sqlite_world, phone, phone.op(VERIFY, body))
    assert list(told) == [pointer]
    assert told[pointer].startswith(sentence)
    assert db.session.query(Verification).count() == 0


@pytest.mark.parametrize(("until", "kept"), [("2027-05-20", "2027-05-20"), ("2028-11-20", "2027-11-20")])
def test_the_documents_own_last_day_holds_but_no_longer_than_the_rules_allow(
    sqlite_world: World, until: str, kept: str
) -> None:
    phone = sqlite_world.phone(sqlite_world.verifier)
    body = a_verification(sqlite_world, sqlite_world.instruments[0], valid_until=until)
    assert statuses(sqlite_world.app, phone, phone.op(VERIFY, body)) == [Status.APPLIED]
    assert str(db.session.get_one(Verification, body["id"]).valid_until) == kept


def test_a_ledger_taken_in_before_there_were_mark_numbers_can_still_be_undone() -> None:
    before = {"id": "v", "document_no": "1", "rev": 1}
    assert digest_of_row(before | {"mark_no": None}) == digest_of_row(before)
    assert digest_of_row(before | {"mark_no": "M"}) != digest_of_row(before)
    assert digest_of_row(before | {"document_no": None}) != digest_of_row(before)


def test_an_instrument_of_another_region_is_not_verified(far: World) -> None:
    phone = far.phone(far.verifier)
    assert slug(far, phone, phone.op(VERIFY, a_verification(far, far.instruments[2])))[0] == "out-of-scope"
