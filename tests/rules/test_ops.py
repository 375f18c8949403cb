"""What a phone signs: exactly one thing, chained; and the strict base64 of the wire."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ids, signing
from shared.ops import FIRST_PREV, Op, Status, balance_sha256, receipt_body, receipt_is_good
from tests.builders import a_signer, an_id, an_op, an_op_chain
from tests.strategies import uuids7, wire_texts

CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "op_id": uuids7,
    "device_id": uuids7,
    "person_id": uuids7,
    "device_seq": st.integers(1, 2**63 - 1),
    "prev": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "kind": st.from_regex(r"[a-z_]{1,20}\.[a-z_]{1,20}/[1-9][0-9]?", fullmatch=True),
    "depends_on": st.lists(uuids7, max_size=3).map(tuple),
    "body": wire_texts,
}


@given(st.fixed_dictionaries(CHANGES), st.data())
def test_whatever_field_changes_the_op_bytes_change(values: dict[str, Any], data: st.DataObject) -> None:
    op = Op(**values)
    for name, strategy in CHANGES.items():
        other = data.draw(strategy, label=name)
        assert (replace(op, **{name: other}).op_bytes == op.op_bytes) == (other == values[name])


def test_what_an_op_depends_on_is_signed_in_the_order_sent() -> None:
    orders = [(), (an_id(1),), (an_id(2),), (an_id(1), an_id(2)), (an_id(2), an_id(1))]
    assert len({replace(an_op(), depends_on=order).op_bytes for order in orders}) == len(orders)


def test_every_field_but_the_signature_is_signed() -> None:
    assert {field.name for field in fields(Op)} - {"signature"} == set(CHANGES)
    assert an_op().op_bytes == replace(an_op(), signature=bytes(64)).op_bytes


def test_only_the_device_that_signed_an_op_is_believed() -> None:
    device, other = a_signer("device"), a_signer("other")
    assert an_op().is_signed_by(device.public)
    assert not an_op().is_signed_by(other.public)
    assert not replace(an_op(), body="{}").is_signed_by(device.public)
    assert not replace(an_op(), signature=b"").is_signed_by(device.public)


def test_each_op_of_a_chain_names_the_signature_before_it() -> None:
    chain = an_op_chain(4)
    assert chain[0].prev == FIRST_PREV
    assert [op.prev for op in chain[1:]] == [signing.sha256_hex(op.signature) for op in chain[:-1]]


def test_a_signature_made_for_one_purpose_is_worthless_for_another() -> None:
    signer = a_signer("device")
    contexts = [value for name, value in vars(signing).items() if name.isupper() and isinstance(value, bytes)]
    assert len(contexts) == len(set(contexts)) >= 8
    assert all(context.startswith(b"DINGPAN-") and context.endswith(b"-v1\0") for context in contexts)
    for made in contexts:
        signature = signer.sign(made, b"message")
        believed = [used for used in contexts if signing.verify(signer.public, used, b"message", signature)]
        assert believed == [made]


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_no_malformed_key_or_signature_is_believed(public: bytes, signature: bytes) -> None:
    assert not signing.verify(public, signing.OP, b"message", signature)


@given(st.binary(max_size=80))
def test_base64_gives_the_bytes_back(content: bytes) -> None:
    assert signing.decode_base64(signing.encode_base64(content)) == content


@given(st.text(max_size=12) | st.text("ABab01+/=-_ \n", max_size=12))
def test_base64_has_one_spelling(text: str) -> None:
    try:
        content = signing.decode_base64(text)
    except ValueError:
        return
    assert signing.encode_base64(content) == text


@pytest.mark.parametrize(
    "text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "QQ==QQ==", "-_==", "====", "Ｑ", "Q Q=", "QUI=QQ=="]
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        signing.decode_base64(text)


def a_receipt() -> dict[str, Any]:
    told = {"op_sha256": an_op().op_sha256, "received_at": "2026-11-21T08:00:00Z", "leaf_sha256": "0" * 64}
    body = receipt_body(an_op(), outcome=Status.APPLIED, ruleset="cn-1-0123456789ab", **told)
    signature = a_signer("receipt").sign(signing.RECEIPT, body.encode())
    return {"body": body, "key_id": 3, "signature": signing.encode_base64(signature)}


def test_a_receipt_is_good_only_as_it_was_signed() -> None:
    public = a_signer("receipt").public
    assert receipt_is_good(a_receipt(), public)
    assert not receipt_is_good(a_receipt() | {"body": a_receipt()["body"].replace("applied", "rejected")}, public)
    assert not receipt_is_good(a_receipt(), a_signer("tree").public)


@pytest.mark.parametrize(
    "fault",
    [{"signature": "AB=="}, {"signature": None}, {"signature": 7}, {"body": None}, {"body": "\ud800"}, {"body": {}}],
    ids=str,
)
def test_a_malformed_receipt_is_simply_not_good(fault: dict[str, Any]) -> None:
    assert not receipt_is_good(a_receipt() | fault, a_signer("receipt").public)
    assert not receipt_is_good({}, a_signer("receipt").public)


def test_the_balance_tells_a_lost_a_swapped_and_a_changed_op() -> None:
    pairs = [(op.op_id, op.op_sha256) for op in an_op_chain(3)]
    others = [pairs[:2], pairs[::-1], [*pairs[:2], (pairs[2][0], pairs[0][1])], [*pairs, pairs[2]], []]
    assert balance_sha256(pairs) not in [balance_sha256(other) for other in others]


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1), st.binary(min_size=10, max_size=10))
def test_a_uuid7_keeps_its_form_and_rises_with_time(first_ms: int, second_ms: int, randomness: bytes) -> None:
    first, second = ids.uuid7(first_ms, randomness), ids.uuid7(second_ms, randomness)
    assert ids.is_uuid7(first)
    assert (first < second) == (first_ms < second_ms)
    assert int(first.replace("-", "")[:12], 16) == first_ms


@pytest.mark.parametrize(
    "text", [an_id(1).upper(), an_id(1) + "\n", an_id(1).replace("-", ""), an_id(1).replace("-7", "-4"), "", "٠" * 36]
)
def test_a_uuid7_has_one_spelling(text: str) -> None:
    assert not ids.is_uuid7(text)
