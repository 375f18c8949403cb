"""The log's proofs, compared with the RFC's own definitions, and under attack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import tree
from shared.signing import TREE_HEAD
from tests.builders import a_signer
from tests.rules import rfc9162

LEAVES = [f"leaf {number}".encode() for number in range(512)]


def is_included(index: int, size: int, path: list[bytes], *, leaf: int | None = None) -> bool:
    told = tree.leaf_hash(LEAVES[index if leaf is None else leaf])
    return tree.inclusion_is_proven(leaf=told, index=index, size=size, path=path, root=rfc9162.mth(LEAVES[:size]))


def is_consistent(first: int, second: int, path: list[bytes], *, root: bytes | None = None) -> bool:
    return tree.consistency_is_proven(
        first_size=first,
        second_size=second,
        first_root=root or rfc9162.mth(LEAVES[:first]),
        second_root=rfc9162.mth(LEAVES[:second]),
        path=path,
    )


def damaged(path: list[bytes]) -> list[list[bytes]]:
    """Every path that is one step away from a good one."""
    short = [path[:place] + path[place + 1 :] for place in range(len(path))]
    long = [[*path[:place], bytes(32), *path[place:]] for place in range(len(path) + 1)]
    other = [[*path[:place], bytes(32), *path[place + 1 :]] for place in range(len(path))]
    twice = [[*path[:place], path[place], *path[place:]] for place in range(len(path))]
    return short + long + other + twice + ([path[::-1]] if path != path[::-1] else [])


@pytest.mark.parametrize("size", range(65))
def test_the_root_and_every_proof_of_a_small_tree_are_as_the_rfc_says(size: int) -> None:
    leaves = LEAVES[:size]
    assert tree.root(leaves) == rfc9162.mth(leaves)
    for index in range(size):
        assert is_included(index, size, rfc9162.path(index, leaves))
    for first in range(1, size):
        assert is_consistent(first, size, rfc9162.proof(first, leaves))


@pytest.mark.parametrize("size", range(1, 18))
def test_no_damaged_inclusion_proof_is_accepted(size: int) -> None:
    for index in range(size):
        good = rfc9162.path(index, LEAVES[:size])
        assert not any(is_included(index, size, path) for path in damaged(good))
        assert not any(is_included(other, size, good, leaf=index) for other in range(size) if other != index)
        assert not is_included(index, size, good, leaf=size)
        assert not is_included(index, size + 1, good)


@pytest.mark.parametrize("size", range(2, 18))
def test_no_damaged_consistency_proof_is_accepted(size: int) -> None:
    for first in range(1, size):
        good = rfc9162.proof(first, LEAVES[:size])
        assert not any(is_consistent(first, size, path) for path in damaged(good))
        assert not is_consistent(first, size, good, root=rfc9162.mth(LEAVES[1 : first + 1]))


@given(st.integers(1, 512), st.data())
def test_proofs_of_large_trees_are_as_the_rfc_says(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    assert is_included(index, size, rfc9162.path(index, LEAVES[:size]))
    first = data.draw(st.integers(1, size))
    assert is_consistent(first, size, rfc9162.proof(first, LEAVES[:size]))


@given(st.integers(-3, 600), st.integers(-3, 600), st.lists(st.binary(min_size=32, max_size=32), max_size=12))
def test_no_invented_proof_is_accepted(first: int, second: int, path: list[bytes]) -> None:
    root = rfc9162.mth(LEAVES)
    assert not tree.inclusion_is_proven(leaf=bytes(32), index=first, size=second, path=path, root=root)
    is_true = first == second >= 0 and not path
    told: dict[str, Any] = {
        "first_size": first,
        "second_size": second,
        "first_root": root,
        "second_root": root,
        "path": path,
    }
    assert tree.consistency_is_proven(**told) == is_true


def test_every_tree_continues_the_empty_one() -> None:
    assert is_consistent(0, 5, [])
    assert not is_consistent(0, 5, [bytes(32)])
    assert not is_consistent(0, 5, [], root=bytes(32))
    assert not is_consistent(5, 0, [])
    assert not is_consistent(-1, -1, [])


def a_head(**fields: Any) -> tree.TreeHead:
    head = tree.TreeHead("d1" * 16, 7, rfc9162.mth(LEAVES[:7]), "2026-11-21T08:01:00Z", 4)
    return replace(head, **{"signature": a_signer("tree").sign(TREE_HEAD, head.message)} | fields)


def test_a_tree_head_is_believed_only_as_it_was_signed() -> None:
    public = a_signer("tree").public
    assert a_head().is_signed_by(public)
    assert not a_head().is_signed_by(a_signer("receipt").public)
    changes: list[dict[str, Any]] = [
        {"log_id": "d2" * 16},
        {"size": 8},
        {"root": bytes(32)},
        {"signed_at": "2026-11-21T08:01:01Z"},
        {"signature": bytes(64)},
    ]
    assert not any(a_head(**change).is_signed_by(public) for change in changes)


def test_the_bytes_of_a_signed_head_cannot_be_dealt_out_to_its_fields_anew() -> None:
    whole = a_head().message
    for shift in (-16, -8, -1, 1, 8, 24):
        log_end = 16 + shift
        size = int.from_bytes(whole[log_end : log_end + 8], "big")
        rest = whole[log_end + 8 :]
        for root_length in (0, 31, 32, 33, len(rest)):
            try:
                signed_at = rest[root_length:].decode()
            except UnicodeDecodeError:
                continue
            dealt = a_head(log_id=whole[:log_end].hex(), size=size, root=rest[:root_length], signed_at=signed_at)
            assert not dealt.is_signed_by(a_signer("tree").public)


@pytest.mark.parametrize(
    "fields",
    [{"log_id": "xyz"}, {"log_id": "D1" * 16}, {"size": -1}, {"size": 1 << 64}, {"root": b""}, {"signed_at": "\ud800"}],
    ids=str,
)
def test_a_malformed_head_is_simply_not_believed(fields: dict[str, Any]) -> None:
    assert not a_head(**fields).is_signed_by(a_signer("tree").public)
