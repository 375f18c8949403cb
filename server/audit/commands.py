"""What ``dingpan audit`` does: check the whole log, prove one record, hand the log to a stranger."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO

from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit import stamping
from server.audit.checking import Report, check
from server.audit.faults import Fault
from server.audit.heads import NoHead, read_heads
from server.audit.leaves import chunks
from server.audit.timestamps import NoTimestamp
from server.database import begin_write
from server.evidence.service import open_store
from server.keyring import Keyring
from server.mending import CannotDo
from server.settings import Settings
from shared import signing
from shared.dates import civil_day, instant_text
from shared.tree import TreeHead

MOST_TOLD = 20


class NoRecord(CannotDo):
    """No leaf stands for a record; the message says what to do."""


def verify(session: Session, settings: Settings, keyring: Keyring, options: Namespace) -> int:
    """Check everything and say it in plain words; 0 when nothing is wrong."""
    heads = [head for file in options.head for head in read_heads(_read(file), keyring.key_set)]
    authority = stamping.authority_of(settings)
    heads += stamping.check_stamps(session, authority) if authority else []
    report = check(session, keyring.key_set, open_store(settings), heads)
    for line in told(report, heads):
        sys.stdout.write(f"{line}\n")
    return 1 if report.faults else 0


def stamp(session: Session, settings: Settings, keyring: Keyring, now: datetime) -> str:
    """Have the head stamped once a civil day and say what came of it; raises NoTimestamp."""
    authority = stamping.authority_of(settings)
    if authority is None:
        raise NoTimestamp("No timestamp authority is set. Set DINGPAN_TSA_URL and DINGPAN_TSA_CERTIFICATES.")
    day = civil_day(now)
    if stamping.stamped_on(session, day) is not None:
        return f"The head of {day} is stamped already."
    stamped = stamping.stamp(session, keyring, authority, now)
    begin_write()
    session.add(stamped)
    session.commit()
    return f"The head of {stamped.size} leaves is stamped at {instant_text(stamped.stamped_at)}."


def _read(file: TextIO) -> str:
    with file:
        try:
            return file.read()
        except UnicodeDecodeError as error:
            raise NoHead(f"{file.name} is not a text.") from error


def told(report: Report, heads: list[TreeHead]) -> Iterator[str]:
    """Yield what a check found, the first bad leaf first."""
    yield f"{report.size} leaves, {report.ops} operations, {report.photos} photos read."
    yield f"Root {signing.encode_base64(report.root)}"
    if report.gaps:
        yield f"{report.gaps} operations follow one that their device has not sent; that is noted, and no fault."
    if not report.faults:
        against = f" and agrees with {len(heads)} kept heads" if heads else ""
        yield f"Nothing is wrong: the log agrees with itself{against}."
        if not heads:
            yield "Without a head that a phone kept (--head), a tail cut off or a log written anew is not seen."
        return
    yield _first(report.first)
    for fault in report.faults[:MOST_TOLD]:
        yield f"- {fault.sentence}"
    if len(report.faults) > MOST_TOLD:
        yield f"- and {len(report.faults) - MOST_TOLD} more"


def _first(fault: Fault | None) -> str:
    if fault is None:
        return "Something is wrong, though with no leaf:"
    if fault.is_exact:
        return f"The first bad leaf is {fault.first}."
    return f"The first bad leaf is one of {fault.first} to {fault.last}."


def prove(session: Session, keyring: Keyring, now: datetime, record_id: str) -> dict[str, Any]:
    """Return where a record's leaf stands, the path to the root, and the head that is proven; raises NoRecord."""
    leaves = audit.leaves_about(session, record_id)
    if not leaves:
        raise NoRecord(f"No leaf stands for {record_id}. Give the id of an operation or a decision.")
    head = audit.head(session, keyring, now)
    proofs = [inclusion(session, index, head.size) for index in leaves]
    return {"proofs": proofs, "tree_head": audit.head_json(head)}


def inclusion(session: Session, index: int, size: int) -> dict[str, Any]:
    """Return a leaf with its path to the root of the tree of a size."""
    path = [signing.encode_base64(node) for node in audit.inclusion_path(session, index, size)]
    return {"index": index, "size": size, "leaf": audit.leaf_text(session, index), "path": path}


def export(session: Session, keyring: Keyring, now: datetime) -> Iterator[str]:
    """Yield the log as lines of JSON: the signed head, the key set, and every leaf's text in order."""
    head = audit.head(session, keyring, now)
    yield json.dumps({"tree_head": audit.head_json(head), "keys": keyring.key_set_document})
    for leaves in chunks(session, []):
        yield from (leaf.text for leaf in leaves if leaf.index < head.size)
