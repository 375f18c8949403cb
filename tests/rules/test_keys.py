"""The key set and the revocation list: signed, of one form, never rolled back; otherwise the one held stays."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import signing
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.keys import Purpose, decode_serials, encode_serials, open_key_set, open_revocations, takes_over
from tests.builders import (
    PREFIX,
    TODAY,
    a_key,
    a_key_set,
    a_key_set_document,
    a_revocation_document,
    a_revocation_list,
    a_signer,
    some_keys,
)
from tests.strategies import json_values, serial_lists

ROOT = a_signer("root").public


def refused_key_set(document: Any) -> str:
    with pytest.raises(RefusedKeySet) as caught:
        open_key_set(document, ROOT)
    return str(caught.value.values["why"])


def refused_list(document: Any) -> str:
    with pytest.raises(RefusedRevocations) as caught:
        open_revocations(document, a_key_set())
    return str(caught.value.values["why"])


def test_a_sound_set_is_opened_and_each_key_found_by_its_name() -> None:
    keys = a_key_set()
    assert keys.seal_key(PREFIX, 2, 1) is not None
    assert keys.seal_key(PREFIX, 3, 1) is None, "a receipt key is no seal key"
    assert keys.seal_key("4117", 1, 1) is None
    assert keys.key(Purpose.TREE, 4) is not None
    assert keys.key(Purpose.TREE, 3) is None


def test_a_set_signed_by_anyone_but_the_pinned_root_is_refused() -> None:
    assert refused_key_set(a_key_set_document(root="somebody")) == "signature"
    document = a_key_set_document()
    assert refused_key_set(document | {"body": document["body"] + " "}) == "signature"
    other = a_signer("root").sign(signing.REVOKED, document["body"].encode())
    assert refused_key_set(document | {"signature": signing.encode_base64(other)}) == "signature"


@pytest.mark.parametrize(
    "keys",
    [
        [a_key(Purpose.SEAL, 1), a_key(Purpose.SEAL, 1, signer="other")],
        [a_key(Purpose.TREE, 4), a_key(Purpose.RECEIPT, 4)],
        [a_key(Purpose.TREE, 4), a_key(Purpose.RECEIPT, 4, prefix="4117")],
    ],
    ids=["two seal keys of one name", "two other keys of one id", "an id is unique whatever the prefix"],
)
def test_a_set_in_which_a_name_stands_twice_is_refused(keys: list[Any]) -> None:
    assert refused_key_set(a_key_set_document(keys=keys)) == "names"


def test_a_seal_key_may_share_its_id_with_another_region_and_with_other_purposes() -> None:
    keys = [a_key(Purpose.SEAL, 1), a_key(Purpose.SEAL, 1, prefix="4117"), a_key(Purpose.TREE, 1)]
    assert len(a_key_set(keys=keys).keys) == 3


def test_unknown_purposes_and_algorithms_are_skipped() -> None:
    strangers = [
        {"prefix": PREFIX, "id": 1, "alg": 2, "public": "?", "purpose": "seal", "from": "?", "to": "?"},
        {"prefix": PREFIX, "id": 1, "alg": None, "purpose": "weather"},
        {"prefix": PREFIX, "id": 1, "alg": 1, "purpose": "weather"},
        {"prefix": PREFIX, "id": 9, "alg": 1, "purpose": "rescue"},
    ]
    assert a_key_set(keys=some_keys() + strangers).keys == a_key_set().keys


KEY_ROW_FAULTS: list[dict[str, Any]] = [
    {"id": True},
    {"id": "1"},
    {"id": 1.0},
    {"id": -1},
    {"public": "AB=="},
    {"public": None},
    {"prefix": 4116},
    {"from": "20260101"},
    {"from": "2026-13-01"},
    {"to": None},
    {"to": "2026-W50-1"},
    {"serials": [[1]]},
    {"serials": [[1, "2"]]},
    {"serials": None},
    {"serials": 5},
    {"compromised": "no"},
    {"compromised": None},
]


@pytest.mark.parametrize("fault", KEY_ROW_FAULTS, ids=str)
def test_a_set_with_one_malformed_key_is_refused_whole(fault: dict[str, Any]) -> None:
    keys = [*some_keys()[1:], a_key(Purpose.SEAL, 1) | fault]
    assert refused_key_set(a_key_set_document(keys=keys)) == "form"


SET_FAULTS: list[dict[str, Any]] = [
    {"seq": "7"},
    {"seq": -1},
    {"seq": True},
    {"issued": 20261101},
    {"issued": "20261101"},
    {"next": "31.12.2026"},
    {"hosts": "DINGPAN.TEST"},
    {"hosts": [1]},
    {"hosts": None},
    {"keys": {}, "hosts": None},
    {"keys": [[]]},
    {"keys": [None]},
    {"keys": 7},
]


@pytest.mark.parametrize("fault", SET_FAULTS, ids=str)
def test_a_malformed_set_is_refused_though_well_signed(fault: dict[str, Any]) -> None:
    assert refused_key_set(a_key_set_document(**fault)) == "form"


HOSTILE_BODIES = ["", "[]", "null", "{}", "[" * 100_000, "1" * 5_000, "NaN", "\ufeff{}", '{"seq": 1, "seq": 2}']


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=[body[:12] for body in HOSTILE_BODIES])
def test_a_hostile_body_is_refused_though_well_signed(body: str) -> None:
    signature = signing.encode_base64(a_signer("root").sign(signing.KEYS, body.encode()))
    assert refused_key_set({"body": body, "signature": signature}) == "form"
    listed = signing.encode_base64(a_signer("revocation").sign(signing.REVOKED, body.encode()))
    assert refused_list({"body": body, "key_id": 8, "signature": listed}) == "form"


def test_a_name_that_stands_twice_has_no_meaning() -> None:
    body = a_key_set_document()["body"][:-1] + ', "hosts": ["EVIL.TEST"]}'
    signature = signing.encode_base64(a_signer("root").sign(signing.KEYS, body.encode()))
    assert refused_key_set({"body": body, "signature": signature}) == "form"


@given(json_values | st.fixed_dictionaries({"body": json_values, "signature": json_values, "key_id": json_values}))
def test_no_document_does_anything_but_be_refused(document: Any) -> None:
    refused_key_set(document)
    refused_list(document)


def test_a_list_is_refused_unless_a_sound_revocation_key_signed_it() -> None:
    assert refused_list(a_revocation_document(signer="seal")) == "signature"
    assert refused_list(a_revocation_document() | {"key_id": 4}) == "key"
    assert refused_list(a_revocation_document() | {"key_id": "8"}) == "key"
    assert refused_list(a_revocation_document(issued="2025-12-31")) == "key"
    compromised = a_key_set(keys=[a_key(Purpose.REVOCATION, 8, compromised=True)])
    with pytest.raises(RefusedRevocations):
        open_revocations(a_revocation_document(), compromised)


LIST_FAULTS = [{"seq": "1"}, {"seq": -1}, {"issued": None}, {"next": "20261127"}, {"serials": 5}, {"serials": "A"}]


@pytest.mark.parametrize("fault", LIST_FAULTS, ids=str)
def test_a_malformed_list_is_refused_though_well_signed(fault: dict[str, Any]) -> None:
    body = json.dumps(json.loads(a_revocation_document()["body"]) | fault)
    signature = signing.encode_base64(a_signer("revocation").sign(signing.REVOKED, body.encode()))
    assert refused_list({"body": body, "key_id": 8, "signature": signature}) == "form"


@given(serial_lists)
def test_a_list_gives_its_serials_back(serials: set[int]) -> None:
    assert decode_serials(encode_serials(serials)) == sorted(serials)
    assert a_revocation_list(serials).serials == serials


@given(st.binary(max_size=30) | serial_lists.map(encode_serials))
def test_every_list_has_one_spelling(content: bytes) -> None:
    try:
        serials = decode_serials(content)
    except RefusedRevocations:
        return
    assert encode_serials(serials) == content
    assert all(0 <= serial < 1 << 40 for serial in serials)


@pytest.mark.parametrize(
    "content",
    ["8500", "05 8100", "80", "05 00", "00 00", "8080808080 20", "ffffffffff 1f 01", "808080808080 00", "85"],
)
def test_a_list_that_is_not_shortest_rising_whole_or_in_range_is_refused(content: str) -> None:
    with pytest.raises(RefusedRevocations):
        decode_serials(bytes.fromhex(content))


def test_the_lowest_and_the_highest_serial_may_be_listed() -> None:
    assert decode_serials(bytes.fromhex("00")) == [0]
    assert decode_serials(bytes.fromhex("ffffffffff 1f")) == [(1 << 40) - 1]
    assert decode_serials(b"") == []


@pytest.mark.parametrize("serials", [[-1], [1 << 40], [1, 1 << 40]])
def test_a_serial_that_no_label_can_have_is_never_listed(serials: list[int]) -> None:
    with pytest.raises(ValueError):
        encode_serials(serials)


def test_a_number_that_never_ends_is_refused_at_once() -> None:
    for endless in (b"\xff" * 1_000_000, b"\x80" * 1_000_000 + b"\x01"):
        with pytest.raises(RefusedRevocations):
            decode_serials(endless)


@given(st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_an_older_or_a_forked_document_never_takes_over(held: int, new: int, is_same: bool) -> None:
    body = "held" if is_same else "other"
    takes = takes_over(held_seq=held, held_body="held", seq=new, body=body)
    assert takes == (new > held or (new == held and is_same))
    assert takes_over(held_seq=None, held_body="", seq=new, body=body)


def test_the_current_key_of_a_purpose_is_valid_today_and_not_compromised() -> None:
    old = a_key(Purpose.RECEIPT, 5, to="2026-11-20")
    stolen = a_key(Purpose.RECEIPT, 6, compromised=True)
    keys = a_key_set(keys=[old, stolen, a_key(Purpose.RECEIPT, 7)])
    current = keys.current(Purpose.RECEIPT, TODAY)
    assert current is not None
    assert current.id == 7
    assert keys.current(Purpose.TREE, TODAY) is None


@pytest.mark.parametrize("places", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_valid_keys_the_newest_is_the_current_one(places: tuple[int, ...]) -> None:
    """While one key takes over from another both are valid; their order in the set says nothing."""
    days = ("2026-11-01", "2026-11-21", "2026-11-22")
    rows = [a_key(Purpose.RECEIPT, 9 - place, **{"from": day}) for place, day in enumerate(days)]
    current = a_key_set(keys=[rows[place] for place in places]).current(Purpose.RECEIPT, TODAY)
    assert current is not None
    assert current.first_day == max(date.fromisoformat(day) for day in days if day <= str(TODAY))


def test_json_of_a_document_is_never_reformatted_before_it_is_verified() -> None:
    document = a_key_set_document()
    respelled = json.dumps(json.loads(document["body"]), separators=(",", ":"))
    assert refused_key_set(document | {"body": respelled}) == "signature"
