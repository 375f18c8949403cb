"""A small world for server tests: a bureau, people with fixed roles, a market of two stalls, a phone that signs."""

from __future__ import annotations

import json
import os
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from server import feed, transaction
from server.accounts import service as accounts
from server.accounts.models import Person, Role, Unit, UnitRegion
from server.clock import new_id, now
from server.database import begin_write, db
from server.devices.models import Device, DevicePerson
from server.public import service as public
from server.registry.models import Custody, Instrument, Party, Place, Region, Stall
from server.seals.models import SealEvent, SealStock
from shared import label_life, ops, seal, signing, verdict
from shared.dates import civil_day, instant_text
from shared.keys import Purpose
from shared.rules import rules_on, ruleset_name
from shared.scales import Scale
from shared.words import SealState, VerificationKind, VerificationResult

PASSWORD = "right horse, wrong battery"
PLATE = {
    "max_mg": 15_000_000,
    "min_mg": 100_000,
    "e_mg": 5_000,
    "d_mg": 5_000,
    "accuracy_class": "III",
    "price_computing": True,
}
GOOD = [(1_000_000, 1_000_000), (5_000_000, 5_000_000), (10_000_000, 10_000_000)]
BEYOND = [(1_000_000, 1_000_000), (5_000_000, 5_010_000), (10_000_000, 10_025_000)]


@dataclass
class Phone:
    """A phone that signs ops in a chain, and talks to the server as a device."""

    client: FlaskClient
    device_id: str
    person_id: str
    signer: signing.Signer
    seq: int = 0
    prev: str = ops.FIRST_PREV
    token: str = ""
    refresh_token: str = ""

    def op(self, kind: str, body: dict[str, Any] | str, *, depends_on: tuple[str, ...] = ()) -> ops.Op:
        """Return the next op of the chain."""
        self.seq += 1
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        op = ops.Op(new_id(now()), self.device_id, self.person_id, self.seq, self.prev, kind, depends_on, text).signed(
            self.signer
        )
        self.prev = op.next_prev
        return op

    def get_token(self) -> str:
        challenge = self.client.get("/api/v1/devices/challenge").json["challenge"]
        message = f"{self.device_id}\n{self.person_id}\n{challenge}\n".encode()
        body = {
            "device_id": self.device_id,
            "person_id": self.person_id,
            "challenge": challenge,
            "signature": signing.encode_base64(self.signer.sign(signing.TOKEN, message)),
        }
        answer = self.client.post("/api/v1/devices/token", json=body)
        assert answer.status_code == 200, answer.text
        self.token, self.refresh_token = answer.json["token"], answer.json["refresh_token"]
        return self.token

    def ask_refresh(self, presented: str = "", **fields: Any) -> Any:
        """Ask for the next tokens with the refresh token, or another one; return the response."""
        presented = presented or self.refresh_token
        message = f"{self.device_id}\n{presented}\n".encode()
        body = {"device_id": self.device_id, "refresh_token": presented}
        body |= {"signature": signing.encode_base64(self.signer.sign(signing.REFRESH, message))}
        return self.client.post("/api/v1/devices/refresh", json=body | fields)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token or self.get_token()}"}

    def push(self, *pushed: ops.Op) -> Any:
        """Push ops and return the response."""
        body = {"ops": [op.to_wire() for op in pushed]}
        return self.client.post("/api/v1/sync/push", json=body, headers=self.headers)

    def answers(self, *pushed: ops.Op) -> list[dict[str, Any]]:
        """Push ops and return their entries."""
        response = self.push(*pushed)
        assert response.status_code == 200, response.text
        results: list[dict[str, Any]] = response.json["results"]
        return results


@dataclass
class World:
    """Ids of the things that tests speak of."""

    app: Flask
    client: FlaskClient
    inspector: str = ""
    colleague: str = ""
    verifier: str = ""
    supervisor: str = ""
    stranger: str = ""
    place: str = ""
    far_place: str = ""
    stalls: list[str] = field(default_factory=list)
    parties: list[str] = field(default_factory=list)
    instruments: list[str] = field(default_factory=list)
    custodies: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def day(self) -> date:
        return civil_day(now())

    def within(self, app: Flask) -> World:
        """Return the same world for an app on a copy of its database."""
        ids = {name: copy(value) for name, value in vars(self).items() if name not in ("app", "client")}
        return World(app, app.test_client(), **ids)

    def phone(self, person: str | None = None) -> Phone:
        """Enrol a new phone for somebody."""
        signer = signing.Signer(os.urandom(32))
        device_id = new_id(now())
        session = db.session()
        begin_write()
        session.add(Device(id=device_id, name="phone", public=signer.public, enrolled_at=now()))
        session.flush()
        session.add(DevicePerson(device_id=device_id, person_id=person or self.inspector, enrolled_at=now()))
        transaction.commit(session, now())
        return Phone(self.client, device_id, person or self.inspector, signer)

    def visit(self, *checks: dict[str, Any], party: int = 0, **fields: Any) -> dict[str, Any]:
        """Return the body of a visit to the market with one inspection."""
        at = instant_text(now())
        body: dict[str, Any] = {
            "id": new_id(now()),
            "task": None,
            "place": self.place,
            "cause": "routine",
            "approval_no": "",
            "started_at": at,
            "made_at": at,
            "clock_offset_s": 0,
            "clock_doubt_s": 2,
            "card_shown": True,
            "recusal_told": True,
            "participants": [
                {"person": self.inspector, "capacity": "officer", "card_no": "豫P0001"},
                {"person": self.colleague, "capacity": "officer", "card_no": "豫P0002"},
            ],
            "standards": [],
            "inspections": [
                {
                    "id": new_id(now()),
                    "party": self.parties[party],
                    "party_name": "",
                    "stall": self.stalls[party],
                    "disposition": "none",
                    "not_inspected": None,
                    "remark": "",
                    "party_remark": "",
                    "signature": None,
                    "checks": list(checks),
                }
            ],
        }
        return body | fields

    def check(self, readings: list[tuple[int, int]], *, instrument: int = 0, **fields: Any) -> dict[str, Any]:
        """Return one check with the verdict that the shared rules give."""
        scale = Scale(**PLATE)
        points = tuple(verdict.Reading(*reading) for reading in readings)
        found = verdict.judge(verdict.ScaleCheck(scale, points), rules_on(self.day))
        body: dict[str, Any] = {
            "id": new_id(now()),
            "instrument": self.instruments[instrument],
            "custody": self.custodies[instrument],
            "label": None,
            "label_verdict": None,
            "photo_matches": None,
            "tested_by": self.inspector,
            "measured_at": instant_text(now()),
            "nameplate": dict(PLATE),
            "readings": [{"load_mg": load, "shown_mg": shown} for load, shown in readings],
            "verdict": found.code.value,
            "ruleset": ruleset_name(),
        }
        return body | fields

    def verify(self, result: VerificationResult, document_no: str, *, instrument: int = 0) -> None:
        """Enter a verification of today."""
        from server.certificates import service as certificates

        session = db.session()
        begin_write()
        certificates.enter(
            session,
            instrument=session.get_one(Instrument, self.instruments[instrument]),
            verifier=session.get_one(Person, self.verifier),
            kind=VerificationKind.PERIODIC,
            result=result,
            document_no=document_no,
            done_on=self.day,
            now=now(),
        )
        transaction.commit(session, now())


def make_world(app: Flask) -> World:
    """Fill an empty database."""
    world = World(app, app.test_client())
    session = db.session()
    begin_write()
    regions = [("410000", None), ("411600", "410000"), ("411602", "411600"), ("411681", "411600")]
    session.add_all(Region(code=code, name=f"R{code}", parent=parent) for code, parent in regions)
    session.flush()
    units = {kind: Unit(id=new_id(now()), kind=kind, name=kind) for kind in ("branch", "verification_body", "office")}
    session.add_all(units.values())
    session.flush()
    session.add_all(UnitRegion(unit_id=units[kind].id, region="411602") for kind in ("branch", "verification_body"))
    session.add(UnitRegion(unit_id=units["office"].id, region="411681"))
    world.inspector = _person(units["branch"], Role.INSPECTOR, "inspector")
    world.colleague = _person(units["branch"], Role.INSPECTOR, "colleague")
    world.supervisor = _person(units["branch"], Role.SUPERVISOR, "supervisor")
    world.verifier = _person(units["verification_body"], Role.VERIFIER, "verifier")
    world.stranger = _person(units["office"], Role.INSPECTOR, "stranger")
    world.place = _place("411602")
    world.far_place = _place("411681")
    session.flush()
    for number in (1, 2):
        stall_with_scale(world, number)
    feed.changed(session, "region", *(code for code, _ in regions))
    feed.changed(session, "place", world.place, world.far_place)
    feed.changed(session, "stall", *world.stalls)
    feed.changed(session, "party", *world.parties)
    feed.changed(session, "instrument", *world.instruments)
    public.changed(session, *world.instruments)
    transaction.commit(session, now())
    return world


def _person(unit: Unit, role: Role, name: str) -> str:
    signs_in = {"sign_in_name": name, "password_hash": _hash(), "approved_at": now()}
    person = Person(id=new_id(now()), role=role, name=name, unit_id=unit.id, card_no=name, **signs_in)
    db.session.add(person)
    return person.id


_hashes: list[str] = []


def _hash() -> str:
    """Hash the one password once: hashing is slow on purpose."""
    if not _hashes:
        _hashes.append(accounts.hash_password(PASSWORD))
    return _hashes[0]


def _place(region: str) -> str:
    place = Place(
        id=new_id(now()), kind="market", name=f"market {region}", address="", region=region, phone_zone="allowed"
    )
    db.session.add(place)
    return place.id


def stall_with_scale(world: World, number: int) -> None:
    """Add a stall, its merchant, a scale in custody and the label on it."""
    session, at = db.session(), now()
    stall = Stall(id=new_id(at), place_id=world.place, number=f"A{number:02d}")
    party = Party(
        id=new_id(at), name=f"merchant {number}", identity_kind="uscc", public_code=f"code{number}", region="411602"
    )
    item = Instrument(
        id=new_id(at),
        kind="scale",
        serial=f"ACS-{number:04d}",
        maker="maker",
        model="ACS-15",
        use="trade",
        status="in_use",
        region="411602",
        place_id=world.place,
        **PLATE,
    )
    session.add_all((stall, party, item))
    session.flush()
    custody = Custody(
        id=new_id(at),
        instrument_id=item.id,
        kind="own",
        owner_id=party.id,
        user_id=party.id,
        stall_id=stall.id,
        first_day=world.day - timedelta(days=400),
    )
    label = a_label(world, 1_000_000 + number, item)
    session.add_all((custody, label, opening(label)))
    world.stalls.append(stall.id)
    world.parties.append(party.id)
    world.instruments.append(item.id)
    world.custodies.append(custody.id)


def opening(label: SealStock) -> SealEvent:
    """Return the event that brings a label into the ledger as it is, as for the labels that came before the log."""
    label.holder, label.step = label_life.holder(SealState(label.state)), 1
    about = {"kind": label.state, "to_holder": label.holder, "step": 1, "at": now(), "predates_log": True}
    return SealEvent(
        id=new_id(now()), first_serial=label.serial, last_serial=label.serial, region=label.region, **about
    )


def scope_of_branch() -> accounts.Scope:
    """Return whose data the people of the branch may see."""
    return accounts.Scope(("411602",))


def a_label(world: World, serial: int, item: Instrument | None) -> SealStock:
    """Return a signed label, applied to an instrument or in stock."""
    keyring = world.app.extensions["dingpan"].keyring
    key_id, signer = keyring.signer(Purpose.SEAL, world.day, "4116")
    payload = seal.Payload(
        key_id=key_id,
        serial=serial,
        region="411602",
        kind=seal.Kind.SCALE if item else seal.Kind.STOCK,
        issued=world.day,
        last_day=None,
        binding=seal.binding_of(item.serial) if item else bytes(4),
    )
    link = seal.make_link(payload, signer, "DINGPAN.TEST")
    world.links.append(link)
    return SealStock(
        serial=serial,
        text=link.rpartition("/")[2],
        region="411602",
        kind=payload.kind,
        issued_on=world.day,
        last_day=None,
        state="applied" if item else "issued",
        instrument_id=item.id if item else None,
    )
