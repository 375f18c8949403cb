"""Where labels belong: the register names the place of an instrument, the scans of a whole place say where it is.

The register holds no coordinates. Most people who give their place stand in the market, so the square that most labels
of a place are read in is where the place is; no label alone has a say of more than ``SAY`` hours in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.registry import service as registry
from server.scans.models import Scan
from server.seals import service as seals
from shared.cells import Cell
from shared.copied_labels import Belongs, is_pooled
from shared.dates import civil_day
from shared.words import IdentityKind, SealState

SAY = 5
LEAST_SAY = 3
CHUNK = 500


@dataclass
class Standing:
    """What the register says of the instrument that a label is on."""

    instrument_id: str
    region: str
    place_id: str | None
    places: set[str]
    kinds: set[str]
    is_vendor: bool = False


def standings(session: Session, serials: list[int], since: datetime) -> dict[int, Standing]:
    """Return for each applied label what it is on, and every place where its custodies of a time had it."""
    seal, item, custody = seals.SealStock, registry.Instrument, registry.Custody
    stall, party, day = registry.Stall, registry.Party, civil_day(since)
    in_time = or_(custody.last_day.is_(None), custody.last_day >= day)
    used = (stall.place_id, custody.kind, party.identity_kind, custody.last_day)
    query = (
        select(seal.serial, item.id, item.region, item.place_id, *used)
        .join(item, item.id == seal.instrument_id)
        .outerjoin(custody, (custody.instrument_id == item.id) & in_time)
        .outerjoin(stall, stall.id == custody.stall_id)
        .outerjoin(party, party.id == custody.user_id)
        .where(seal.serial.in_(serials), seal.state == SealState.APPLIED)
    )
    found: dict[int, Standing] = {}
    for serial, id_, region, place, stall_place, kind, identity, last_day in session.execute(query):
        row = found.setdefault(serial, Standing(id_, region, place, set(), set()))
        row.places.update(one for one in (place, stall_place) if one)
        row.kinds.update(filter(None, [kind]))
        row.is_vendor |= last_day is None and identity == IdentityKind.STREET_VENDOR
    return found


def belongs(session: Session, rows: Mapping[int, Standing], since: datetime) -> dict[int, Belongs]:
    """Return where each label belongs. A pool serves every place of whoever operates one of its places."""
    pooled = [row for row in rows.values() if is_pooled(row.kinds)]
    together = _operated_together(session, {place for row in pooled for place in row.places})
    places = {serial: _served(row, together) for serial, row in rows.items()}
    homes = _homes(session, {place for some in places.values() for place in some}, since)
    found = {}
    for serial, row in rows.items():
        cells = tuple(sorted(homes[place] for place in places[serial] if place in homes))
        is_mobile = row.is_vendor or not row.places
        found[serial] = Belongs(() if is_mobile else cells, is_mobile=is_mobile)
    return found


def _served(row: Standing, together: Mapping[str, set[str]]) -> set[str]:
    if not is_pooled(row.kinds):
        return row.places
    return row.places.union(*(together.get(place, set()) for place in row.places))


def _operated_together(session: Session, places: set[str]) -> dict[str, set[str]]:
    """Return for each place those of the same operator."""
    operators = select(registry.Place.operator_id).where(registry.Place.id.in_(places))
    query = select(registry.Place.id, registry.Place.operator_id).where(registry.Place.operator_id.in_(operators))
    by_operator: dict[str, set[str]] = defaultdict(set)
    for place, operator in session.execute(query):
        by_operator[str(operator)].add(place)
    return {place: some for some in by_operator.values() for place in some}


def _homes(session: Session, places: Iterable[str], since: datetime) -> dict[str, Cell]:
    """Return the square of each place that enough scans of its labels agree on."""
    said: dict[str, Counter[Cell]] = defaultdict(Counter)
    wanted = sorted(places)
    for first in range(0, len(wanted), CHUNK):
        query = (
            select(registry.Instrument.place_id, Scan.serial, Scan.cell, func.count())
            .join(seals.SealStock, seals.SealStock.serial == Scan.serial)
            .join(registry.Instrument, registry.Instrument.id == seals.SealStock.instrument_id)
            .where(registry.Instrument.place_id.in_(wanted[first : first + CHUNK]), Scan.hour >= since, Scan.cell != "")
            .group_by(registry.Instrument.place_id, Scan.serial, Scan.cell)
        )
        for place, _, text, hours in session.execute(query):
            if cell := Cell.read(text):
                said[str(place)][cell] += min(hours, SAY)
    agreed = {place: max(cells.items(), key=lambda item: (item[1], item[0])) for place, cells in said.items()}
    return {place: cell for place, (cell, say) in agreed.items() if say >= LEAST_SAY}
