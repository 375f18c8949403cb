"""A phone that can no longer sync, and one that carries for it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from fieldapp.rescue.package import holdings, seal_series
from fieldapp.visit.model import Evidence
from server.database import db
from server.evidence import service as evidence
from server.evidence.models import NamedFile
from tests.fieldapp.desk import Desk
from tests.fieldapp.server_phone import Phone
from tests.server.world import World


def record(phone: Phone, *contents: bytes, number: int = 0) -> str:
    """Record a visit with some photos; return its id."""
    visit = phone.a_visit(number)
    kept = tuple(Evidence(phone.store.photos.keep(one), len(one), "photo", None) for one in contents)
    visit = visit.with_inspection(replace(visit.inspections[0], evidence=kept))
    phone.save(visit)
    return str(visit.id)


def desk_of(phone: Phone, folder: Path) -> Desk:
    """Return the screens of a phone of the real server."""
    desk = Desk(folder)
    desk.store = desk.parts.opened = phone.store
    desk.parts.clock = desk.clock = phone.clock
    return desk


def came(world: World, record_id: str) -> list[bytes | None]:
    rows = db.session.query(NamedFile).filter_by(record_id=record_id).order_by(NamedFile.place_in_list).all()
    with world.app.app_context():
        return [evidence.store().get(row.sha256) for row in rows if row.received_at]


def keep(phone: Phone, package: bytes) -> str:
    return phone.store.carried.keep(io.BytesIO(package), phone.clock.now(), name=phone.clock.new_id())


def a_package(phone: Phone) -> bytes:
    return seal_series(phone.store, holdings(phone.store).entries)[0]
