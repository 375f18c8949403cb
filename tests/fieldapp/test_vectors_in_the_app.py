"""The published vectors through the app's own parts: outbox, sync, receipts, witness, documents and the scan screen.

The labels themselves are in ``test_scanning``: each case there goes through the scan screen as a frame would bring it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from fieldapp.routes import Route
from fieldapp.scan.label import binds_to
from fieldapp.store.alarms import AlarmCode
from fieldapp.store.heads import HeadState
from fieldapp.store.kept import Bureau, Device
from fieldapp.store.outbox import OpState
from fieldapp.store.rows import Instrument
from fieldapp.store.sealing import Sealer
from fieldapp.store.store import Store
from fieldapp.sync.inclusion import ProofCode, prove
from fieldapp.sync.papers import refresh_revoked
from fieldapp.sync.push import push_all, receipt_of
from fieldapp.sync.token import Session
from fieldapp.sync.witness import take_head
from shared.errors import RefusedKeySet, RefusedRevocations
from shared.ops import FIRST_PREV, Op, Status
from shared.seal import LabelVerdict, Seal, parse_short_code, short_code
from shared.signing import decode_base64, encode_base64, sha256_hex
from shared.wire.push import PushSchema
from tests.builders import a_payload, a_revocation_document
from tests.fieldapp.desk import Desk
from tests.fieldapp.field_builders import DEVICE, KEY, ME, SettableClock, a_scale_row, a_store, fill, open_store
from tests.fieldapp.pretend_server import PretendServer, session_with
from tests.rules import rfc9162

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "dingpan-v1.json").read_text("utf-8"))
OPS: list[Op] = PushSchema().load({"ops": VECTORS["ops"]})["ops"]
LEAVES = [row["leaf"].encode() for row in VECTORS["leaves"]]
AT = datetime.fromisoformat("2026-11-21T08:02:00Z")


@pytest.fixture
def store(folder: Path) -> Store:
    """The phone of the vectors: their bureau, their key set, their device, and their three ops in its outbox."""
    store = open_store(folder, SettableClock(AT))
    store.kept.bureau = Bureau("http://127.0.0.1:9", decode_base64(VECTORS["public"]["root"]))
    store.kept.device, store.kept.person = Device(OPS[0].device_id, DEVICE.secret), replace(ME, id=OPS[0].person_id)
    store.documents.take_keys(VECTORS["key_set"])
    store.documents.take_revoked(VECTORS["revoked"])
    with store.database.write() as connection:
        for op in OPS:
            sealed = Sealer(KEY).seal(f"op/{op.op_id}", op.body.encode())
            connection.execute(
                """INSERT INTO op (op_id, device_seq, person_id, prev, kind, depends_on, op_sha256, signature, made_at,
                    day, bytes, state, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '2026-11-21', ?, 'waiting', ?)""",
                (
                    *(op.op_id, op.device_seq, op.person_id, op.prev, op.kind, ",".join(op.depends_on), op.op_sha256),
                    *(op.signature, AT.isoformat(), len(op.body), sealed),
                ),
            )
    return store


class VectorServer(PretendServer):
    """Answers a push with given entries, and proves what the published leaves prove."""

    def __init__(self) -> None:
        super().__init__(lambda: AT)
        self.keys, self.revoked = VECTORS["key_set"], VECTORS["revoked"]
        self.entries: list[dict[str, Any]] = []
        self.pushed: list[dict[str, Any]] = []

    def _push(self, body: Any) -> dict[str, Any]:
        self.pushed += body["ops"]
        return {"results": self.entries, "tree_head": VECTORS["tree_heads"][0]}

    def _inclusion(self, op_id: str, size: int) -> dict[str, Any]:
        index = next(place for place, leaf in enumerate(LEAVES) if json.loads(leaf)["id"] == op_id)
        return {"index": index, "path": [encode_base64(node) for node in rfc9162.path(index, LEAVES[:size])]}

    def _consistency(self, first: int, second: int) -> dict[str, Any]:
        return {"path": [encode_base64(node) for node in rfc9162.proof(first, LEAVES[:second])]}


@pytest.fixture
def server() -> VectorServer:
    return VectorServer()


@pytest.fixture
def session(store: Store, server: VectorServer) -> Session:
    return session_with(store, server)


def an_answer(place: int, receipt: Any = None, status: Status = Status.APPLIED) -> dict[str, Any]:
    """Return the entry of one of the ops, with the published receipt unless another is given."""
    entry = {"op_id": OPS[place].op_id, "index": place, "status": status.value}
    return entry | {"receipt": VECTORS["receipt"] if receipt is None else receipt}


def states(store: Store) -> list[OpState]:
    return [entry.state for entry in reversed(store.outbox.all())]


# --- ops and receipts -----------------------------------------------------------------------------------------------


def test_the_ops_leave_the_outbox_as_published(store: Store, server: VectorServer, session: Session):
    push_all(store, session)
    assert server.pushed == VECTORS["ops"]
    sent: list[Op] = PushSchema().load({"ops": server.pushed})["ops"]
    assert {op.op_id: op.op_sha256 for op in sent} == VECTORS["op_sha256"]
    assert all(op.is_signed_by(decode_base64(VECTORS["public"]["device"])) for op in sent)
    assert [op.prev for op in sent] == [FIRST_PREV, *(op.next_prev for op in sent[:-1])]
    assert store.outbox.balance(1, 3) == VECTORS["balance"]["sha256"]
    assert states(store) == [OpState.WAITING] * 3


def test_the_receipt_makes_its_op_received_and_no_other(store: Store, server: VectorServer, session: Session):
    server.entries = [an_answer(0), an_answer(1)]
    assert push_all(store, session) == 1
    assert states(store) == [OpState.RECEIVED, OpState.WAITING, OpState.WAITING]
    assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.BAD_RECEIPT]
    said, receipt = json.loads(VECTORS["receipt"]["body"]), receipt_of(store.outbox.entry(OPS[0].op_id))
    assert receipt.leaf_sha256 == said["leaf_sha256"] == VECTORS["leaves"][0]["leaf_sha256"]
    assert (receipt.outcome, receipt.received_at) == (Status.APPLIED, said["received_at"])
    assert store.outbox.entry(OPS[0].op_id).answer["receipt"] == VECTORS["receipt"]


SPOILED: dict[str, dict[str, Any]] = {
    "a space more": {"body": VECTORS["receipt"]["body"] + " "},
    "another outcome": {"body": VECTORS["receipt"]["body"].replace("applied", "rejected")},
    "another op": {"body": VECTORS["receipt"]["body"].replace(OPS[0].op_id, OPS[1].op_id)},
    "the tree's key": {"key_id": 4},
    "an unknown key": {"key_id": 77},
    "no signature": {"signature": encode_base64(bytes(64))},
    "the op's signature": {"signature": VECTORS["ops"][0]["signature"]},
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_receipt_with_one_fault_is_worth_nothing(store: Store, server: VectorServer, session: Session, fault: str):
    server.entries = [an_answer(0, VECTORS["receipt"] | SPOILED[fault])]
    assert push_all(store, session) == 0
    assert states(store) == [OpState.WAITING] * 3
    assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.BAD_RECEIPT]


# --- the log --------------------------------------------------------------------------------------------------------


def test_the_tree_heads_are_one_log_that_only_grew(store: Store, session: Session):
    for head in VECTORS["tree_heads"]:
        take_head(store, session, head)
    assert store.alarms.all() == []
    assert store.heads.unproven() == []
    last = store.heads.last_consistent()
    assert (last.size, encode_base64(last.root)) == (9, VECTORS["tree_heads"][-1]["root"])
    assert store.heads.count() == len(VECTORS["tree_heads"])


@pytest.mark.parametrize("first", range(1, 9))
def test_a_head_that_comes_late_hangs_together_with_each_later_one(store: Store, session: Session, first: int):
    for size in (9, first):
        take_head(store, session, VECTORS["tree_heads"][size])
    assert (store.alarms.all(), store.heads.unproven()) == ([], [])


@pytest.mark.parametrize("name", ["root", "size", "signed_at", "log_id"])
def test_a_head_with_another_field_is_not_signed(store: Store, session: Session, name: str):
    other = VECTORS["tree_heads"][8] | {"signed_at": "2026-11-21T08:01:01Z", "log_id": "d2" * 16}
    take_head(store, session, VECTORS["tree_heads"][9] | {name: other[name]})
    assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.BAD_HEAD]
    assert store.heads.count() == 0


def test_a_proof_of_other_leaves_is_no_proof(store: Store, server: VectorServer, session: Session):
    take_head(store, session, VECTORS["tree_heads"][3])
    server._consistency = lambda first, second: {"path": [VECTORS["tree_heads"][1]["root"]]}  # type: ignore[method-assign]
    take_head(store, session, VECTORS["tree_heads"][7])
    assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.LOG_CHANGED]
    assert store.heads.last_consistent().size == 3


@pytest.mark.parametrize("size", range(1, 10))
def test_the_receipts_leaf_is_proven_to_stand_in_every_published_head(
    store: Store, server: VectorServer, session: Session, size: int
):
    server.entries = [an_answer(0)]
    push_all(store, session)
    store.heads.keep(_head(store, session, size), HeadState.CONSISTENT, AT)
    proof = prove(store, session, OPS[0].op_id)
    assert (proof.code, proof.index, proof.size) == (ProofCode.PROVEN, 0, size)
    if size > 1:
        server._inclusion = lambda op_id, size: {"index": 1, "path": []}  # type: ignore[method-assign]
        assert prove(store, session, OPS[0].op_id).code is ProofCode.FAILED


def _head(store: Store, session: Session, size: int) -> Any:
    take_head(store, session, VECTORS["tree_heads"][size])
    return store.heads.last_consistent()


# --- keys and void labels -------------------------------------------------------------------------------------------


def test_the_documents_are_taken_under_the_pinned_root_and_no_other(store: Store):
    assert sha256_hex(store.kept.bureau.root) == VECTORS["public"]["root_sha256"]
    assert sorted(store.documents.revoked.serials) == VECTORS["revoked_serials"]
    for changed in (VECTORS["key_set"]["body"] + " ", VECTORS["key_set"]["body"].replace('"seq":7', '"seq":8')):
        with pytest.raises(RefusedKeySet):
            store.documents.take_keys(VECTORS["key_set"] | {"body": changed})
    with pytest.raises(RefusedRevocations):
        store.documents.take_revoked(VECTORS["revoked"] | {"body": VECTORS["revoked"]["body"] + " "})
    assert (store.documents.keys.seq, store.documents.revoked.seq) == (7, 12)


@pytest.mark.parametrize("case", VECTORS["bad_revocation_lists"], ids=lambda case: case["why"])
def test_a_bad_list_of_void_labels_is_refused_told_and_the_old_one_stays(folder: Path, case: dict[str, str]):
    """Signed by the builders' key, for the vectors' own is not public."""
    store, server = a_store(folder), PretendServer()
    server.revoked = a_revocation_document(listed=case["serials"], seq=99)
    refresh_revoked(store, session_with(store, server))
    assert [alarm.code for alarm in store.alarms.all()] == [AlarmCode.REVOKED_REFUSED]
    assert (store.documents.revoked.seq, store.documents.revoked.serials) == (12, {1_000_003})


# --- what stands on labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", VECTORS["bindings"], ids=lambda case: case["serial"])
def test_a_label_binds_to_the_published_serial_and_to_no_other(case: dict[str, Any]):
    nozzle = {"number": case["nozzle"], "product": "92#", "dispenser": "1"} if case["nozzle"] else None
    instrument = Instrument.from_body(a_scale_row(serial=case["serial"], nozzle=nozzle))
    seal = Seal("", "", a_payload(binding=bytes.fromhex(case["bytes"])), LabelVerdict.GENUINE)
    assert binds_to(seal, instrument)
    assert not binds_to(seal, replace(instrument, serial=case["serial"] + "1"))


@pytest.mark.parametrize("case", VECTORS["short_codes"], ids=lambda case: case["code"])
def test_a_published_short_code_is_typed_and_leads_to_its_instrument(folder: Path, case: dict[str, Any]):
    desk = Desk(folder)
    label = {"serial": case["serial"], "short": short_code(case["serial"]), "text": ""}
    fill(desk.store, [("instrument", a_scale_row(label=label))])
    for typed in (case["code"], case["code"].lower(), f" {case['code'][:4]}-{case['code'][4:]} "):
        vm = desk.go(Route.SCAN)
        vm.type_short_code()
        vm.on_short_code(typed)
        assert (desk.route, desk.vm.title) == ("card", "秤 衡正衡器 ACS-15"), typed
    assert parse_short_code(case["code"]) == case["serial"]
