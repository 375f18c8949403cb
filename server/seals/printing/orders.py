"""What is to be printed, from the database: labels by their serials, and the board of a station."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.registry import service as registry
from server.seals import service as seals
from server.seals.printing.board import Board, BoardNozzle
from server.seals.printing.face import Label
from server.seals.printing.layouts import BadOrder
from shared.words import PhoneZone


def ordered(session: Session, serials: list[int], host: str) -> list[Label]:
    """Return labels in the order asked for; raises BadOrder for a serial the database does not know."""
    return [_label(session, seals.find(session, serial), serial, host) for serial in serials]


def board_at(session: Session, serial: int, host: str) -> Board:
    """Return the board of the station where a nozzle's label is; raises BadOrder."""
    label = seals.find(session, serial)
    nozzle = session.get(registry.Instrument, label.instrument_id) if label and label.instrument_id else None
    place = session.get(registry.Place, nozzle.place_id) if nozzle and nozzle.nozzle and nozzle.place_id else None
    if place is None:
        raise BadOrder(f"Label {serial} is on no nozzle of a station. Name a label that is on one.")
    nozzles = [one for one in registry.instruments_at(session, place.id) if one.nozzle]
    labels = seals.labels_of(session, [one.id for one in nozzles])
    cards = [
        BoardNozzle(
            one.nozzle.number,
            one.nozzle.product,
            _label(session, labels[one.id], labels[one.id].serial, host) if one.id in labels else None,
        )
        for one in nozzles
        if one.nozzle
    ]
    return Board(place.name, PhoneZone(place.phone_zone), tuple(sorted(cards, key=_painted)))


def _painted(card: BoardNozzle) -> tuple[int, str]:
    """Order 2 before 10, and numbers of one length as they are written."""
    return len(card.number), card.number


def _label(session: Session, label: seals.SealStock | None, serial: int, host: str) -> Label:
    if label is None:
        raise BadOrder(f"There is no label {serial}. Give a serial or a short code of this database.")
    instrument = session.get(registry.Instrument, label.instrument_id) if label.instrument_id else None
    place = session.get(registry.Place, instrument.place_id) if instrument and instrument.place_id else None
    return Label(
        link=f"HTTPS://{host}/V/{label.text}",
        serial=label.serial,
        kind=label.kind,
        nozzle=instrument.nozzle.number if instrument and instrument.nozzle else None,
        zone=PhoneZone(place.phone_zone) if place else None,
    )
