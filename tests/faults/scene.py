"""A small log with all that can stand in one, the database as it was after each push, and the heads phones saw."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, func
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from server import transaction
from server.accounts.service import Person
from server.audit.heads import read_heads
from server.database import begin_write, db
from server.evidence.folder import FolderStore
from server.keyring import Keyring
from server.physical_seals import service as physical_seals
from server.physical_seals.service import Told
from server.pledges import service as pledges
from server.registry.models import Instrument, Party
from server.seals import service as seals
from shared.physical_seals import SealFact
from shared.tree import TreeHead
from shared.words import PlaceKind, SealAct, SealOwner, SealPosition, SealState, VerificationResult
from tests.server.conftest import TestClock
from tests.server.world import BEYOND, GOOD, Phone, World, make_world, new_id, now, scope_of_branch

PUSHES = 7
PICTURES = 4


@dataclass
class Spare:
    """A database to spoil, filled anew for each trial: the connection of somebody with full rights over the file."""

    connection: sqlite3.Connection
    engine: Engine

    @classmethod
    def make(cls) -> Spare:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        return cls(connection, create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool))

    @contextmanager
    def like(self, state: sqlite3.Connection) -> Iterator[tuple[sqlite3.Connection, Session]]:
        """Make it a copy of a state; yields the connection to spoil it by, and a session to read it."""
        state.backup(self.connection)
        with Session(self.engine) as session:
            yield self.connection, session

    def close(self) -> None:
        self.engine.dispose()
        self.connection.close()


@dataclass
class Scene:
    """The database's file after each push with the head that phones got, the last one being how it stands."""

    keyring: Keyring
    evidence: Path
    states: list[sqlite3.Connection] = field(default_factory=list)
    heads: list[TreeHead] = field(default_factory=list)
    spare: Spare = field(default_factory=Spare.make)

    @property
    def store(self) -> FolderStore:
        return FolderStore(self.evidence)

    @property
    def size(self) -> int:
        return self.heads[-1].size

    def heads_over(self, index: int, dice: random.Random) -> list[TreeHead]:
        """The heads of one phone that saw a leaf before it was touched: the last alone, or all it kept until then."""
        last = dice.choice([place for place, head in enumerate(self.heads) if head.size > index])
        return self.heads[: last + 1] if dice.random() < 0.5 else [self.heads[last]]


def make_scene(app: Flask, clock: TestClock, keyring: Keyring, folder: Path) -> Scene:
    """Fill a log by pushes of three phones, verifications, a pledge, labels ordered and moved, and a seal put on."""
    world = make_world(app)
    scene = Scene(keyring, folder / "evidence")
    phones = [world.phone(), world.phone(world.colleague), world.phone()]
    pictures = [_picture(scene.evidence, number) for number in range(PICTURES)]
    for number in range(PUSHES):
        clock.move(minutes=7)
        pushed = phones[number % 3]
        ops = [pushed.op("visit.record/1", world.visit(world.check(BEYOND if number % 2 else GOOD)))]
        ops.append(pushed.op("correction/1", {"corrects": ops[0].op_id, "note": "a slip"}, depends_on=(ops[0].op_id,)))
        if number < PICTURES:
            ops.append(pushed.op("instrument.register/1", _scale(world, number, pictures[number])))
        if number == 2:
            ops.append(pushed.op("visit.record/1", "not 1 visit"))
        if number == 4:
            ops.append(_another_under_the_same_id(pushed, ops[0].op_id))
        _decide(world, number)
        clock.move(minutes=1)
        pushed.get_token()
        answer = pushed.push(*ops)
        assert answer.status_code == 200
        scene.heads += read_heads(answer.text, keyring.key_set)
        scene.states.append(_kept(app))
    return scene


def _picture(folder: Path, number: int) -> str:
    content = f"a picture {number}".encode() * 40
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / sha256[:2]).mkdir(parents=True, exist_ok=True)
    (folder / sha256[:2] / sha256).write_bytes(content)
    return sha256


def _scale(world: World, number: int, picture: str) -> dict[str, Any]:
    fields = {"id": new_id(now()), "kind": "scale", "serial": f"NEW-{number}", "place": world.place}
    return fields | {"note": f"photo {picture}"}


def _another_under_the_same_id(phone: Phone, op_id: str) -> Any:
    op = phone.op("correction/1", {"corrects": op_id, "note": "another"})
    other = op.__class__(**op.__dict__ | {"op_id": op_id}).signed(phone.signer)
    phone.prev = other.next_prev
    return other


def _decide(world: World, number: int) -> None:
    if number in (0, 2):
        _move_labels(world, number)
    elif number == 6:
        _put_on_a_seal(world)
    elif number % 2:
        result = VerificationResult.PASSED if number == 3 else VerificationResult.FAILED
        world.verify(result, f"N-{number}", instrument=number % 4 // 2)
    elif number == 4:
        session = db.session()
        begin_write()
        party = session.get_one(Party, world.parties[0])
        person = session.get_one(Person, world.supervisor)
        chosen = pledges.wording_for(PlaceKind.MARKET)
        pledges.sign(
            session, party=party, person=person, chosen=chosen, signer_name="王", strokes=[[1, 2, 3, 4]], now=now()
        )
        transaction.commit(session, now())


def _move_labels(world: World, number: int) -> None:
    """Order three labels at the desk; later, mark them as printed."""
    session, keyring = db.session(), world.app.extensions["dingpan"].keyring
    about = {"region": "411602", "count": 3, "host": "DINGPAN.TEST", "day": world.day}
    order = seals.draft(session, keyring, **about) if number == 0 else None
    begin_write()
    if order is not None:
        seals.place(session, order, by=world.supervisor, now=now())
    else:
        last = session.query(func.max(seals.SealStock.serial)).scalar()
        printed = seals.Move(first=last - 2, last=last, to=SealState.PRINTED, by=world.supervisor, note="roll 7")
        seals.move(session, printed, scope=scope_of_branch(), now=now())
    transaction.commit(session, now())


def _put_on_a_seal(world: World) -> None:
    session = db.session()
    begin_write()
    where = {"position": SealPosition.HOUSING, "owner": SealOwner.VERIFICATION, "act": SealAct.APPLIED}
    told = Told(
        id=new_id(now()),
        fact=SealFact(**where, at=now(), new_number="QF-001"),
        by=world.verifier,
        witnesses=("李四",),
    )
    physical_seals.record(session, session.get_one(Instrument, world.instruments[0]), told, now=now())
    transaction.commit(session, now())


def _kept(app: Flask) -> sqlite3.Connection:
    """Copy the database as it stands."""
    db.session.remove()
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with sqlite3.connect(db.engine.url.database or "") as source:
        source.backup(kept)
    source.close()
    return kept
