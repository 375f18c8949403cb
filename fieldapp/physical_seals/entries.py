"""A move as the record that travels; what is empty is left out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fieldapp.parts import Parts
from fieldapp.physical_seals.model import Move
from fieldapp.store.chain import Entry
from fieldapp.store.forms import PHYSICAL_SEAL
from fieldapp.store.rows import Instrument
from shared.dates import instant_text


def entry(parts: Parts, instrument: Instrument, move: Move, now: datetime) -> Entry:
    """Return the record of a move; ``now`` is when it happened."""
    body: dict[str, Any] = {
        "id": parts.clock.new_id(),
        "instrument": instrument.id,
        "position": move.position.value,
        "owner": move.owner.value,
        "act": move.act.value,
        "at": instant_text(now),
        "old_number": move.told("old_number"),
        "new_number": move.told("new_number"),
        "authority": move.told_authority,
        "witnesses": list(move.names),
        "note": move.told("note"),
    }
    told = {name: value for name, value in body.items() if value not in ("", [])}
    return Entry(kind=PHYSICAL_SEAL, body=told, name=_name(parts, instrument, move), place=instrument.place)


def _name(parts: Parts, instrument: Instrument, move: Move) -> str:
    """Say in lists what happened where."""
    values = {"act": parts.texts(f"seal_act.{move.act}"), "position": parts.texts(f"seal_position.{move.position}")}
    serial = instrument.serial or instrument.own_no
    return parts.texts("physical_seals.name", serial=serial, **values)
