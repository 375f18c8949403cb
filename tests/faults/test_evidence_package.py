"""The evidence package: the same for the same record, checked by a program that imports nothing of ours, and no bit of
it can be flipped. Whoever holds the bureau's tree key can sign another list of files, and still forges no record."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from docs import verify_evidence
from server.database import db
from server.evidence.folder import FolderStore
from server.keyring import Keyring
from server.packages.service import NothingToPack, package, zipped
from shared.keys import Purpose
from shared.signing import PACKAGE
from tests.server.world import BEYOND, Phone, World, new_id, now

VERIFIER = Path(verify_evidence.__file__)
SEED, FLIPS, FLIPS_FULL = 30, 500, 20_000
PHOTO = b"\xff\xd8 a photo " * 30


@pytest.fixture
def phone(sqlite_world: World) -> Phone:
    return sqlite_world.phone()


@pytest.fixture
def content(sqlite_world: World, phone: Phone, tmp_path: Path) -> bytes:
    """The package of a visit that names two photos, of which one came."""
    world, store = sqlite_world, FolderStore(tmp_path / "evidence")
    visit = world.visit(world.check(BEYOND))
    for sha256 in (store.put(PHOTO), "ab" * 32):
        file = {"sha256": sha256, "bytes": len(PHOTO), "kind": "photo", "check": None}
        visit["inspections"][0]["evidence"] = [*visit["inspections"][0].get("evidence", []), file]
    assert [entry["status"] for entry in phone.answers(phone.op("visit.record/1", visit))] == ["applied"]
    phone.answers(*(phone.op("correction/1", {"corrects": new_id(now()), "note": "x"}) for _ in range(4)))
    return package(db.session(), ring(world), store, visit["id"], now())


def ring(world: World) -> Keyring:
    keyring: Keyring = world.app.extensions["dingpan"].keyring
    return keyring


def told(content: bytes, root: str | None = None) -> list[str]:
    return list(verify_evidence.verify(content, root))


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_package_passes_and_says_what_it_proves(sqlite_world: World, content: bytes) -> None:
    sentences = told(content, hashlib.sha256(ring(sqlite_world).root_public).hexdigest())
    assert any("signed this record" in sentence for sentence in sentences)
    assert any(": applied, rules cn-1-" in sentence for sentence in sentences)
    assert any("leaf 0 of 5" in sentence for sentence in sentences)
    assert any("1 photos are those the record names; 1 had not come" in sentence for sentence in sentences)
    files = opened(content)
    assert "证据包" in files["README.txt"].decode()
    rules = json.loads(files["rules.json"])
    assert {"ScaleMpe", "Regulation"} <= {row["table"] for row in rules["rows"]}
    assert all({"document", "clause", "valid_from"} <= set(row) for row in rules["rows"])


def test_the_package_of_one_record_at_one_moment_is_always_the_same(
    sqlite_world: World, content: bytes, tmp_path: Path
) -> None:
    store, record = FolderStore(tmp_path / "evidence"), json.loads(opened(content)["manifest.json"])["record"]
    again = package(db.session(), ring(sqlite_world), store, record, now())
    assert again == content
    op_id = json.loads(json.loads(opened(content)["inclusion.json"])["leaf"])["id"]
    by_op = package(db.session(), ring(sqlite_world), store, op_id, now())
    assert opened(by_op)["op.bin"] == opened(content)["op.bin"]


def test_the_verifier_is_short_and_imports_nothing_of_ours() -> None:
    source = VERIFIER.read_text("utf-8")
    assert len(source.splitlines()) < 200
    names = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    names |= {
        alias.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for alias in node.names
    }
    tops = {str(name).split(".")[0] for name in names}
    assert tops - sys.stdlib_module_names == {"cryptography"}


def test_a_stranger_runs_the_verifier_alone(sqlite_world: World, content: bytes, tmp_path: Path) -> None:
    whole, spoiled = tmp_path / "whole.zip", tmp_path / "spoiled.zip"
    whole.write_bytes(content)
    spoiled.write_bytes(content[:-1])
    root = hashlib.sha256(ring(sqlite_world).root_public).hexdigest()
    alone = [sys.executable, "-I", str(VERIFIER)]
    runs = {(whole, root): 0, (whole, root[::-1]): 1, (spoiled, root): 1}
    for (file, fingerprint), code in runs.items():
        run = subprocess.run([*alone, str(file), "--root", fingerprint], cwd=tmp_path, capture_output=True, text=True)
        assert (run.returncode, "Traceback" in run.stderr) == (code, False), run.stderr
        assert ("WRONG" in run.stdout) == bool(code)


def test_no_bit_of_a_package_can_be_flipped(content: bytes, is_full: bool) -> None:
    seed = random.SystemRandom().randrange(10**9) if is_full else SEED
    dice, count = random.Random(seed), FLIPS_FULL if is_full else FLIPS
    for bit in places(content, dice, count):
        flipped = bytearray(content)
        flipped[bit >> 3] ^= 1 << (bit & 7)
        with pytest.raises(verify_evidence.Wrong):
            told(bytes(flipped))
    sys.stdout.write(f"{count} of {count} flips found in {len(content)} bytes, seed {seed}\n")


def places(content: bytes, dice: random.Random, count: int) -> Iterator[int]:
    """Half anywhere, half in the small files and headers, which the list of rules would else crowd out."""
    rules = opened(content)["rules.json"]
    start = content.index(rules)
    outside = [place for place in range(len(content)) if not start <= place < start + len(rules)]
    for number in range(count):
        place = dice.randrange(len(content)) if number % 2 else dice.choice(outside)
        yield place << 3 | dice.randrange(8)


Change = Callable[[dict[str, bytes]], None]


def changed(name: str, **fields: Any) -> Change:
    """Return a change of some fields of a JSON file."""

    def _change(files: dict[str, bytes]) -> None:
        files[name] = json.dumps(json.loads(files[name]) | fields).encode()

    return _change


def other_body(files: dict[str, bytes]) -> None:
    files["body.json"] = files["body.json"].replace(b"routine", b"tip")


def other_body_with_its_hash(files: dict[str, bytes]) -> None:
    old = hashlib.sha256(files["body.json"]).hexdigest().encode()
    other_body(files)
    files["op.bin"] = files["op.bin"].replace(old, hashlib.sha256(files["body.json"]).hexdigest().encode())


def other_photo(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.startswith("photos/"))
    files[name] = b"another"


def no_photo(files: dict[str, bytes]) -> None:
    del files[next(name for name in files if name.startswith("photos/"))]


def one_photo_more(files: dict[str, bytes]) -> None:
    files[f"photos/{hashlib.sha256(b'x').hexdigest()}"] = b"x"


def other_receipt(files: dict[str, bytes]) -> None:
    receipt = json.loads(files["receipt.json"])
    files["receipt.json"] = json.dumps(receipt | {"body": receipt["body"].replace("applied", "rejected")}).encode()


def other_leaf(files: dict[str, bytes]) -> None:
    proof = json.loads(files["inclusion.json"])
    files["inclusion.json"] = json.dumps(proof | {"leaf": proof["leaf"].replace("op", "po")}).encode()


def other_key_set(files: dict[str, bytes]) -> None:
    document = json.loads(files["keys.json"])
    files["keys.json"] = json.dumps(document | {"body": document["body"].replace("DINGPAN", "ANOTHER")}).encode()


@pytest.mark.parametrize(
    "change",
    [
        other_body,
        other_body_with_its_hash,
        other_photo,
        no_photo,
        one_photo_more,
        other_receipt,
        other_leaf,
        other_key_set,
        changed("inclusion.json", index=1),
        changed("inclusion.json", size=6),
        changed("inclusion.json", path=[]),
        changed("inclusion.json", salt="AAAA"),
        changed("tree_head.json", size=4),
        changed("tree_head.json", signed_at="2026-11-21T02:00:01Z"),
        changed("tree_head.json", key_id=1),
        changed("receipt.json", key_id=2),
        changed("device.json", public="A" * 43 + "="),
        changed("device.json", id="another"),
    ],
)
def test_whoever_signs_another_list_of_files_forges_no_record(
    sqlite_world: World, content: bytes, change: Change
) -> None:
    """The tree key alone is worth nothing without the device's, the receipt's and the root's."""
    files = opened(content)
    change(files)
    manifest = json.loads(files["manifest.json"])
    listed = {name: hashlib.sha256(file).hexdigest() for name, file in files.items() if not name.startswith("manifest")}
    files["manifest.json"] = json.dumps(manifest | {"files": listed}).encode()
    _, signer = ring(sqlite_world).signer(Purpose.TREE, sqlite_world.day)
    files["manifest.sig"] = signer.sign(PACKAGE, files["manifest.json"])
    with pytest.raises(verify_evidence.Wrong):
        told(zipped(files))


def test_an_id_that_nothing_made_is_told(sqlite_world: World, tmp_path: Path) -> None:
    with pytest.raises(NothingToPack, match="No operation made"):
        package(db.session(), ring(sqlite_world), FolderStore(tmp_path), new_id(now()), now())
