"""The published vectors: whoever writes a verifier of labels, ops, receipts or tree heads must pass these too."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared import ops, seal, signing, tree
from shared.errors import NotASeal, RefusedRevocations
from shared.keys import Purpose, decode_serials, encode_serials, open_key_set, open_revocations
from shared.wire.push import PushSchema
from tests.builders import a_key_set, a_revocation_document

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).parent.joinpath("../vectors/dingpan-v1.json").read_text(encoding="utf-8")
)
PUBLIC = {name: signing.decode_base64(text) for name, text in VECTORS["public"].items() if name != "root_sha256"}
KEYS = open_key_set(VECTORS["key_set"], PUBLIC["root"])
REVOKED = open_revocations(VECTORS["revoked"], KEYS)
OPS = VECTORS["ops"]
LEAVES = [leaf["leaf"].encode() for leaf in VECTORS["leaves"]]


def named(cases: list[dict[str, Any]], name: str) -> list[Any]:
    return [pytest.param(case, id=str(case[name])) for case in cases]


def loaded_ops() -> list[ops.Op]:
    pushed: list[ops.Op] = PushSchema().load({"ops": OPS})["ops"]
    return pushed


@pytest.mark.parametrize("case", named(VECTORS["cases"], "name"))
def test_a_label_is_judged_as_published(case: dict[str, Any]) -> None:
    day = date.fromisoformat(case["today"])
    if case["verdict"] == "not_a_seal":
        with pytest.raises(NotASeal):
            seal.open_seal(case["link"], KEYS, REVOKED, day)
        return
    opened = seal.open_seal(case["link"], KEYS, REVOKED, day)
    assert opened.verdict.value == case["verdict"]
    told = {
        "payload": opened.payload.to_bytes().hex(),
        "serial": opened.payload.serial,
        "region": opened.payload.region,
        "kind": opened.payload.kind,
        "short": opened.short,
        "binding": opened.payload.binding.hex(),
    }
    assert {name: told[name] for name in told if name in case} == {name: case[name] for name in told if name in case}
    if "binds_to" in case:
        assert opened.payload.binding == seal.binding_of(*case["binds_to"].split("#"))


@pytest.mark.parametrize("case", named(VECTORS["bindings"], "serial"))
def test_a_serial_has_the_published_normal_form_and_binding(case: dict[str, Any]) -> None:
    assert seal.normal_serial(case["serial"], case["nozzle"]) == case["normal"]
    assert seal.binding_of(case["serial"], case["nozzle"]).hex() == case["bytes"]


@pytest.mark.parametrize("case", named(VECTORS["short_codes"], "code"))
def test_a_short_code_is_written_and_read_as_published(case: dict[str, Any]) -> None:
    assert seal.short_code(case["serial"]) == case["code"]
    assert seal.parse_short_code(case["code"]) == case["serial"]


def test_the_root_is_the_pinned_one() -> None:
    assert hashlib.sha256(PUBLIC["root"]).hexdigest() == VECTORS["public"]["root_sha256"]


def test_the_revocation_list_holds_the_published_serials() -> None:
    assert sorted(REVOKED.serials) == VECTORS["revoked_serials"]
    listed = json.loads(VECTORS["revoked"]["body"])["serials"]
    assert signing.encode_base64(encode_serials(VECTORS["revoked_serials"])) == listed


@pytest.mark.parametrize("case", named(VECTORS["bad_revocation_lists"], "why"))
def test_a_bad_revocation_list_is_refused_though_well_signed(case: dict[str, str]) -> None:
    with pytest.raises(RefusedRevocations):
        decode_serials(signing.decode_base64(case["serials"]))
    with pytest.raises(RefusedRevocations):
        open_revocations(a_revocation_document(listed=case["serials"]), a_key_set())


@pytest.mark.parametrize("place", range(len(OPS)), ids=[op["op_id"] for op in OPS])
def test_an_op_has_the_published_hash_signature_and_chain(place: int) -> None:
    op = loaded_ops()[place]
    assert op.op_sha256 == VECTORS["op_sha256"][op.op_id]
    assert op.is_signed_by(PUBLIC["device"])
    assert op.to_wire() == OPS[place]
    assert op.prev == (loaded_ops()[place - 1].next_prev if place else ops.FIRST_PREV)


def test_the_receipt_verifies_and_is_written_as_published() -> None:
    receipt = VECTORS["receipt"]
    key = KEYS.key(Purpose.RECEIPT, receipt["key_id"])
    assert key is not None
    assert key.public == PUBLIC["receipt"]
    assert ops.receipt_is_good(receipt, key.public)
    body = json.loads(receipt["body"])
    told = {name: body[name] for name in ("op_sha256", "received_at", "leaf_sha256", "ruleset")}
    assert ops.receipt_body(loaded_ops()[0], outcome=ops.Status(body["outcome"]), **told) == receipt["body"]


@pytest.mark.parametrize("case", named(VECTORS["leaves"], "leaf_sha256"))
def test_a_leaf_has_the_published_text_and_hash(case: dict[str, str]) -> None:
    said = json.loads(case["leaf"])
    stands_for = bytes.fromhex(case["stands_for_hex"])
    assert tree.salted_sha256(bytes.fromhex(case["salt"]), stands_for) == said["salted_sha256"]
    assert tree.leaf_text(**said) == case["leaf"]
    assert tree.leaf_hash(case["leaf"].encode()).hex() == case["leaf_sha256"]


@pytest.mark.parametrize("case", named(VECTORS["tree_heads"], "size"))
def test_a_tree_head_has_the_published_root_and_signature(case: dict[str, Any]) -> None:
    decoded = {name: signing.decode_base64(case[name]) for name in ("root", "signature")}
    head = tree.TreeHead(**case | decoded)
    assert head.root == tree.root(LEAVES[: head.size])
    assert head.is_signed_by(PUBLIC["tree"])


def test_the_balance_is_as_published() -> None:
    pairs = [(op_id, VECTORS["op_sha256"][op_id]) for op_id in VECTORS["balance"]["ops"]]
    assert ops.balance_sha256(pairs) == VECTORS["balance"]["sha256"]
