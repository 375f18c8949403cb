"""The log's roots and proofs beside pymerkle, an implementation by other people.

pymerkle writes a path with the leaf itself first, and its proof of consistency is a path to the first new leaf, not the
shortest one of RFC 9162. So inclusion paths are compared node by node; for consistency pymerkle's proof must carry our
roots, our proof must carry its roots, and each node of ours must be the hash it gives that range of leaves.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from server.audit import service as audit
from server.database import begin_write, db, lock_log
from server.keyring import Keyring
from shared import tree
from tests.server.conftest import TestClock, app_on
from tests.server.world import new_id, now

EVERY_SIZE_UP_TO = 512
LARGEST = 100_000
STEP = 5_000
SEED = 9162


@dataclass(frozen=True)
class Both:
    """Our log and pymerkle's tree over the same leaves."""

    size: int
    oracle: InmemoryTree

    def compare_root(self, size: int) -> None:
        assert audit.root(db.session(), size) == self.oracle.get_root(size), size

    def compare_inclusion(self, index: int, size: int) -> None:
        proof = self.oracle.prove_inclusion(index + 1, size)
        path = audit.inclusion_path(db.session(), index, size)
        assert path == proof.path[1:], (index, size)
        leaf, root = self.oracle.get_leaf(index + 1), self.oracle.get_root(size)
        assert tree.inclusion_is_proven(leaf=leaf, index=index, size=size, path=path, root=root), (index, size)
        verify_inclusion(leaf, audit.root(db.session(), size), proof)

    def compare_consistency(self, first: int, second: int) -> None:
        path = audit.consistency_path(db.session(), first, second)
        assert path == [self.oracle._get_root(*span) for span in _spans(first, second)], (first, second)
        roots = {"first_root": self.oracle.get_root(first), "second_root": self.oracle.get_root(second)}
        assert tree.consistency_is_proven(first_size=first, second_size=second, path=path, **roots), (first, second)
        ours = audit.root(db.session(), first), audit.root(db.session(), second)
        verify_consistency(*ours, self.oracle.prove_consistency(first, second))


def _spans(first: int, second: int) -> list[tuple[int, int]]:
    """RFC 9162, 2.1.4.1: which ranges of leaves a proof of consistency hashes, in its order."""
    return _subproof(first, 0, second, is_whole=True) if 0 < first < second else []


def _subproof(size: int, start: int, end: int, *, is_whole: bool) -> list[tuple[int, int]]:
    if size == end - start:
        return [] if is_whole else [(start, end)]
    split = 1
    while split * 2 < end - start:
        split *= 2
    middle = start + split
    if size <= split:
        return [*_subproof(size, start, middle, is_whole=is_whole), (middle, end)]
    return [*_subproof(size - split, middle, end, is_whole=False), (start, middle)]


@pytest.fixture(scope="module")
def both(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys: Keyring, is_full: bool
) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("oracle")
    shutil.copy(migrated_sqlite, folder / "server.db")
    size = LARGEST if is_full else EVERY_SIZE_UP_TO
    for _ in app_on(f"sqlite:///{folder}/server.db", folder, keys, TestClock()):
        oracle = InmemoryTree()
        for start in range(0, size, STEP):
            for text in _append(min(STEP, size - start)):
                oracle.append_entry(text)
        yield Both(size, oracle)


def _append(count: int) -> list[bytes]:
    """Append leaves in one transaction and return their texts."""
    session, first = db.session(), audit.state(db.session()).size
    begin_write()
    for _ in range(count):
        audit.record_decision(session, ref_id=new_id(now()), at=now(), stands_for=b"decided")
    session.flush()
    lock_log()
    audit.append(session)
    session.commit()
    return [audit.leaf_text(session, index).encode() for index in range(first, first + count)]


def test_the_roots_are_pymerkles_at_every_size(both: Both) -> None:
    for size in range(1, EVERY_SIZE_UP_TO + 1):
        both.compare_root(size)


def test_the_proofs_are_pymerkles_at_every_size(both: Both, is_full: bool) -> None:
    dice = random.Random(SEED)
    sys.stdout.write(f"sizes 1 to {EVERY_SIZE_UP_TO}, seed {SEED}\n")
    for size in range(1, EVERY_SIZE_UP_TO + 1):
        some = dice.choices(range(size), k=30 if is_full else 3)
        every = range(size) if size <= 32 else {0, size - 1, *some}
        for smaller in every:
            both.compare_inclusion(smaller, size)
            both.compare_consistency(smaller + 1, size)


def test_the_proofs_are_pymerkles_at_random_sizes(both: Both, is_full: bool) -> None:
    dice, count = random.Random(SEED + 1), 300 if is_full else 100
    sys.stdout.write(f"{count} sizes to {both.size}, seed {SEED + 1}\n")
    for size in dice.choices(range(1, both.size + 1), k=count):
        both.compare_root(size)
        both.compare_inclusion(dice.randrange(size), size)
        both.compare_consistency(dice.randint(1, size), size)
