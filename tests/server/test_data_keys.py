"""Data keys have ids, and what an older one sealed is sealed anew while people work; then the old one is not needed."""

from __future__ import annotations

import base64
import dataclasses
import os
from argparse import Namespace
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import select

from server import privacy, transaction
from server.accounts.models import Person
from server.administration.models import Act
from server.clock import now
from server.contacts import commands, rotation
from server.contacts import service as contacts
from server.contacts.models import Contact
from server.database import begin_write, db
from server.privacy import DataKey, NoSuchKey, open_text, seal_text
from server.registry.models import Party
from server.settings import MissingSetting, Settings
from tests.server.test_settings import WHOLE
from tests.server.world import World

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))
BOTH, ALONE = DataKey({2: SECOND, 1: FIRST}), DataKey({2: SECOND})
PLACE = {"row_id": "row 1", "column": "party.sealed_code"}
NUMBERS = [f"1380000{place:04d}" for place in range(7)]


def use(app: Flask, key: bytes) -> None:
    """Let the server run on other data keys, as after a restart."""
    ours = app.extensions["dingpan"]
    app.extensions["dingpan"] = dataclasses.replace(ours, settings=dataclasses.replace(ours.settings, data_key=key))


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


# --- cells ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [FIRST, BOTH, ALONE])
def test_opening_undoes_sealing(key: bytes) -> None:
    assert open_text(key, seal_text(key, "身份证 4116", **PLACE), **PLACE) == "身份证 4116"


def test_a_cell_names_its_key_and_opens_under_it_when_another_is_current() -> None:
    sealed = seal_text(FIRST, "x", **PLACE)
    assert (privacy.key_id_of(sealed), privacy.key_id_of(seal_text(BOTH, "x", **PLACE))) == (1, 2)
    assert open_text(BOTH, sealed, **PLACE) == "x"
    with pytest.raises(NoSuchKey, match="key 1"):
        open_text(ALONE, sealed, **PLACE)


def test_a_cell_of_before_there_were_ids_still_opens() -> None:
    nonce = os.urandom(12)
    old = b"\x01" + nonce + AESGCM(FIRST).encrypt(nonce, b"x", b"row 1")
    assert open_text(FIRST, old, **PLACE) == open_text(BOTH, old, row_id="row 1") == "x"
    assert not privacy.is_current(FIRST, old)


@pytest.mark.parametrize("elsewhere", [{"row_id": "row 2"}, {"column": "contact.sealed"}, {"column": ""}])
def test_a_cell_opens_in_its_own_row_and_column_alone(elsewhere: dict[str, str]) -> None:
    with pytest.raises(InvalidTag):
        open_text(FIRST, seal_text(FIRST, "x", **PLACE), **PLACE | elsewhere)


def test_no_changed_byte_opens() -> None:
    sealed = seal_text(FIRST, "x", **PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x40
        with pytest.raises((InvalidTag, NoSuchKey)):
            open_text(FIRST, bytes(changed), **PLACE)


def test_a_key_is_never_shown() -> None:
    assert repr(BOTH) == "DataKey(2, 1)"
    settings = Settings.from_env(WHOLE)
    assert repr(settings.data_key) not in repr(settings)
    assert settings.secret not in repr(settings)


# --- settings -------------------------------------------------------------------------------------------------------


def environ(**said: str) -> dict[str, str]:
    return {name: value for name, value in WHOLE.items() if name != "DINGPAN_DATA_KEY"} | said


def test_several_keys_are_read_with_their_ids_the_current_one_first() -> None:
    key = Settings.from_env(environ(DINGPAN_DATA_KEYS=f"2:{encoded(SECOND)}, 1:{encoded(FIRST)}")).data_key
    assert isinstance(key, DataKey)
    assert (key, key.id, key.by_id) == (SECOND, 2, {2: SECOND, 1: FIRST})


def test_the_one_key_is_key_1() -> None:
    key = Settings.from_env(environ(DINGPAN_DATA_KEY=encoded(FIRST))).data_key
    assert isinstance(key, DataKey)
    assert (key, key.id) == (FIRST, 1)


@pytest.mark.parametrize(
    "said",
    [
        "",
        encoded(FIRST),
        f"0:{encoded(FIRST)}",
        f"65536:{encoded(FIRST)}",
        f"-1:{encoded(FIRST)}",
        f"²:{encoded(FIRST)}",
        f"1:{encoded(FIRST)},1:{encoded(SECOND)}",
        f"1:{encoded(FIRST)},",
        f"2:{encoded(SECOND)[:-8]},1:{encoded(FIRST)}",
        "1:swordfish",
    ],
)
def test_wrong_keys_stop_the_start_with_a_sentence_that_repeats_none(said: str) -> None:
    with pytest.raises(MissingSetting, match="DINGPAN_DATA_KEY") as told:
        Settings.from_env(environ(DINGPAN_DATA_KEYS=said))
    assert not any(secret in str(told.value) for secret in ("swordfish", encoded(FIRST), encoded(SECOND)))


def test_both_variables_at_once_are_refused() -> None:
    with pytest.raises(MissingSetting, match="both set"):
        Settings.from_env(environ(DINGPAN_DATA_KEY=encoded(FIRST), DINGPAN_DATA_KEYS=f"1:{encoded(FIRST)}"))


# --- rotation -------------------------------------------------------------------------------------------------------


def fill(world: World) -> None:
    """Seal something in every column under key 1; one party's in the form of before there were ids."""
    begin_write()
    nonce = os.urandom(12)
    for place, party in enumerate(db.session.scalars(select(Party).order_by(Party.id))):
        old = b"\x01" + nonce + AESGCM(FIRST).encrypt(nonce, b"411600", party.id.encode())
        party.sealed_code = old if place == 0 else seal_text(FIRST, "411600", row_id=party.id, column=PLACE["column"])
    person = db.session().get_one(Person, world.inspector)
    person.totp_sealed = seal_text(FIRST, "totp", row_id=person.id)
    for place, number in enumerate(NUMBERS):
        owner = ("person", world.inspector) if place == 0 else ("party", f"019aa111-0000-7000-8000-00000000000{place}")
        contacts.keep_number(db.session(), owner=owner, number=number, now=now())
    transaction.commit(db.session(), now())


def readable(key: bytes) -> dict[str, int]:
    """Open every sealed cell with some keys, and count them."""
    counts = dict.fromkeys((cell.shown for cell in rotation.CELLS), 0)
    db.session.expire_all()
    for cell in rotation.CELLS:
        table = rotation._table(cell)
        for id_, sealed in db.session.execute(select(table.c.id, table.c[cell.name])):
            if sealed is not None:
                open_text(key, bytes(sealed), row_id=id_, column=cell.bound_to)
                counts[cell.shown] += 1
    return counts


def test_after_a_rotation_the_old_key_is_not_needed(world: World, capsys: Any) -> None:
    fill(world)
    use(world.app, ALONE)
    with pytest.raises(NoSuchKey, match="key 1"):
        rotation.check_keys(db.session(), ALONE)
    use(world.app, BOTH)
    before = readable(BOTH)
    assert contacts.person_of_number(db.session(), NUMBERS[0]) == world.inspector
    settings = world.app.extensions["dingpan"].settings
    assert commands.rotate(db.session(), settings, Namespace(index=False)) == 0
    said = capsys.readouterr().out
    assert "contact.sealed: 7 sealed anew, 0 left" in said
    assert "take it out" in said
    use(world.app, ALONE)
    rotation.check_keys(db.session(), ALONE)
    assert readable(ALONE) == before
    assert contacts.person_of_number(db.session(), NUMBERS[0]) == world.inspector
    act = db.session.scalars(select(Act)).one()
    assert (act.kind, act.about_id, '"contact.sealed":7' in act.details) == ("key_rotated", "2", True)


def test_a_second_rotation_has_nothing_to_do_and_is_no_act(sqlite_world: World, capsys: Any) -> None:
    fill(sqlite_world)
    use(sqlite_world.app, BOTH)
    settings = sqlite_world.app.extensions["dingpan"].settings
    commands.rotate(db.session(), settings, Namespace(index=False))
    capsys.readouterr()
    commands.rotate(db.session(), settings, Namespace(index=False))
    assert "contact.sealed: 0 sealed anew, 0 left" in capsys.readouterr().out
    assert len(list(db.session.scalars(select(Act)))) == 1


def test_a_rotation_that_is_cut_off_goes_on_where_it_stood(sqlite_world: World) -> None:
    fill(sqlite_world)
    use(sqlite_world.app, BOTH)
    cut = rotation.rotate(db.session(), BOTH, batch=2)
    for _ in range(3):
        next(cut)
    cut.close()
    db.session.rollback()
    left = rotation.left(db.session(), BOTH)
    assert 0 < left["contact.sealed"] < 7
    assert contacts.person_of_number(db.session(), NUMBERS[0]) == sqlite_world.inspector
    done = [batch.done for batch in rotation.rotate(db.session(), BOTH, batch=2)]
    assert sum(done) == sum(left.values())
    assert sum(readable(ALONE).values()) == sum(readable(BOTH).values())


def test_numbers_that_are_kept_meanwhile_are_not_lost(world: World) -> None:
    """Between the batches others write: a server that was started anew, and one that still runs on the old key."""
    fill(world)
    for place, _ in enumerate(rotation.rotate(db.session(), BOTH, batch=2)):
        use(world.app, FIRST if place == 0 else BOTH)
        with world.app.app_context():
            begin_write()
            owner = ("party", f"019aa111-0000-7000-8000-0000000001{place:02d}")
            contacts.keep_number(db.session(), owner=owner, number=f"1390000{place:04d}", now=now())
            contacts.keep_number(db.session(), owner=("person", world.inspector), number="13712345678", now=now())
            transaction.commit(db.session(), now())
    list(rotation.rotate(db.session(), BOTH))
    use(world.app, ALONE)
    assert readable(ALONE)["contact.sealed"] > len(NUMBERS)
    assert contacts.person_of_number(db.session(), "13712345678") == world.inspector


def test_a_cell_that_no_key_opens_is_told_and_left(sqlite_world: World, capsys: Any) -> None:
    fill(sqlite_world)
    bad = db.session.scalars(select(Contact)).first()
    assert bad is not None
    bad.sealed = bad.sealed[:-1] + bytes([bad.sealed[-1] ^ 1])
    db.session.commit()
    use(sqlite_world.app, BOTH)
    settings = sqlite_world.app.extensions["dingpan"].settings
    assert commands.rotate(db.session(), settings, Namespace(index=False)) == 1
    said = capsys.readouterr().out
    assert f"No key opens contact.sealed of {bad.id}" in said
    assert "take it out" not in said


def test_the_index_can_be_made_anew(sqlite_world: World) -> None:
    fill(sqlite_world)
    for row in db.session.scalars(select(Contact)):
        row.blind_index = "0" * 64
    db.session.commit()
    list(rotation.rotate(db.session(), FIRST, with_index=True))
    assert contacts.person_of_number(db.session(), NUMBERS[0]) == sqlite_world.inspector
