"""The append-only log: its roots and proofs beside a naive implementation of RFC 9162, its heads, and its routes."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.audit import service as audit
from server.audit.models import Leaf, TreeNode
from server.certificates.models import Verification
from server.database import begin_write, db, lock_log
from server.keyring import Keyring
from shared import tree
from shared.dates import instant_text
from shared.keys import Purpose
from shared.signing import decode_base64
from shared.words import VerificationResult
from tests.rules import rfc9162
from tests.server.conftest import TestClock, app_on
from tests.server.protocol import check_head, open_head, send
from tests.server.world import GOOD, World, new_id, now

EVERY_PAIR_UP_TO = 32
EVERY_SIZE_UP_TO = 64
LARGEST = 300


def append(count: int) -> None:
    """Append leaves in one transaction."""
    session = db.session()
    begin_write()
    for _ in range(count):
        audit.record_decision(session, ref_id=new_id(now()), at=now(), stands_for=b"decided")
    session.flush()
    lock_log()
    audit.append(session)
    session.commit()


def leaves() -> list[bytes]:
    """Return the published texts of all leaves, in order."""
    size = audit.state(db.session()).size
    return [audit.leaf_text(db.session(), index).encode() for index in range(size)]


@pytest.fixture(scope="module")
def grown(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys: Keyring) -> Iterator[list[bytes]]:
    """A log of LARGEST leaves that grew by uneven steps; nothing here adds to it."""
    folder = tmp_path_factory.mktemp("grown")
    shutil.copy(migrated_sqlite, folder / "server.db")
    for _ in app_on(f"sqlite:///{folder}/server.db", folder, keys, TestClock()):
        dice, left = random.Random(9162), LARGEST
        while left:
            step = min(left, dice.choice((1, 1, 2, 3, 7, 8, 16, 31)))
            append(step)
            left -= step
        yield leaves()


def pairs(is_full: bool) -> list[tuple[int, int]]:
    """Return (smaller, size): every one of small trees, some of each larger one, others at random."""
    dice, whole = random.Random(), EVERY_SIZE_UP_TO if is_full else EVERY_PAIR_UP_TO
    chosen = [(smaller, size) for size in range(1, whole + 1) for smaller in range(size)]
    sizes = [*range(whole + 1, EVERY_SIZE_UP_TO + 1)] * 4 + dice.choices(range(EVERY_SIZE_UP_TO, LARGEST + 1), k=150)
    return chosen + [(dice.randrange(size), size) for size in sizes]


def test_roots_and_subtrees_are_those_of_the_rfc_at_every_size(grown: list[bytes]) -> None:
    session = db.session()
    assert audit.root(session, 0) == tree.EMPTY_ROOT
    for size in range(1, LARGEST + 1):
        assert audit.root(session, size) == rfc9162.mth(grown[:size]), size
    assert {(node.level, node.index): node.hash for node in db.session.query(TreeNode)} == {
        (level, index): rfc9162.mth(grown[index << level : (index + 1) << level])
        for level in range(1, LARGEST.bit_length())
        for index in range(LARGEST >> level)
    }


def test_inclusion_paths_are_those_of_the_rfc_and_verify(grown: list[bytes], is_full: bool) -> None:
    for index, size in pairs(is_full):
        path = audit.inclusion_path(db.session(), index, size)
        assert path == rfc9162.path(index, grown[:size]), (index, size)
        leaf, root = tree.leaf_hash(grown[index]), rfc9162.mth(grown[:size])
        assert tree.inclusion_is_proven(leaf=leaf, index=index, size=size, path=path, root=root), (index, size)


def test_consistency_proofs_are_those_of_the_rfc_and_verify(grown: list[bytes], is_full: bool) -> None:
    for first, second in pairs(is_full):
        path = audit.consistency_path(db.session(), first, second)
        assert path == (rfc9162.proof(first, grown[:second]) if first else []), (first, second)
        assert tree.consistency_is_proven(
            first_size=first,
            second_size=second,
            first_root=rfc9162.mth(grown[:first]),
            second_root=rfc9162.mth(grown[:second]),
            path=path,
        ), (first, second)


def test_a_leaf_shows_a_salted_hash_and_nothing_of_what_it_stands_for(world: World) -> None:
    append(2)
    first, second = db.session.query(Leaf).where(Leaf.kind == "decision").order_by(Leaf.index)
    assert first.salted_sha256 != second.salted_sha256
    assert tree.salted_sha256(first.salt, b"decided") == first.salted_sha256
    text = json.loads(audit.leaf_text(db.session(), first.index))
    assert list(text) == ["kind", "id", "at", "salted_sha256"]
    assert text["at"] == instant_text(now())
    assert tree.leaf_hash(audit.leaf_text(db.session(), first.index).encode()).hex() == first.leaf_sha256


def test_a_decision_at_a_desk_is_a_leaf_that_its_record_explains(world: World) -> None:
    world.verify(VerificationResult.FAILED, "N-1")
    verification = db.session.query(Verification).one()
    leaf = db.session.query(Leaf).where(Leaf.ref_id == verification.id).one()
    assert leaf.kind == "decision"
    names = ("id", "instrument_id", "body_id", "kind", "result", "document_no", "entered_by")
    decided = {name: str(getattr(verification, name)) for name in names} | {"done_on": str(verification.done_on)}
    stands_for = json.dumps(decided, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert tree.salted_sha256(leaf.salt, stands_for) == leaf.salted_sha256


def get(world: World, path: str, **query: Any) -> Any:
    return world.client.get(f"/api/v1/log/{path}", query_string=query)


def test_the_head_is_signed_by_the_tree_key_of_the_day(world: World) -> None:
    head = check_head(world.app, get(world, "head").json)
    assert head.size == audit.state(db.session()).size
    assert head.root == rfc9162.mth(leaves())
    assert head.signed_at == instant_text(now())


def test_the_head_of_an_empty_log_is_signed_too(app: Flask) -> None:
    head = check_head(app, app.test_client().get("/api/v1/log/head").json)
    assert (head.size, head.root) == (0, tree.EMPTY_ROOT)


def test_heads_a_phone_saw_are_proven_consistent_for_anyone(world: World) -> None:
    phone, heads = world.phone(), []
    for _ in range(4):
        answer = phone.push(*(phone.op("correction/1", {"corrects": new_id(now()), "note": "x"}) for _ in range(3)))
        heads.append(open_head(answer.json["tree_head"]))
    for first in heads:
        for second in heads:
            if first.size > second.size:
                continue
            answer = get(world, "consistency", first=first.size, second=second.size)
            assert tree.consistency_is_proven(
                first_size=first.size,
                second_size=second.size,
                first_root=first.root,
                second_root=second.root,
                path=[decode_base64(node) for node in answer.json["path"]],
            )


SIZES: list[tuple[dict[str, Any], int]] = [
    ({"first": 2, "second": 1}, 400),
    ({"first": 0, "second": 999}, 400),
    ({"first": -1, "second": 1}, 422),
    ({"first": "1.0", "second": 1}, 422),
    ({"first": 1}, 422),
    ({}, 422),
    ({"first": 10**30, "second": 10**30}, 422),
    ({"first": 0, "second": 0, "third": 0}, 422),
    ({"first": 0, "second": 0}, 200),
    ({"first": 0, "second": 1}, 200),
    ({"first": 1, "second": 1}, 200),
]


def test_sizes_that_make_no_sense_are_a_problem(sqlite_world: World) -> None:
    append(1)
    answers = [get(sqlite_world, "consistency", **query) for query, _ in SIZES]
    assert [answer.status_code for answer in answers] == [status for _, status in SIZES]
    assert [answer.json for answer in answers[-3:]] == [{"path": []}] * 3


def prove(world: World, phone: Any, op_id: str, size: int) -> Any:
    return world.client.get("/api/v1/log/inclusion", query_string={"op_id": op_id, "size": size}, headers=phone.headers)


def test_a_receipt_is_proven_to_stand_in_the_log(world: World) -> None:
    phone = world.phone()
    pushed = [phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(5)]
    answer = phone.push(*pushed)
    head = check_head(world.app, answer.json["tree_head"])
    for op, entry in zip(pushed, answer.json["results"], strict=True):
        proof = prove(world, phone, op.op_id, head.size).json
        receipt = json.loads(entry["receipt"]["body"])
        leaf = tree.leaf_hash(proof["leaf"].encode())
        assert leaf.hex() == receipt["leaf_sha256"]
        told = json.loads(proof["leaf"])
        assert (told["kind"], told["id"], told["at"]) == ("op", op.op_id, receipt["received_at"])
        path = [decode_base64(node) for node in proof["path"]]
        assert tree.inclusion_is_proven(leaf=leaf, index=proof["index"], size=head.size, path=path, root=head.root)


def test_only_the_phone_itself_proves_its_receipts(sqlite_world: World) -> None:
    phone, other = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    op = phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    send(sqlite_world.app, phone, op)
    assert prove(sqlite_world, phone, op.op_id, 1).status_code == 200
    assert prove(sqlite_world, other, op.op_id, 1).status_code == 404
    assert prove(sqlite_world, phone, new_id(now()), 1).status_code == 404


def test_a_size_the_log_does_not_have_proves_nothing(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    op = phone.op("correction/1", {"corrects": new_id(now()), "note": "x"})
    send(sqlite_world.app, phone, op)
    sizes = {0: 404, 1: 200, 2: 404, 10**18: 404, 10**19: 422, -1: 422}
    assert {size: prove(sqlite_world, phone, op.op_id, size).status_code for size in sizes} == sizes


def test_a_day_without_a_valid_key_signs_nothing_and_stores_nothing(sqlite_world: World, clock: Any) -> None:
    phone = sqlite_world.phone()
    headers, op = phone.headers, phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD)))
    key = sqlite_world.app.extensions["dingpan"].keyring.key_set.current(Purpose.RECEIPT, sqlite_world.day)
    assert key is not None
    clock.move(days=(key.last_day - sqlite_world.day).days + 1)
    db.session.execute(db.text("UPDATE access_token SET expires_at = :at"), {"at": now() + timedelta(hours=1)})
    db.session.commit()
    answer = sqlite_world.client.post("/api/v1/sync/push", json={"ops": [op.to_wire()]}, headers=headers)
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/no-signing-key")
    assert db.session.query(Leaf).where(Leaf.kind == "op").count() == 0
    assert db.session().info == {}


def test_nothing_of_the_log_can_be_written_over(world: World) -> None:
    """The same leaf twice, or another under a known index, breaks the transaction."""
    from sqlalchemy.exc import IntegrityError

    append(1)
    leaf = db.session.query(Leaf).first()
    assert leaf is not None
    row = {column.name: getattr(leaf, column.name) for column in Leaf.__table__.columns}
    for changes in ({"leaf_sha256": "0" * 64}, {"index": 99}):
        with pytest.raises(IntegrityError):
            db.session.execute(Leaf.__table__.insert(), [row | changes])
        db.session.rollback()
