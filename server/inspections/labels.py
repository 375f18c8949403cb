"""The labels that an officer's phone read in a visit: whoever supervises the region hears of one that is in no use."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from server.inspections.judging import instant
from server.inspections.known import Body, Known
from server.seals import service as seals
from shared.seal import LabelVerdict, serial_in

# What the phone says of a label that our key signed.
SIGNED_BY_US = {LabelVerdict.GENUINE, LabelVerdict.GENUINE_STALE, LabelVerdict.REVOKED, LabelVerdict.EXPIRED}


def labels_read(bodies: Iterable[Body]) -> dict[int, Body]:
    """Return the serials of the labels of ours that visits read, each with the check that read it."""
    read = {}
    for body in bodies:
        for inspection in body["inspections"]:
            for check in inspection["checks"]:
                if check["label"] is not None and check["label_verdict"] in SIGNED_BY_US:
                    serial = serial_in(check["label"])
                    if serial is not None:
                        read[serial] = check
    return read


def look_at_labels(session: Session, body: Body, unused: Container[int], known: Known, now: datetime) -> None:
    """Make a task about every label of a visit that was void, lost, in stock or never heard of when it was read.

    ``unused`` are the labels that are on no instrument now.
    """
    for serial, check in sorted(labels_read([body]).items()):
        if serial in unused:
            instrument, read_at = known.instrument(check), instant(check["measured_at"])
            seals.met_in_a_check(
                session, serial, region=instrument.region, at=read_at, now=now, instrument_id=instrument.id
            )
