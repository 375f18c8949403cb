"""Labels that our key signed and our register never heard of, whose page somebody opened: each waits once to be told.

Only our key makes such a label, so that a made-up text leaves nothing here; nor does one of a key that is known to be
stolen. Should a key be stolen that nobody missed yet, what waits is bounded in memory and in the table, apart from the
scans of labels that we know; what is beyond is lost, and the log says how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import structlog
from flask import Flask
from sqlalchemy import bindparam, func, select, text

from server.database import WRITES, Instant, db
from server.scans.models import UnknownLabel
from shared.seal import LabelVerdict, Seal

log = structlog.get_logger(__name__)

BUFFER = "dingpan_unknown_labels"
MOST_WAITING = 1_000
MOST_KEPT = 2_000
CHUNK = 500
GENUINE = (LabelVerdict.GENUINE, LabelVerdict.GENUINE_STALE)
ADD = text(
    "INSERT INTO unknown_label (serial, region, hour) VALUES (:serial, :region, :hour) ON CONFLICT (serial) DO NOTHING"
)


class Key(NamedTuple):
    """Which label, the region that its signature names, and the hour (its beginning, UTC)."""

    serial: int
    region: str
    hour: datetime


def note_in(app: Flask, seal: Seal, hour: datetime) -> None:
    """Note the page of a label opened that no record is known of; nothing where its signature says nothing."""
    if seal.verdict in GENUINE:
        app.extensions[BUFFER].note(Key(seal.payload.serial, seal.payload.region, hour))


def write(seen: Mapping[Key, int]) -> None:
    """Keep those labels that do not wait already, as many as there is room for, in one transaction."""
    labels = {key.serial: key for key in sorted(seen, reverse=True)}
    with db.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        wanted = sorted(labels)
        for first in range(0, len(wanted), CHUNK):
            some = select(UnknownLabel.serial).where(UnknownLabel.serial.in_(wanted[first : first + CHUNK]))
            for serial in connection.scalars(some):
                del labels[serial]
        if not labels:
            return
        count = connection.scalar(select(func.count()).select_from(UnknownLabel)) or 0
        room = max(MOST_KEPT - count, 0)
        new = [key._asdict() for _, key in sorted(labels.items())]
        if new[:room]:
            connection.execute(ADD.bindparams(bindparam("hour", type_=Instant())), new[:room])
    if new[room:]:
        log.error("unknown_labels_beyond", labels=len(new[room:]))
