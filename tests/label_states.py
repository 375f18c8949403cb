"""One label for every answer that a label's page can give, made in a small world through the services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Flask

from server import transaction
from server.accounts.models import Person
from server.certificates import service as certificates
from server.clock import new_id, now
from server.database import begin_write, db
from server.public import records
from server.public import service as public
from server.public.state import PageState
from server.registry import service as registry
from shared import seal
from shared.keys import Key, Purpose
from shared.signing import Signer
from shared.words import InstrumentStatus, VerificationKind, VerificationResult
from tests.server.world import BEYOND, PLATE, World, a_label

SERIALS = 2_000_000
COMPROMISED = Signer(bytes(range(32)))
COMPROMISED_ID = 99


def make_states(world: World) -> dict[PageState, str]:
    """Return the path of a label's page for every state but WRONG_HOST, which is the server's own mistake."""
    paths = _of_signature(world) | _of_stock(world)
    for place, state in enumerate(_ARRANGE):
        number = _labelled_scale(world, SERIALS + place)
        _ARRANGE[state](world, number)
        paths[state] = _path(world.links[-1])
    return paths


@contextmanager
def wrong_host(app: Flask) -> Iterator[None]:
    """Let the server believe in a host that no key set names."""
    right = app.extensions["dingpan"]
    app.extensions["dingpan"] = replace(right, settings=replace(right.settings, seal_host="OTHER.TEST"))
    try:
        yield
    finally:
        app.extensions["dingpan"] = right


def _path(link: str) -> str:
    return "/V/" + link.rpartition("/")[2]


def _of_signature(world: World) -> dict[PageState, str]:
    """Make labels whose signature alone says enough, and teach the keyring what it must know for that."""
    dingpan = world.app.extensions["dingpan"]
    key_id, signer = dingpan.keyring.signer(Purpose.SEAL, world.day, "4116")
    good = dict[str, Any](
        key_id=key_id, region="411602", kind=seal.Kind.SCALE, issued=world.day, last_day=None, binding=bytes(4)
    )

    def path(serial: int, by: Signer = signer, **other: Any) -> str:
        payload = seal.Payload(serial=SERIALS - serial, **good | other)
        return _path(seal.make_link(payload, by, "DINGPAN.TEST"))

    genuine = path(1)
    keyring = dingpan.keyring
    bad_key = Key("4116", COMPROMISED_ID, 1, COMPROMISED.public, Purpose.SEAL, date(2020, 1, 1), date(2030, 1, 1))
    key_set = replace(keyring.key_set, keys=(*keyring.key_set.keys, replace(bad_key, is_compromised=True)))
    revoked = replace(keyring.revoked, serials=frozenset({SERIALS - 2}))
    world.app.extensions["dingpan"] = replace(dingpan, keyring=replace(keyring, key_set=key_set, revoked=revoked))
    return {
        PageState.NOT_A_SEAL: "/V/ABC",
        PageState.UNKNOWN_ALGORITHM: path(3, alg=2),
        PageState.UNKNOWN_KEY: path(4, region="990102"),
        PageState.FORGED: _with_another_end(genuine),
        PageState.KEY_NOT_VALID: path(5, issued=date(2020, 1, 2)),
        PageState.REVOKED: path(2),
        PageState.EXPIRED: path(6, issued=world.day - timedelta(days=9), last_day=world.day - timedelta(days=1)),
        PageState.UNKNOWN: genuine,
        PageState.KEY_COMPROMISED: path(7, by=COMPROMISED, key_id=COMPROMISED_ID),
    }


def _with_another_end(path: str) -> str:
    """Change a letter of the signature that carries five whole bits."""
    other = "A" if path[-5] != "A" else "B"
    return path[:-5] + other + path[-4:]


def _of_stock(world: World) -> dict[PageState, str]:
    begin_write()
    label = a_label(world, SERIALS + 900, None)
    db.session.add(label)
    records.add_stock(db.session(), [label])
    transaction.commit(db.session(), now())
    return {PageState.STOCK: "/V/" + label.text}


def _labelled_scale(world: World, serial: int) -> int:
    """Add a scale of the first merchant with its label, and return its place in the world's list."""
    item = registry.Instrument(
        id=new_id(now()),
        kind="scale",
        serial=f"ACS-{serial}",
        maker="maker",
        model="ACS-15",
        use="trade",
        status="in_use",
        region="411602",
        place_id=world.place,
        **PLATE,
    )
    begin_write()
    db.session.add(item)
    db.session.flush()
    custody = registry.Custody(
        id=new_id(now()),
        instrument_id=item.id,
        kind="own",
        owner_id=world.parties[0],
        user_id=world.parties[0],
        stall_id=world.stalls[0],
        first_day=world.day - timedelta(days=800),
    )
    db.session.add_all((custody, a_label(world, serial, item)))
    public.changed(db.session(), item.id)
    transaction.commit(db.session(), now())
    world.instruments.append(item.id)
    world.custodies.append(custody.id)
    return len(world.instruments) - 1


def verified(world: World, number: int, days_ago: int, result: VerificationResult = VerificationResult.PASSED) -> None:
    """Enter a verification of some days ago."""
    begin_write()
    certificates.enter(
        db.session(),
        instrument=db.session().get_one(registry.Instrument, world.instruments[number]),
        verifier=db.session().get_one(Person, world.verifier),
        kind=VerificationKind.PERIODIC,
        result=result,
        document_no=f"N-{number}-{days_ago}",
        done_on=world.day - timedelta(days=days_ago),
        now=now(),
    )
    transaction.commit(db.session(), now())


def _in_status(status: InstrumentStatus) -> Any:
    def arrange(world: World, number: int) -> None:
        verified(world, number, 10)
        begin_write()
        item = db.session().get_one(registry.Instrument, world.instruments[number])
        registry.set_status(db.session(), item, status, world.day, now())
        public.changed(db.session(), item.id)
        transaction.commit(db.session(), now())

    return arrange


def _out_of_life(state: str) -> Any:
    def arrange(world: World, number: int) -> None:
        from server.seals.models import SealStock

        begin_write()
        item_id = world.instruments[number]
        db.session.query(SealStock).filter_by(instrument_id=item_id).one().state = state
        public.changed(db.session(), item_id)
        transaction.commit(db.session(), now())

    return arrange


def _compare(world: World, number: int) -> None:
    """Say that the label was seen where it cannot be, as the detector of copies does."""
    from server.public.models import PublicRecord

    verified(world, number, 10)
    begin_write()
    record = db.session.query(PublicRecord).filter_by(instrument_id=world.instruments[number]).one()
    record.body = json.dumps(json.loads(record.body) | {"compare": True})
    transaction.commit(db.session(), now())


def _suspected(world: World, number: int) -> None:
    verified(world, number, 10)
    phone = world.phone()
    (answer,) = phone.answers(phone.op("visit.record/1", world.visit(world.check(BEYOND, instrument=number))))
    assert answer["status"] == "applied", answer


_ARRANGE: dict[PageState, Any] = {
    PageState.IN_DATE: lambda world, number: verified(world, number, 10),
    PageState.DUE_SOON: lambda world, number: verified(world, number, 350),
    PageState.OVERDUE: lambda world, number: verified(world, number, 400),
    PageState.NEVER_VERIFIED: lambda world, number: None,
    PageState.SUSPECTED: _suspected,
    PageState.FAILED: lambda world, number: verified(world, number, 3, VerificationResult.FAILED),
    PageState.SERVICING: _in_status(InstrumentStatus.SERVICING),
    PageState.STOPPED: _in_status(InstrumentStatus.STOPPED),
    PageState.LOST: _in_status(InstrumentStatus.LOST),
    PageState.COMPARE: _compare,
    PageState.REPLACED: _out_of_life("replaced"),
    PageState.VOID: _out_of_life("void"),
}
