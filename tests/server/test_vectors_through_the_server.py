"""The published vectors through the real routes: whoever builds a phone or a verifier meets this server."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from server import create_app
from server.accounts.models import Person, Role
from server.audit import service as audit
from server.database import begin_write, db, lock_log
from server.devices.models import Device, DevicePerson
from server.inspections.models import Correction
from server.keyring import Keyring
from server.public import shown
from server.registry.models import Instrument
from server.seals.models import SealBinding
from server.sync.models import StoredOp
from shared import signing, tree
from shared.dates import parse_instant
from shared.keys import open_key_set, open_revocations
from shared.ops import Op, Status
from shared.signing import decode_base64
from shared.wire.push import PushSchema
from tests.server.conftest import TestClock, settings_for
from tests.server.people import keep_token
from tests.server.plain_pages import said
from tests.server.protocol import check_receipt, send
from tests.server.world import Phone, World, now

VECTORS: dict[str, Any] = json.loads(Path(__file__).parent.joinpath("../vectors/dingpan-v1.json").read_text("utf-8"))
OPS: list[Op] = PushSchema().load({"ops": VECTORS["ops"]})["ops"]
HOME = "HTTPS://DINGPAN.TEST/"


@pytest.fixture
def enrolled(world: World) -> Phone:
    """A phone of the office that carries the vectors' ops, whose phone and author are known to the server."""
    session, first = db.session(), OPS[0]
    author = session.get_one(Person, world.inspector)
    session.add(Person(id=first.person_id, role=Role.INSPECTOR, name="vectors", unit_id=author.unit_id))
    public = decode_base64(VECTORS["public"]["device"])
    session.add(Device(id=first.device_id, name="vectors", public=public, enrolled_at=now()))
    session.flush()
    session.add(DevicePerson(device_id=first.device_id, person_id=first.person_id, enrolled_at=now()))
    session.commit()
    return world.phone()


def balance(world: World, first: int, last: int) -> Any:
    """Ask for the balance as the vectors' own phone; its token is put in place, for its key is not public."""
    token = f"token {first} {last}"
    keep_token(token, OPS[0].device_id, OPS[0].person_id)
    db.session.commit()
    query = {"device_id": OPS[0].device_id, "first": first, "last": last}
    headers = {"Authorization": f"Bearer {token}"}
    return world.client.get("/api/v1/sync/balance", query_string=query, headers=headers).json


def test_the_ops_are_taken_and_the_balance_is_the_published_one(world: World, enrolled: Phone) -> None:
    entries = send(world.app, enrolled, *OPS)
    assert [entry["status"] for entry in entries] == [Status.APPLIED] * 3
    for entry in entries:
        body = check_receipt(world.app, entry["receipt"])
        assert body["op_sha256"] == VECTORS["op_sha256"][body["op_id"]]
    told = balance(world, OPS[0].device_seq, OPS[-1].device_seq)
    assert told["sha256"] == VECTORS["balance"]["sha256"]
    assert told["counts"] == {"applied": 3, "conflict": 0, "rejected": 0}
    assert balance(world, 1, 1)["sha256"] != told["sha256"]
    assert balance(world, 9, 9)["sha256"] == signing.sha256_hex(b"")
    assert [op.is_chained for op in db.session.query(StoredOp).order_by(StoredOp.device_seq)] == [True] * 3


def test_the_ops_are_taken_in_any_order_and_packing(world: World, enrolled: Phone) -> None:
    dice, settled = random.Random(1), set()
    while len(settled) < len(OPS):
        some = dice.sample(OPS, dice.randint(1, 3))
        for entry, op in zip(send(world.app, enrolled, *some), some, strict=True):
            assert entry["status"] in (Status.APPLIED, Status.DUPLICATE, Status.RETRY)
            assert (entry["status"] == Status.DUPLICATE) == (op.op_id in settled)
            settled |= {op.op_id} if entry["status"] == Status.APPLIED else set()
    assert balance(world, 1, 3)["sha256"] == VECTORS["balance"]["sha256"]


def test_the_ops_leave_what_they_say(world: World, enrolled: Phone) -> None:
    send(world.app, enrolled, *OPS)
    said = [json.loads(op.body) for op in OPS]
    instrument = db.session.get_one(Instrument, said[0]["id"])
    assert (instrument.serial, instrument.note) == (said[0]["serial"], said[0]["note"])
    binding = db.session.query(SealBinding).one()
    assert (binding.serial, binding.instrument_id) == (said[1]["serial"], instrument.id)
    assert db.session.query(Correction).one().note == said[2]["note"]
    assert [op.body.decode() for op in db.session.query(StoredOp).order_by(StoredOp.device_seq)] == [
        op.body for op in OPS
    ]


def test_a_changed_character_is_rejected(world: World, enrolled: Phone) -> None:
    phone = enrolled
    wire = VECTORS["ops"][0] | {"body": VECTORS["ops"][0]["body"].replace("ACS", "ACT")}
    answer = phone.client.post("/api/v1/sync/push", json={"ops": [wire]}, headers=phone.headers).json
    assert answer["results"][0]["problem"]["type"] == "/problems/bad-signature"


def test_the_log_of_the_published_leaves_has_the_published_roots(app: Flask) -> None:
    session = db.session()
    for start in (0, 3, 4):
        begin_write()
        for row in VECTORS["leaves"][start : {0: 3, 3: 4, 4: None}[start]]:
            said = json.loads(row["leaf"])
            leaf = audit.NewLeaf(
                kind=said["kind"],
                ref_id=said["id"],
                at=parse_instant(said["at"]),
                salt=bytes.fromhex(row["salt"]),
                salted_sha256=said["salted_sha256"],
                leaf_sha256=row["leaf_sha256"],
            )
            audit.add_leaf(session, leaf)
        lock_log()
        audit.append(session)
        session.commit()
    for head in VECTORS["tree_heads"]:
        assert audit.root(session, head["size"]) == decode_base64(head["root"]), head["size"]
    for index, row in enumerate(VECTORS["leaves"]):
        assert audit.leaf_text(session, index) == row["leaf"]
    sizes = [head["size"] for head in VECTORS["tree_heads"] if head["size"]]
    roots = {head["size"]: decode_base64(head["root"]) for head in VECTORS["tree_heads"]}
    for first, second in ((first, second) for first in sizes for second in sizes if first < second):
        path = audit.consistency_path(session, first, second)
        assert tree.consistency_is_proven(
            first_size=first, second_size=second, first_root=roots[first], second_root=roots[second], path=path
        )


# --- labels ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(sqlite_url: str, tmp_path: Path, clock: TestClock) -> Iterator[Flask]:
    """A server whose published keys and revocations are those of the vectors."""
    root = decode_base64(VECTORS["public"]["root"])
    keys = open_key_set(VECTORS["key_set"], root)
    revoked = open_revocations(VECTORS["revoked"], keys)
    keyring = Keyring(root, {}, VECTORS["key_set"], VECTORS["revoked"], keys, revoked)
    app = create_app(settings_for(sqlite_url, tmp_path), keyring=keyring, clock=clock)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_published_documents_are_served_byte_for_byte(published: Flask) -> None:
    client = published.test_client()
    assert client.get("/api/v1/keys").json == VECTORS["key_set"]
    assert client.get("/api/v1/revoked").json == VECTORS["revoked"]


def test_the_label_page_tells_each_published_verdict(
    published: Flask, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link of our host is opened as a phone's browser would; what it says of the host and scheme it does not see."""
    told: list[str] = []
    real = shown.answer

    def _listen(verdict: Any, *rest: Any) -> Any:
        told.append(verdict.value)
        return real(verdict, *rest)

    monkeypatch.setattr(shown, "answer", _listen)
    client, asked = published.test_client(), 0
    for case in VECTORS["cases"]:
        address = case["link"].removeprefix(HOME[:-1])
        if not case["link"].startswith(HOME + "V/") or "?" in address:
            continue
        asked += 1
        clock.moment = datetime.combine(date.fromisoformat(case["today"]), time(4), UTC)
        status = client.get(quote(address)).status_code
        expected = (404, []) if case["verdict"] == "not_a_seal" else (200, [case["verdict"]])
        assert (case["name"], status, told) == (case["name"], *expected)
        told.clear()
    assert asked > 35


def test_a_small_v_opens_the_same_page_and_small_letters_open_none(published: Flask) -> None:
    client, link = published.test_client(), VECTORS["cases"][0]["link"].removeprefix(HOME + "V/")
    small, large = (said(client.get(f"/{letter}/{link}")) for letter in "vV")
    assert small.page == large.page
    assert client.get(f"/V/{link.lower()}").status_code == 404
