"""Somebody who owns the database, the program and the server's keys, but no device's key and none of the phones."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.audit.decisions import EXPLAINERS
from server.audit.models import Leaf
from server.audit.ops import leaf_hash_of
from server.keyring import Keyring
from server.sync.service import StoredOp, signed_op
from shared import tree
from shared.dates import instant_text
from shared.keys import Purpose
from shared.ops import FIRST_PREV, Status, next_prev, receipt_body
from shared.signing import RECEIPT
from tests.server.conftest import TODAY


@dataclass
class Attacker:
    """Makes a spoiled log agree with itself again, as far as that is possible without the devices' keys."""

    connection: sqlite3.Connection
    session: Session
    keyring: Keyring

    def rehash(self) -> None:
        """Number the leaves anew, hash every leaf and subtree, sign the receipts, set the size."""
        self._close_ranks()
        self._mend_flags()
        self._rewrite_ops()
        self._rewrite_decisions()
        self._rebuild_tree()

    def _close_ranks(self) -> None:
        indexes = [row[0] for row in self.connection.execute('SELECT "index" FROM leaf ORDER BY "index"')]
        for place, index in enumerate(indexes):
            if place != index:
                self.connection.execute('UPDATE leaf SET "index" = ? WHERE "index" = ?', (place, index))

    def _mend_flags(self) -> None:
        """Call a gap an honest one, and the first op left of an id the one that claims it."""
        in_order = StoredOp.__table__.select().join(Leaf, Leaf.salt == StoredOp.salt).order_by(Leaf.index)
        rows = list(self.session.execute(in_order))
        signatures: dict[tuple[str, int], set[str]] = {}
        for row in rows:
            signatures.setdefault((row.device_id, row.device_seq), set()).add(next_prev(row.signature))
        for row in rows:
            before = {FIRST_PREV} if row.device_seq == 1 else signatures.get((row.device_id, row.device_seq - 1), set())
            self._set(row.op_sha256, is_chained=row.prev in before, claims=False)
        for sha256 in {row.op_id: row.op_sha256 for row in reversed(rows)}.values():
            self._set(sha256, claims=True)

    def _rewrite_ops(self) -> None:
        self.session.rollback()
        key_id, signer = self.keyring.signer(Purpose.RECEIPT, TODAY.date())
        for row in self.session.execute(StoredOp.__table__.select()):
            old, new = json.loads(row.receipt_body)["leaf_sha256"], leaf_hash_of(row)
            told = receipt_body(
                signed_op(row),
                op_sha256=signed_op(row).op_sha256,
                outcome=Status(row.outcome),
                received_at=instant_text(row.received_at),
                leaf_sha256=new.hex(),
                ruleset=json.loads(row.receipt_body)["ruleset"],
            )
            self._set(
                row.op_sha256,
                receipt_body=told,
                receipt_key_id=key_id,
                receipt_signature=signer.sign(RECEIPT, told.encode()),
            )
            salted = tree.salted_sha256(row.salt, signed_op(row).op_bytes)
            values = (salted, new.hex(), str(row.received_at)[:19] + ".000000", old)
            self.connection.execute(
                "UPDATE leaf SET salted_sha256 = ?, leaf_sha256 = ?, at = ? WHERE leaf_sha256 = ?", values
            )

    def _rewrite_decisions(self) -> None:
        self.session.rollback()
        leaves = list(self.session.execute(Leaf.__table__.select().where(Leaf.kind == "decision")))
        ids = [leaf.ref_id for leaf in leaves]
        texts = {id_: text for explain, _ in EXPLAINERS.values() for id_, text in explain(self.session, ids).items()}
        for leaf in leaves:
            if leaf.ref_id in texts:
                salted = tree.salted_sha256(leaf.salt, texts[leaf.ref_id])
                text = tree.leaf_text(kind=leaf.kind, id=leaf.ref_id, at=instant_text(leaf.at), salted_sha256=salted)
                values = (salted, tree.leaf_hash(text.encode()).hex(), leaf[0])
                self.connection.execute('UPDATE leaf SET salted_sha256 = ?, leaf_sha256 = ? WHERE "index" = ?', values)

    def _rebuild_tree(self) -> None:
        rows = self.connection.execute('SELECT leaf_sha256 FROM leaf ORDER BY "index"')
        hashes = [bytes.fromhex(row[0]) for row in rows]
        size, level = len(hashes), 1
        self.connection.execute("DELETE FROM tree_node")
        while len(hashes) > 1:
            hashes = [tree.node_hash(*hashes[left : left + 2]) for left in range(0, len(hashes) - 1, 2)]
            nodes = [(level, place, node) for place, node in enumerate(hashes)]
            self.connection.executemany('INSERT INTO tree_node (level, "index", hash) VALUES (?, ?, ?)', nodes)
            level += 1
        self.connection.execute("UPDATE log_state SET size = ?", (size,))

    def _set(self, op_sha256: str, **values: object) -> None:
        names = ", ".join(f"{name} = ?" for name in values)
        self.connection.execute(f"UPDATE op SET {names} WHERE op_sha256 = ?", (*values.values(), op_sha256))  # noqa: S608
