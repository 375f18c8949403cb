"""``dingpan audit``: plain words, exit codes, proofs and exports that a stranger can check with hashing alone."""

from __future__ import annotations

import hashlib
import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from server.audit import commands
from server.audit.decisions import EXPLAINERS
from server.audit.heads import NoHead, read_heads
from server.certificates.models import Verification
from server.cli import main
from server.database import begin_write, db
from shared import tree
from shared.keys import Purpose, open_key_set
from shared.signing import decode_base64
from shared.words import VerificationResult
from tests.server.protocol import open_head
from tests.server.world import GOOD, World, new_id, now

SERVER = Path(__file__).parents[2] / "server"


@pytest.fixture
def pushed(world: World) -> dict[str, Any]:
    """A log of some ops and a decision, as the answer of the last push showed it."""
    phone = world.phone()
    world.verify(VerificationResult.FAILED, "N-1")
    ops = [phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(4)]
    answer: dict[str, Any] = phone.push(*ops).json
    return answer


def verify(world: World, *files: Path) -> int:
    db.session.remove()
    ours = world.app.extensions["dingpan"]
    options = Namespace(head=[file.open(encoding="utf-8") for file in files])
    return commands.verify(db.session(), ours.settings, ours.keyring, options)


def test_an_untouched_log_is_told_in_words_with_and_without_a_head(
    world: World, pushed: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(world) == 0
    alone = capsys.readouterr().out
    assert "5 leaves, 4 operations" in alone
    assert "Nothing is wrong: the log agrees with itself." in alone
    assert "--head" in alone
    head = tmp_path / "head.json"
    for text in (json.dumps(pushed), json.dumps(pushed["tree_head"]), json.dumps([pushed["tree_head"]] * 2)):
        head.write_text(text)
        assert verify(world, head) == 0
        assert "agrees with" in capsys.readouterr().out


def test_a_touched_log_names_the_first_bad_leaf(
    world: World, pushed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    begin_write()
    db.session.query(Verification).update({"document_no": "N-2"})
    db.session().commit()
    assert verify(world) == 1
    assert "The first bad leaf is 0." in capsys.readouterr().out


def test_a_gap_that_a_phone_left_is_noted_and_no_fault(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    phone = world.phone()
    phone.op("correction/1", {"corrects": new_id(now()), "note": "never sent"})
    phone.push(phone.op("correction/1", {"corrects": new_id(now()), "note": "sent"}))
    assert verify(world) == 0
    assert "1 operations follow one that their device has not sent" in capsys.readouterr().out


def test_a_proof_leads_from_the_record_to_the_signed_head(world: World, pushed: dict[str, Any]) -> None:
    ring = world.app.extensions["dingpan"].keyring
    for entry in pushed["results"]:
        told = commands.prove(db.session(), ring, now(), entry["op_id"])
        (proof,), head = told["proofs"], open_head(told["tree_head"])
        leaf = hashlib.sha256(b"\0" + proof["leaf"].encode()).digest()
        assert leaf.hex() == json.loads(entry["receipt"]["body"])["leaf_sha256"]
        path = [decode_base64(node) for node in proof["path"]]
        assert tree.inclusion_is_proven(leaf=leaf, index=proof["index"], size=head.size, path=path, root=head.root)
    with pytest.raises(commands.NoRecord, match="No leaf stands for"):
        commands.prove(db.session(), ring, now(), new_id(now()))


def test_a_stranger_finds_the_signed_root_in_the_exported_leaves(world: World, pushed: dict[str, Any]) -> None:
    ring = world.app.extensions["dingpan"].keyring
    first, *leaves = commands.export(db.session(), ring, now())
    head = open_head(json.loads(first)["tree_head"])
    keys = open_key_set(json.loads(first)["keys"], ring.root_public)
    key = keys.key(Purpose.TREE, head.key_id)
    assert key is not None
    assert head.is_signed_by(key.public)
    assert (head.size, head.root) == (len(leaves), tree.root([leaf.encode() for leaf in leaves]))
    assert head.size == pushed["tree_head"]["size"]


@pytest.mark.parametrize("spoil", ["", "[]", "{}", "nonsense", '{"tree_head": 3}', "signature", "key"])
def test_a_file_that_is_no_head_of_ours_is_refused_in_words(world: World, pushed: dict[str, Any], spoil: str) -> None:
    head = pushed["tree_head"]
    text = {"signature": json.dumps(head | {"size": head["size"] + 1}), "key": json.dumps(head | {"key_id": 3})}
    with pytest.raises(NoHead, match=r"\.$"):
        read_heads(text.get(spoil, spoil), world.app.extensions["dingpan"].keyring.key_set)


def test_every_feature_that_logs_decisions_says_how_they_are_written_again() -> None:
    """Else its leaves would be called records that are gone."""
    logging = {path.parent.name for path in SERVER.rglob("*.py") if "audit.record_decision(" in path.read_text("utf-8")}
    assert logging == set(EXPLAINERS)


def test_a_head_that_does_not_exist_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["audit", "verify", "--head", "nowhere.json"])
    assert "nowhere.json" in capsys.readouterr().err
