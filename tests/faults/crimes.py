"""Ways to spoil the log directly in the database; each says which leaf is the first that is no longer what it was."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.faults.attacker import Attacker
from tests.faults.scene import Scene

Crime = Callable[["Hand"], int]

LEAF_COLUMNS = ("kind", "ref_id", "at", "salt", "salted_sha256", "leaf_sha256")
OP_COLUMNS = (
    *("op_id", "claims", "device_id", "person_id", "device_seq", "prev", "kind", "depends_on", "body", "signature"),
    *("outcome", "problem", "record_kind", "record_id", "is_chained", "received_at", "salt"),
    *("receipt_body", "receipt_key_id", "receipt_signature"),
)
DECISION_COLUMNS = {
    "verification": ("instrument_id", "kind", "result", "document_no", "done_on"),
    "pledge": ("number", "text_id", "text_sha256", "signer_name", "strokes"),
    "seal_event": ("first_serial", "last_serial", "region", "kind", "to_holder", "step", "at", "note"),
    "physical_seal_event": ("position", "act", "new_number", "witnesses", "is_other", "step", "at"),
}


class Hand:
    """What a crime is done with."""

    def __init__(self, connection: sqlite3.Connection, scene: Scene, dice: random.Random, attacker: Attacker) -> None:
        self.connection, self.scene, self.dice, self.attacker = connection, scene, dice, attacker

    def run(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        return self.connection.execute(statement, values).fetchall()

    def leaf(self, kind: str = "", *, least: int = 0) -> tuple[int, str]:
        """The index and id of some leaf."""
        where = "kind = ?" if kind else "? = ''"
        rows = self.run(f'SELECT "index", ref_id FROM leaf WHERE {where} AND "index" >= ?', kind, least)  # noqa: S608
        index, ref_id = self.dice.choice(rows)
        return int(str(index)), str(ref_id)

    def op_of(self, index: int) -> str:
        """The op_sha256 of the op behind a leaf."""
        rows = self.run('SELECT op_sha256 FROM op JOIN leaf ON leaf.salt = op.salt WHERE leaf."index" = ?', index)
        return str(rows[0][0])

    def shift(self, first: int, by: int) -> None:
        """Renumber the leaves from one on."""
        for (index,) in self.run('SELECT "index" FROM leaf WHERE "index" >= ? ORDER BY "index" * ?', first, -by):
            self.run('UPDATE leaf SET "index" = ? WHERE "index" = ?', int(str(index)) + by, index)

    def add_leaf(self, *values: object) -> None:
        columns = ", ".join(('"index"', *LEAF_COLUMNS))
        self.run(f"INSERT INTO leaf ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", *values)  # noqa: S608

    def change(self, table: str, column: str, key: str, value: object) -> None:
        """Give a cell another value of its kind."""
        name = f'"{column}"'
        (old,) = self.run(f"SELECT {name} FROM {table} WHERE {key} = ?", value)[0]  # noqa: S608
        try:
            self.run(f"UPDATE {table} SET {name} = ? WHERE {key} = ?", self.other(column, old), value)  # noqa: S608
        except sqlite3.IntegrityError:
            self.change(table, column, key, value)  # another row has it: the database itself refuses that

    def other(self, column: str, old: object) -> object:
        """A value like the old one, and not the old one."""
        if column in ("claims", "is_chained", "is_other"):
            return 1 - int(str(old))
        if column in ("device_id", "instrument_id"):
            table = column.removesuffix("_id")
            return self.dice.choice([row[0] for row in self.run(f"SELECT id FROM {table} WHERE id <> ?", old)])  # noqa: S608
        if column == "outcome":
            return self.dice.choice([word for word in ("applied", "conflict", "rejected") if word != old])
        if old is None:
            return "visit.record/1"
        if column == "problem":
            return None
        if column in ("at", "received_at", "done_on"):
            step = timedelta(days=1) if column == "done_on" else timedelta(seconds=self.dice.choice((-60, 1)))
            return str(datetime.fromisoformat(str(old)) + step)[: len(str(old))]
        if column == "body":
            return self._other_digit(old)
        return self._like(old)

    def _other_digit(self, body: object) -> bytes:
        """Change one figure of a body, which stays JSON."""
        text = bytearray(body if isinstance(body, bytes) else b"")
        text[self.dice.choice([place for place, byte in enumerate(text) if byte in b"0123456789"])] ^= 1
        return bytes(text)

    def _like(self, old: object) -> object:
        if isinstance(old, int):
            return old + self.dice.choice((-1, 1, 7))
        if isinstance(old, bytes):
            place = self.dice.randrange(len(old))
            return old[:place] + bytes([old[place] ^ 1 << self.dice.randrange(8)]) + old[place + 1 :]
        text = str(old)
        places = [place for place, letter in enumerate(text) if letter.isdigit()] or range(len(text))
        if not text:
            return "x"
        place = self.dice.choice(list(places))
        letter = self.dice.choice([digit for digit in "0123456789" if digit != text[place]])
        return text[:place] + letter + text[place + 1 :]


def edit_leaf(hand: Hand) -> int:
    index, _ = hand.leaf()
    hand.change("leaf", hand.dice.choice(LEAF_COLUMNS), '"index"', index)
    return index


def edit_op(hand: Hand) -> int:
    index, _ = hand.leaf("op")
    sha256 = hand.op_of(index)
    column = hand.dice.choice(OP_COLUMNS)
    if column == "claims" and not hand.run("SELECT claims FROM op WHERE op_sha256 = ?", sha256)[0][0]:
        column = "outcome"  # the id is claimed already: the database itself refuses a second claim
    hand.change("op", column, "op_sha256", sha256)
    return index


def edit_decision(hand: Hand) -> int:
    index, ref_id = hand.leaf("decision")
    (table,) = [name for name in DECISION_COLUMNS if hand.run(f"SELECT 1 FROM {name} WHERE id = ?", ref_id)]  # noqa: S608
    hand.change(table, hand.dice.choice(DECISION_COLUMNS[table]), "id", ref_id)
    return index


def edit_device_key(hand: Hand) -> int:
    (device,) = hand.dice.choice(hand.run("SELECT DISTINCT device_id FROM op"))
    hand.change("device", "public", "id", device)
    query = 'SELECT min(leaf."index") FROM leaf JOIN op ON op.salt = leaf.salt WHERE op.device_id = ?'
    return int(str(hand.run(query, device)[0][0]))


def edit_node(hand: Hand) -> int:
    level, place = hand.dice.choice(hand.run('SELECT level, "index" FROM tree_node'))
    node = bytes(hand.dice.randrange(256) for _ in range(32))
    hand.run('UPDATE tree_node SET hash = ? WHERE level = ? AND "index" = ?', node, level, place)
    return int(str(place)) << int(str(level))


def edit_size(hand: Hand) -> int:
    size = hand.scene.size + hand.dice.choice([step for step in range(-9, 10) if step])
    hand.run("UPDATE log_state SET size = ?", size)
    return min(size, hand.scene.size)


def delete_leaf(hand: Hand) -> int:
    index, _ = hand.leaf()
    hand.run('DELETE FROM leaf WHERE "index" = ?', index)
    return index


def delete_leaf_and_close_up(hand: Hand) -> int:
    index = delete_leaf(hand)
    hand.shift(index + 1, -1)
    return index


def delete_record(hand: Hand) -> int:
    index, ref_id = hand.leaf()
    if hand.run('SELECT 1 FROM leaf WHERE "index" = ? AND kind = ?', index, "op"):
        hand.run("DELETE FROM op WHERE op_sha256 = ?", hand.op_of(index))
    else:
        for table in DECISION_COLUMNS:
            hand.run(f"DELETE FROM {table} WHERE id = ?", ref_id)  # noqa: S608
    return index


def insert_leaf(hand: Hand) -> int:
    index = hand.dice.randint(0, hand.scene.size)
    hand.shift(index, 1)
    sha256 = f"{hand.dice.getrandbits(256):064x}"
    ref_id, at = f"{hand.dice.getrandbits(128):032x}", "2026-11-21 02:00:00.000000"
    hand.add_leaf(index, "op", ref_id, at, bytes(16), sha256, sha256)
    return index


def insert_op(hand: Hand) -> int:
    """An op of somebody's device that it never signed, with a leaf that agrees with it."""
    index, _ = hand.leaf("op", least=1)
    row = list(hand.run("SELECT * FROM op WHERE op_sha256 = ?", hand.op_of(index))[0])
    columns = [str(column[1]) for column in hand.run("PRAGMA table_info(op)")]
    row[columns.index("op_sha256")] = f"{hand.dice.getrandbits(256):064x}"
    row[columns.index("op_id")] = f"{hand.dice.getrandbits(128):032x}"
    row[columns.index("salt")] = salt = hand.dice.randbytes(16)
    hand.run(f"INSERT INTO op VALUES ({', '.join('?' * len(row))})", *row)  # noqa: S608
    hand.shift(index, 1)
    old = hand.run('SELECT at, leaf_sha256 FROM leaf WHERE "index" = ?', index + 1)[0]
    leaf = (index, "op", row[columns.index("op_id")], old[0], salt, "0" * 64, "1" * 64)
    hand.add_leaf(*leaf)
    return index


def reorder(hand: Hand) -> int:
    first, second = sorted(hand.dice.sample(range(hand.scene.size), 2))
    for old, new in ((first, -1), (second, first), (-1, second)):
        hand.run('UPDATE leaf SET "index" = ? WHERE "index" = ?', new, old)
    return first


def swap_photo(hand: Hand) -> int:
    """Give one file the content of another, or cut it short."""
    files = sorted(path for path in hand.scene.evidence.glob("??/*") if path.is_file())
    path, other = hand.dice.sample(files, 2)
    path.write_bytes(hand.dice.choice((other.read_bytes(), path.read_bytes()[:-1], b"")))
    return _named(hand, path)


def _named(hand: Hand, path: Path) -> int:
    query = 'SELECT min(leaf."index") FROM leaf JOIN op ON op.salt = leaf.salt WHERE instr(op.body, CAST(? AS BLOB))'
    return int(str(hand.run(query, path.name)[0][0]))


def cut_tail(hand: Hand) -> int:
    """Remove the newest leaves with their records, so that the rest agrees with itself."""
    keep = hand.dice.randrange(1, hand.scene.size)
    _remove_from(hand, keep)
    hand.attacker.rehash()
    return keep


def _remove_from(hand: Hand, keep: int) -> None:
    hand.run('DELETE FROM op WHERE salt IN (SELECT salt FROM leaf WHERE "index" >= ?)', keep)
    for table in DECISION_COLUMNS:
        hand.run(f'DELETE FROM {table} WHERE id IN (SELECT ref_id FROM leaf WHERE "index" >= ?)', keep)  # noqa: S608
    hand.run('DELETE FROM leaf WHERE "index" >= ?', keep)


def delete_and_rehash(hand: Hand) -> int:
    index = delete_record(hand)
    hand.run('DELETE FROM leaf WHERE "index" = ?', index)
    hand.attacker.rehash()
    return index


def reorder_and_rehash(hand: Hand) -> int:
    first = reorder(hand)
    hand.attacker.rehash()
    return first


def backdate_and_rehash(hand: Hand) -> int:
    index, _ = hand.leaf("op")
    hand.change("op", "received_at", "op_sha256", hand.op_of(index))
    hand.attacker.rehash()
    return index


def edit_decision_and_rehash(hand: Hand) -> int:
    index = edit_decision(hand)
    hand.attacker.rehash()
    return index


def edit_op_and_rehash(hand: Hand) -> int:
    """Change what a device signed: everything can be hashed again but the signature."""
    index, _ = hand.leaf("op")
    column = hand.dice.choice(("body", "person_id", "prev", "kind", "depends_on"))
    hand.change("op", column, "op_sha256", hand.op_of(index))
    hand.attacker.rehash()
    return index


# Shown by the database alone; and shown only by a head that a phone kept.
OPEN: tuple[Crime, ...] = (
    edit_leaf,
    edit_op,
    edit_decision,
    edit_device_key,
    edit_node,
    edit_size,
    delete_leaf,
    delete_leaf_and_close_up,
    delete_record,
    insert_leaf,
    insert_op,
    reorder,
    swap_photo,
    edit_op_and_rehash,
)
HIDDEN: tuple[Crime, ...] = (
    cut_tail,
    delete_and_rehash,
    reorder_and_rehash,
    backdate_and_rehash,
    edit_decision_and_rehash,
)
