"""Who reported something is sealed to a case group: its passphrase opens, and nothing else that the server has."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Flask, current_app
from sqlalchemy import select

from server import cli, commands, transaction
from server.accounts.models import Person
from server.administration.models import Act
from server.clock import now
from server.contacts import groups, sealing
from server.contacts.models import CaseGroup, SealedContact
from server.contacts.problems import PassphraseLocked, WeakPassphrase, WrongPassphrase
from server.database import begin_write, db
from server.problems import NotFound
from tests.server.attacking import opened_by_a_thief
from tests.server.conftest import TestClock
from tests.server.world import World

PASSPHRASE = "秤砣虽小 压千斤 five words"
CHEAP = sealing.Costs(passes=1, memory_kib=8, lanes=1)
REPORTER = {"name": "李举报", "phone": "13800138000"}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guessing is slow on purpose; here nobody guesses."""
    monkeypatch.setattr(sealing, "Costs", lambda: CHEAP)


def unit_of(world: World) -> str:
    return str(db.session().get_one(Person, world.inspector).unit_id)


def a_group(world: World) -> CaseGroup:
    for person in db.session.scalars(select(Person)):
        person.approved_at = now()
    db.session.commit()
    return groups.create(db.session(), name="一组", unit_id=unit_of(world), passphrase=PASSPHRASE, now=now())


def keep(world: World, group: CaseGroup, fields: dict[str, str] = REPORTER) -> str:
    begin_write()
    sealed_id = groups.seal(db.session(), group, ("party", world.parties[0]), fields, now())
    transaction.commit(db.session(), now())
    return sealed_id


def read(world: World, sealed_id: str, passphrase: str = PASSPHRASE, by: str = "") -> dict[str, str]:
    return groups.open_contact(db.session(), sealed_id, passphrase, by=by or world.supervisor, why="案 12", now=now())


def test_the_group_reads_with_its_passphrase_and_the_reading_is_an_act(world: World) -> None:
    sealed_id = keep(world, a_group(world))
    assert read(world, sealed_id) == REPORTER
    act = db.session.scalars(select(Act).where(Act.kind == "data_read")).one()
    assert (act.by_person, act.about_kind, act.about_id) == (world.supervisor, "party", world.parties[0])
    assert json.loads(act.details) == {"what": "sealed_contact", "id": sealed_id, "why": "案 12"}
    assert not any(value in act.details for value in REPORTER.values())


def test_the_same_words_open_however_they_were_typed(sqlite_world: World) -> None:
    sealed_id = keep(sqlite_world, a_group(sqlite_world))
    assert read(sqlite_world, sealed_id, f" {PASSPHRASE.replace('five', 'ｆｉｖｅ')} ") == REPORTER


def test_a_wrong_passphrase_opens_nothing_and_five_lock_even_the_right_one(world: World, clock: TestClock) -> None:
    sealed_id = keep(world, a_group(world))
    for _ in range(5):
        with pytest.raises(WrongPassphrase):
            read(world, sealed_id, "wrong wrong wrong")
    with pytest.raises(PassphraseLocked):
        read(world, sealed_id)
    clock.move(seconds=899)
    with pytest.raises(PassphraseLocked):
        read(world, sealed_id)
    clock.move(seconds=1)
    assert read(world, sealed_id) == REPORTER


def test_wrong_ones_long_apart_lock_nothing(sqlite_world: World, clock: TestClock) -> None:
    sealed_id = keep(sqlite_world, a_group(sqlite_world))
    for _ in range(7):
        with pytest.raises(WrongPassphrase):
            read(sqlite_world, sealed_id, "wrong wrong wrong")
        clock.move(minutes=6)
    assert read(sqlite_world, sealed_id) == REPORTER


def test_a_stranger_of_another_unit_finds_nothing_even_with_the_passphrase(sqlite_world: World) -> None:
    sealed_id = keep(sqlite_world, a_group(sqlite_world))
    with pytest.raises(NotFound):
        read(sqlite_world, sealed_id, by=sqlite_world.stranger)
    suspended = db.session().get_one(Person, sqlite_world.supervisor)
    suspended.is_suspended = True
    db.session.commit()
    with pytest.raises(NotFound):
        read(sqlite_world, sealed_id)


def test_another_group_s_passphrase_does_not_open(sqlite_world: World) -> None:
    sealed_id = keep(sqlite_world, a_group(sqlite_world))
    other = "another passphrase altogether"
    groups.create(db.session(), name="二组", unit_id=unit_of(sqlite_world), passphrase=other, now=now())
    with pytest.raises(WrongPassphrase):
        read(sqlite_world, sealed_id, other)


def test_what_is_past_its_day_is_not_read(sqlite_world: World, clock: TestClock) -> None:
    sealed_id = keep(sqlite_world, a_group(sqlite_world))
    clock.move(days=365)
    with pytest.raises(NotFound):
        read(sqlite_world, sealed_id)


def test_an_ended_group_gets_nothing_more_and_still_reads_what_it_has(sqlite_world: World) -> None:
    group = a_group(sqlite_world)
    sealed_id = keep(sqlite_world, group)
    groups.end(db.session(), group.id, now=now())
    with pytest.raises(NotFound):
        keep(sqlite_world, group)
    assert read(sqlite_world, sealed_id) == REPORTER


def test_a_short_passphrase_is_refused(sqlite_world: World) -> None:
    with pytest.raises(WeakPassphrase):
        groups.create(db.session(), name="x", unit_id=unit_of(sqlite_world), passphrase="short", now=now())
    assert list(db.session.scalars(select(CaseGroup))) == []


# --- what the bytes tell ----------------------------------------------------------------------------------------------


def test_the_length_tells_nothing_of_a_name_or_an_address() -> None:
    public, _ = sealing.new_pair("g", PASSPHRASE, CHEAP)
    lengths = {len(sealing.seal(public, b"x" * size, b"")) for size in range(252)}
    assert len(lengths) == 1
    assert len(sealing.seal(public, b"x" * 253, b"")) - lengths.pop() == 256
    with pytest.raises(sealing.TooLong):
        sealing.seal(public, b"x" * ((8 << 10) + 1), b"")


def test_a_contact_opens_in_its_own_place_unchanged_alone() -> None:
    public, wrapped = sealing.new_pair("g", PASSPHRASE, CHEAP)
    private = sealing.unwrap("g", wrapped, PASSPHRASE)
    sealed = sealing.seal(public, b"x", b"here")
    assert sealing.open_sealed(private, sealed, b"here") == b"x"
    assert sealing.seal(public, b"x", b"here") != sealed
    with pytest.raises(sealing.NotOpened):
        sealing.open_sealed(private, sealed, b"there")
    for place in range(1, len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(sealing.NotOpened):
            sealing.open_sealed(private, bytes(changed), b"here")
    with pytest.raises(sealing.NotOpened):
        sealing.unwrap("another group", wrapped, PASSPHRASE)


def test_the_costs_of_guessing_stand_in_the_wrapped_half() -> None:
    _, wrapped = sealing.new_pair("g", PASSPHRASE, CHEAP)
    assert wrapped[1:13] == (1).to_bytes(4, "big") + (8).to_bytes(4, "big") + (1).to_bytes(4, "big")


# --- what a thief of the server has -----------------------------------------------------------------------------------


def test_the_database_the_settings_and_the_keys_open_nothing(sqlite_world: World) -> None:
    group = a_group(sqlite_world)
    sealed_id = keep(sqlite_world, group)
    read(sqlite_world, sealed_id)
    assert opened_by_a_thief(sqlite_world.app) == []


def plain_half(group: CaseGroup) -> None:
    group.wrapped += sealing.unwrap(group.id, group.wrapped, PASSPHRASE)


def half_in_a_name(group: CaseGroup) -> None:
    group.name = base64.b64encode(sealing.unwrap(group.id, group.wrapped, PASSPHRASE)).decode()


def half_of_the_secret(group: CaseGroup) -> None:
    private = hashlib.sha256(current_app.extensions["dingpan"].settings.secret.encode()).digest()
    pair = X25519PrivateKey.from_private_bytes(private)
    group.public = pair.public_key().public_bytes_raw()


def number_beside(group: CaseGroup) -> None:
    group.name = f"to {REPORTER['phone']}"


@pytest.mark.parametrize("weakness", [plain_half, half_in_a_name, half_of_the_secret, number_beside])
def test_the_thief_finds_a_planted_weakness(sqlite_world: World, weakness: Any) -> None:
    group = a_group(sqlite_world)
    weakness(group)
    db.session.commit()
    keep(sqlite_world, group)
    assert opened_by_a_thief(sqlite_world.app) != []


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def dingpan(sqlite_world: World, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Run a command with some lines on stdin; return its exit code, what it said and what it complained of."""

    @contextmanager
    def same_app(_: object) -> Iterator[Flask]:
        yield sqlite_world.app

    monkeypatch.setattr(commands, "_app", same_app)
    monkeypatch.setattr(commands, "_settings", lambda _: None)

    def _run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = cli.main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return _run


def name_of(world: World) -> str:
    return str(db.session().get_one(Person, world.supervisor).sign_in_name)


def test_a_group_is_made_used_and_ended_on_the_command_line(sqlite_world: World, dingpan: Any) -> None:
    make = ("case-group", "create", "--name", "一组", "--unit", unit_of(sqlite_world))
    assert dingpan(*make, stdin=f"{PASSPHRASE}\nanother one\n")[0] == 2
    a_group(sqlite_world)
    code, said, _ = dingpan(*make, stdin=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    group_id = said.split()[0]
    assert (code, "一组" in said) == (0, True)
    about = f"party:{sqlite_world.parties[0]}"
    seal = ("case-group", "seal", "--group", group_id, "--about", about)
    code, said, _ = dingpan(*seal, stdin=json.dumps(REPORTER))
    reading = ("case-group", "open", said.strip(), "--by", name_of(sqlite_world), "--why", "case 12")
    code, said, _ = dingpan(*reading, stdin=f"{PASSPHRASE}\n")
    assert (code, json.loads(said)) == (0, REPORTER)
    code, said, complaint = dingpan(*reading, stdin="wrong wrong wrong\n")
    assert (code, said) == (2, "")
    assert complaint.startswith("dingpan: This is not the case group's passphrase.")
    assert dingpan("case-group", "end", group_id)[0] == 0
    assert "ended" in dingpan("case-group", "list")[1]
    assert dingpan(*seal, stdin=json.dumps(REPORTER))[0] == 2


@pytest.mark.parametrize("stdin", ["", "[]", '{"name": 1}', "name"])
def test_what_is_no_contact_is_refused_with_a_sentence(sqlite_world: World, dingpan: Any, stdin: str) -> None:
    group = a_group(sqlite_world)
    about = f"party:{sqlite_world.parties[0]}"
    code, _, complaint = dingpan("case-group", "seal", "--group", group.id, "--about", about, stdin=stdin)
    assert (code, "Stdin is no JSON object" in complaint) == (2, True)


def test_nobody_reads_under_an_unknown_name(sqlite_world: World, dingpan: Any) -> None:
    sealed_id = keep(sqlite_world, a_group(sqlite_world))
    code, said, _ = dingpan("case-group", "open", sealed_id, "--by", "nobody", "--why", "x", stdin=f"{PASSPHRASE}\n")
    assert (code, said) == (2, "")
    assert list(db.session.scalars(select(SealedContact)))


def test_the_real_costs_are_those_of_the_standard(monkeypatch: pytest.MonkeyPatch, sqlite_app: Flask) -> None:
    del sqlite_app
    monkeypatch.undo()
    _, wrapped = sealing.new_pair("g", PASSPHRASE)
    assert wrapped[1:13] == (3).to_bytes(4, "big") + (65536).to_bytes(4, "big") + (4).to_bytes(4, "big")
    assert len(sealing.unwrap("g", wrapped, PASSPHRASE)) == 32
