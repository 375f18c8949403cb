"""The labels that an officer's phone read in a visit: whoever supervises the region hears of one that is in no use."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.inspections.judging import instant
from server.inspections.known import Known
from server.seals import service as seals
from shared.seal import LabelVerdict, serial_in

# What the phone says of a label that our key signed.
SIGNED_BY_US = {LabelVerdict.GENUINE, LabelVerdict.GENUINE_STALE, LabelVerdict.REVOKED, LabelVerdict.EXPIRED}


def look_at_labels(session: Session, body: dict[str, Any], known: Known, now: datetime) -> None:
    """Make a task about every label of a visit that was void, lost, in stock or never heard of when it was read."""
    read = {}
    for inspection in body["inspections"]:
        for check in inspection["checks"]:
            if check["label"] is not None and check["label_verdict"] in SIGNED_BY_US:
                read[serial_in(check["label"])] = check
    for serial in seals.not_in_use(session, [serial for serial in read if serial is not None]):
        instrument = known.instruments[read[serial]["instrument"]]
        read_at = instant(read[serial]["measured_at"])
        seals.met_in_a_check(
            session, serial, region=instrument.region, at=read_at, now=now, instrument_id=instrument.id
        )
