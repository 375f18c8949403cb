"""What is no push, and bodies that are none of ours: a problem that names everything wrong, and nothing half stored."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from typing import Any

import pytest

from server.audit import service as audit
from server.database import db
from server.registry.models import Instrument
from shared.ops import MAX_BODY_BYTES, MAX_PUSH_BYTES, Status
from tests.server.protocol import send, statuses, stored
from tests.server.world import GOOD, Phone, World, new_id, now

PUSH = "/api/v1/sync/push"


def post(phone: Phone, content: bytes, **headers: str) -> Any:
    """Send raw bytes as a push."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return phone.client.post(PUSH, data=content, headers={"Content-Type": "application/json"} | named | phone.headers)


NEXT_STEPS = {
    "not-json": "请求正文不是有效的 JSON，什么都没有保存。请按接口说明发送。",
    "bad-envelope": "这一批的格式不对，什么都没有保存。请分成更小的批次重发。",
    "too-large": "发送的内容太大（最多 1 MiB），什么都没有保存。请分成更小的批次。",
    "wrong-type": "请以 application/json 发送（可用 gzip 压缩）。",
}


def assert_problem(answer: Any, status: int, slug: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == f"/problems/{slug}"
    assert answer.json["detail"] == NEXT_STEPS[slug]


def assert_nothing_came(world: World) -> None:
    assert stored() == []
    assert audit.state(db.session()).size == 0


def a_note(size: int = 1) -> dict[str, str]:
    return {"corrects": new_id(now()), "note": "x" * size}


# --- the push as a whole --------------------------------------------------------------------------------------------

NO_JSON: dict[str, bytes] = {
    "empty": b"",
    "words": b"push",
    "half": b'{"ops": [',
    "comma": b'{"ops": [],}',
    "two": b"{} {}",
    "twice": b'{"ops": [], "ops": []}',
    "NaN": b'{"ops": NaN}',
    "infinity": b'{"ops": [Infinity]}',
    "huge number": b'{"ops": 1e999}',
    "many digits": b'{"ops": ' + b"9" * 5000 + b"}",
    "deep": b'{"ops": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "not UTF-8": b'{"ops": "\xff\xfe"}',
    "overlong": b'{"ops": "\xc0\x80"}',
    "UTF-16": '{"ops": []}'.encode("utf-16"),
    "GBK": '{"ops": "定盘星"}'.encode("gbk"),
    "mark": b'\xef\xbb\xbf{"ops": []}',
    "raw NUL": b'{"ops": "\0"}',
    "raw newline": b'{"ops": "\n"}',
}


def test_what_is_no_json_is_told_apart(world: World) -> None:
    phone = world.phone()
    for name, content in NO_JSON.items():
        answer = post(phone, content)
        assert (name, answer.status_code) == (name, 400)
        assert_problem(answer, 400, "not-json")
    assert_nothing_came(world)


NO_ENVELOPE: dict[str, tuple[Any, list[str]]] = {
    "null": (None, ["/"]),
    "list": ([], ["/"]),
    "text": ("ops", ["/"]),
    "number": (1, ["/"]),
    "no ops": ({}, ["/ops"]),
    "no list": ({"ops": {}}, ["/ops"]),
    "null list": ({"ops": None}, ["/ops"]),
    "no op": ({"ops": []}, ["/ops"]),
    "more": ({"ops": [], "token": "x"}, ["/ops", "/token"]),
    "no objects": ({"ops": [1, "x", None]}, ["/ops/0", "/ops/1", "/ops/2"]),
    "strange name": ({"ops": [], "a/b~c": 1, "\ud800": 1, "\0": 1}, ["/ops", "/a~1b~0c", "/?", "/\0"]),
}


def test_what_is_no_push_is_told_with_a_pointer_to_each_mistake(world: World) -> None:
    phone = world.phone()
    for name, (body, pointers) in NO_ENVELOPE.items():
        answer = post(phone, json.dumps(body).encode())
        assert (name, answer.status_code) == (name, 400)
        assert_problem(answer, 400, "bad-envelope")
        assert sorted(row["pointer"] for row in answer.json["errors"]) == sorted(pointers), name
        assert all(row["detail"] for row in answer.json["errors"])
    assert_nothing_came(world)


BAD_FIELDS: dict[str, list[Any]] = {
    "op_id": [None, 1, "", "x", "019AA111-0000-7000-8000-000000000001", "019aa111-0000-4000-8000-000000000001"],
    "device_id": [None, "{019aa111-0000-7000-8000-000000000001}", "019aa11100007000800000000000000a"],
    "person_id": [None, True, "../../etc/passwd"],
    "device_seq": [None, 0, -1, 1.0, "1", True, 1 << 63, 10**40],
    "prev": [None, "", "0" * 63, "0" * 65, "A" * 64, "٠" * 64],
    "kind": [None, "", 1, "visit.record", "visit.record/0", "Visit.record/1", "x" * 63 + "/1", "a/1\n", "a\0/1"],
    "depends_on": [None, {}, "", [1], [None], ["x"], ["019aa111-0000-7000-8000-000000000001"] * 101],
    "body": [None, {}, 1, "\ud800", "x" * (MAX_BODY_BYTES + 1), "秤" * (MAX_BODY_BYTES // 3 + 1)],
    "signature": [None, "", "AAAA", "A" * 86, "A" * 88 + "==", "!" * 88, "Ａ" * 86 + "==", "é", 1, [1]],
}


def test_every_field_of_an_op_has_one_form(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    wire = phone.op("correction/1", a_note()).to_wire()
    for name, values in BAD_FIELDS.items():
        for value in values:
            answer = post(phone, json.dumps({"ops": [wire, wire | {name: value}]}).encode())
            assert (name, value, answer.status_code) == (name, value, 400)
            pointers = [row["pointer"] for row in answer.json["errors"]]
            assert all(pointer.startswith(f"/ops/1/{name}") for pointer in pointers), (name, value, pointers)
    missing = {field: wire[field] for field in wire if field != "prev"} | {"prve": wire["prev"]}
    answer = post(phone, json.dumps({"ops": [missing]}).encode())
    assert sorted(row["pointer"] for row in answer.json["errors"]) == ["/ops/0/prev", "/ops/0/prve"]
    assert_nothing_came(sqlite_world)


# --- sizes ----------------------------------------------------------------------------------------------------------


def test_a_hundred_ops_are_taken_and_one_more_is_halved_by_the_phone(world: World) -> None:
    phone = world.phone()
    pushed = [phone.op("correction/1", a_note()) for _ in range(101)]
    answer = phone.push(*pushed)
    assert_problem(answer, 400, "bad-envelope")
    assert [row["pointer"] for row in answer.json["errors"]] == ["/ops"]
    assert_nothing_came(world)
    assert statuses(world.app, phone, *pushed[:100]) == [Status.APPLIED] * 100
    assert statuses(world.app, phone, *pushed[50:]) == [Status.DUPLICATE] * 50 + [Status.APPLIED]
    assert [op.is_chained for op in stored()] == [True] * 101


def a_body_of(size: int) -> str:
    """Return a body of exactly so many bytes that is no record."""
    return '{"corrects":"' + "秤" * 10 + "x" * (size - 15 - 30) + '"}'


@pytest.mark.parametrize("size", [MAX_BODY_BYTES - 1, MAX_BODY_BYTES])
def test_a_body_of_64_kib_is_read(sqlite_world: World, size: int) -> None:
    phone, body = sqlite_world.phone(), a_body_of(size)
    assert len(body.encode()) == size
    assert statuses(sqlite_world.app, phone, phone.op("correction/1", body)) == [Status.REJECTED]
    assert len(stored()[0].body) == size


def test_a_body_of_one_byte_more_refuses_the_push(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    answer = phone.push(phone.op("correction/1", a_body_of(MAX_BODY_BYTES + 1)))
    assert_problem(answer, 400, "bad-envelope")
    assert [row["pointer"] for row in answer.json["errors"]] == ["/ops/0/body"]


def test_a_mebibyte_is_taken_and_one_byte_more_is_too_large(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    content = json.dumps({"ops": [phone.op("correction/1", a_note()).to_wire()]}).encode()
    for size in (MAX_PUSH_BYTES + 1, 2 * MAX_PUSH_BYTES):
        assert_problem(post(phone, content.ljust(size)), 413, "too-large")
    assert_nothing_came(sqlite_world)
    assert post(phone, content.ljust(MAX_PUSH_BYTES)).status_code == 200
    assert len(stored()) == 1


def test_a_push_of_two_mebibytes_of_records_is_too_large_and_arrives_in_parts(world: World) -> None:
    phone = world.phone()
    pushed = [phone.op("correction/1", a_note() | {"note": "秤" * 2000}) for _ in range(80)]
    pushed += [phone.op("correction/1", a_body_of(MAX_BODY_BYTES)) for _ in range(20)]
    wire = json.dumps({"ops": [op.to_wire() for op in pushed]}).encode()
    assert len(wire) > 2 * MAX_PUSH_BYTES
    assert_problem(post(phone, wire), 413, "too-large")
    assert_nothing_came(world)
    parts = [pushed[start : start + 10] for start in range(0, 100, 10)]
    found = [status for part in parts for status in statuses(world.app, phone, *part)]
    assert found == [Status.APPLIED] * 80 + [Status.REJECTED] * 20


# --- gzip -----------------------------------------------------------------------------------------------------------


def test_a_gzip_push_is_taken_like_a_plain_one(world: World) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    content = gzip.compress(json.dumps({"ops": [op.to_wire()]}).encode())
    answer = post(phone, content, Content_Encoding="gzip")
    assert [entry["status"] for entry in answer.json["results"]] == [Status.APPLIED]
    assert statuses(world.app, phone, op) == [Status.DUPLICATE]


def test_what_unpacks_to_too_much_is_too_large_and_is_never_unpacked(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    bomb = gzip.compress(b" " * (40 << 20), 9)
    assert len(bomb) < MAX_PUSH_BYTES
    assert_problem(post(phone, bomb, Content_Encoding="gzip"), 413, "too-large")
    ratio = gzip.compress(b'{"ops": []}' + b" " * 500_000, 9)
    assert_problem(post(phone, ratio, Content_Encoding="gzip"), 413, "too-large")
    assert_problem(post(phone, gzip.compress(bytes(range(256)) * 4097, 1), Content_Encoding="gzip"), 413, "too-large")


def test_what_is_no_whole_gzip_is_no_json(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    whole = gzip.compress(json.dumps({"ops": [phone.op("correction/1", a_note()).to_wire()]}).encode())
    spoiled = whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:]
    for content in (b"", whole[:-1], whole[: len(whole) // 2], spoiled, b"{}", whole + whole, whole + b"x"):
        assert_problem(post(phone, content, Content_Encoding="gzip"), 400, "not-json")
    assert_problem(post(phone, zlib.compress(b"{}"), Content_Encoding="gzip"), 400, "not-json")
    assert_nothing_came(sqlite_world)


def test_another_type_or_coding_is_told(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    content = json.dumps({"ops": [phone.op("correction/1", a_note()).to_wire()]}).encode()
    for type_ in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", "application/json-seq", ""):
        assert_problem(post(phone, content, **{"Content-Type": type_}), 415, "wrong-type")
    for coding in ("deflate", "br", "gzip, gzip", "x"):
        assert_problem(post(phone, content, Content_Encoding=coding), 415, "wrong-type")
    assert_nothing_came(sqlite_world)
    assert post(phone, content, **{"Content-Type": "Application/JSON; charset=utf-8"}).status_code == 200
    assert post(phone, content, Content_Encoding="identity").status_code == 200


# --- the bodies of ops ----------------------------------------------------------------------------------------------

BAD_BODIES: dict[str, tuple[str, list[str]]] = {
    "empty": ("", ["/"]),
    "no JSON": ("x", ["/"]),
    "null": ("null", ["/"]),
    "list": ("[]", ["/"]),
    "twice": ('{"note":"1","note":"2"}', ["/"]),
    "NaN": ('{"note":NaN}', ["/"]),
    "raw NUL": ('{"note":"\0"}', ["/"]),
    "nothing": ("{}", ["/corrects", "/note"]),
    "NUL": ('{"corrects":"019aa111-0000-7000-8000-000000000001","note":"a\\u0000b"}', ["/note"]),
    "surrogate": ('{"corrects":"019aa111-0000-7000-8000-000000000001","note":"\\ud800"}', ["/note"]),
    "surrogate name": (
        '{"corrects":"019aa111-0000-7000-8000-000000000001","note":"x","\\udfff":1,"\\u0000":2}',
        ["/\0", "/?"],
    ),
    "more": ('{"corrects":"019aa111-0000-7000-8000-000000000001","note":"x","state":"confirmed"}', ["/state"]),
    "long": ('{"corrects":"019aa111-0000-7000-8000-000000000001","note":"' + "x" * 2001 + '"}', ["/note"]),
    "float": ('{"corrects":1.5,"note":2e400}', ["/"]),
    "digits": ('{"corrects":' + "9" * 4000 + ',"note":1}', ["/corrects", "/note"]),
}


def test_a_body_that_is_none_of_ours_is_refused_with_pointers_and_kept_as_it_came(world: World) -> None:
    phone = world.phone()
    pushed = {name: phone.op("correction/1", body) for name, (body, _) in BAD_BODIES.items()}
    answers = dict(zip(pushed, send(world.app, phone, *pushed.values()), strict=True))
    for name, (body, pointers) in BAD_BODIES.items():
        problem = answers[name]["problem"]
        assert (name, answers[name]["status"]) == (name, Status.REJECTED)
        assert problem["type"] == "/problems/bad-body"
        assert sorted(row["pointer"] for row in problem["errors"]) == sorted(pointers), name
        assert stored([pushed[name].op_id])[0].body == body.encode()
    assert statuses(world.app, phone, *pushed.values()) == [Status.DUPLICATE] * len(pushed)
    assert [op.is_chained for op in stored()] == [True] * len(pushed)


def test_the_text_of_people_is_kept_to_the_letter(world: World) -> None:
    phone = world.phone()
    names = [
        "𠮷野家",
        "ａｃｓ－30",
        "e\u0301",
        "\u202e秤",
        "👩‍⚖️",
        "a\u2028b\x7f\x01",
        "'; DROP TABLE op; --",
        "{{7*7}}",
        "=1+1",
    ]
    bodies = [{"id": new_id(now()), "kind": "scale", "serial": name, "place": world.place} for name in names]
    sent = statuses(world.app, phone, *(phone.op("instrument.register/1", body) for body in bodies))
    assert sent == [Status.APPLIED] * len(names)
    assert [db.session.get_one(Instrument, body["id"]).serial for body in bodies] == names


SERVER_OWNED = ("region", "status", "rev", "photo_sha256", "place_id", "verdict_of_server", "is_disputed", "unit_id")


def test_nobody_sets_what_is_the_servers_to_say(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    register = {"id": new_id(now()), "kind": "scale", "serial": "1"}
    pushed = [phone.op("instrument.register/1", register | {name: "x"}) for name in SERVER_OWNED]
    visits = [sqlite_world.visit(sqlite_world.check(GOOD)) for _ in SERVER_OWNED]
    for body, name in zip(visits, SERVER_OWNED, strict=True):
        body["inspections"][0]["checks"][0][name] = "x"
    pushed += [phone.op("visit.record/1", body) for body in visits]
    assert statuses(sqlite_world.app, phone, *pushed) == [Status.REJECTED] * len(pushed)


def test_the_largest_numbers_the_wire_allows_are_stored(world: World) -> None:
    phone = world.phone()
    last = replace(phone.op("correction/1", a_note()), device_seq=(1 << 63) - 1).signed(phone.signer)
    assert statuses(world.app, phone, last) == [Status.APPLIED]
    bind = phone.op("seal.bind/1", {"instrument": world.instruments[0], "serial": (1 << 40) - 1})
    assert statuses(world.app, phone, bind) == [Status.APPLIED]
    most = dict.fromkeys(("max_mg", "min_mg", "e_mg", "d_mg"), 10**12)
    register = {"id": new_id(now()), "kind": "scale", "serial": "1", "accuracy_class": "I"} | most
    assert statuses(world.app, phone, phone.op("instrument.register/1", register)) == [Status.APPLIED]
    points = [{"load_mg": 10**12, "shown_mg": -(10**12)}] * 100
    check = world.check(GOOD, verdict="indeterminate") | {"readings": points}
    assert statuses(world.app, phone, phone.op("visit.record/1", world.visit(check))) == [Status.APPLIED]


def test_a_whole_days_work_fits_in_one_record(world: World) -> None:
    phone = world.phone()
    body = world.visit()
    line = body["inspections"][0]
    body["inspections"] = [line | {"id": new_id(now())} for _ in range(150)]
    op = phone.op("visit.record/1", json.dumps(body, separators=(",", ":")))
    assert len(op.body.encode()) < MAX_BODY_BYTES
    assert statuses(world.app, phone, op) == [Status.APPLIED]
