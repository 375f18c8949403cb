"""Refresh tokens: each good once and for a minute of grace, signed by the phone's key, ended as a family."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from server.administration.models import Act
from server.audit.models import Leaf
from server.database import db
from server.devices.models import AccessToken, Device, DevicePerson, RefreshToken, TokenFamily
from server.devices.tokens import FAMILY_LASTS, GRACE, TOKEN_LASTS
from shared import signing
from tests.server.conftest import TestClock
from tests.server.test_accounts import slug_of, suspend
from tests.server.world import Phone, World, new_id, now


def given(answer: Any) -> dict[str, Any]:
    """Check an answer that brings tokens, and return it."""
    assert answer.status_code == 200, answer.text
    names = {"token", "expires_in_s", "refresh_token", "suspended", "server_time"}
    names |= {"person", "colleagues", "recused_from"}
    assert set(answer.json) == names
    body: dict[str, Any] = answer.json
    return body


def opens(phone: Phone, token: str) -> bool:
    """Say whether an access token opens a route."""
    answer = phone.client.get("/api/v1/sync/scope", headers={"Authorization": f"Bearer {token}"})
    return bool(answer.status_code == 200)


def rows(table: Any) -> list[Any]:
    db.session.rollback()
    return list(db.session.query(table))


def a_phone(world: World) -> Phone:
    """Return a phone that signed a challenge."""
    phone = world.phone()
    phone.get_token()
    return phone


def test_a_refresh_token_brings_the_next_pair_and_tells_who_one_is(world: World) -> None:
    phone = a_phone(world)
    answer = given(phone.ask_refresh())
    assert (answer["expires_in_s"], answer["suspended"]) == (900, False)
    assert answer["person"]["id"] == world.inspector
    assert len(answer["colleagues"]) == 3
    assert answer["token"] != phone.token
    assert answer["refresh_token"] != phone.refresh_token
    assert opens(phone, phone.token), "the access token of before is good until its time is over"
    assert opens(phone, answer["token"])


def test_only_hashes_of_tokens_are_kept(world: World) -> None:
    phone = a_phone(world)
    following = given(phone.ask_refresh())["refresh_token"]
    kept = repr([vars(row) for table in (RefreshToken, AccessToken, TokenFamily) for row in rows(table)])
    assert phone.refresh_token not in kept
    assert following not in kept
    assert {row.sha256 for row in rows(RefreshToken)} == {
        signing.sha256_hex(token.encode()) for token in (phone.refresh_token, following)
    }


def test_whoever_lost_the_answer_gets_the_same_successor_for_a_minute(world: World, clock: TestClock) -> None:
    phone = a_phone(world)
    first = given(phone.ask_refresh())["refresh_token"]
    for wait_s in (0, 1, 58, 1):
        clock.move(seconds=wait_s)
        assert given(phone.ask_refresh())["refresh_token"] == first
    assert len(rows(RefreshToken)) == 2


def test_one_step_behind_inside_the_grace_is_one_step_behind(world: World) -> None:
    phone = a_phone(world)
    second = given(phone.ask_refresh())["refresh_token"]
    third = given(phone.ask_refresh(second))["refresh_token"]
    assert given(phone.ask_refresh())["refresh_token"] == second
    assert given(phone.ask_refresh(second))["refresh_token"] == third
    assert len({phone.refresh_token, second, third}) == 3


def test_a_used_token_after_the_minute_ends_the_whole_family(world: World, clock: TestClock) -> None:
    phone = a_phone(world)
    following = given(phone.ask_refresh())
    clock.move(seconds=GRACE.total_seconds() + 1)
    leaves = len(rows(Leaf))
    assert slug_of(phone.ask_refresh()) == (401, "token-expired")
    assert slug_of(phone.ask_refresh(following["refresh_token"])) == (401, "token-expired")
    assert not opens(phone, phone.token)
    assert not opens(phone, following["token"])
    (family,) = rows(TokenFamily)
    assert (family.ended_why, family.ended_at) == ("reuse", clock())
    assert rows(AccessToken) == []
    (act,) = rows(Act)
    assert (act.kind, act.by_person, act.about_kind, act.about_id) == ("token_reused", None, "device", phone.device_id)
    assert len(rows(Leaf)) == leaves + 1
    phone.get_token()
    assert given(phone.ask_refresh())


def test_a_reuse_is_told_once(world: World, clock: TestClock) -> None:
    phone = a_phone(world)
    phone.ask_refresh()
    clock.move(minutes=5)
    for _ in range(3):
        assert slug_of(phone.ask_refresh()) == (401, "token-expired")
    assert len(rows(Act)) == 1


def test_other_families_live_on(world: World, clock: TestClock) -> None:
    """Somebody who has two phones keeps the other one; and so does the phone that signed a fresh challenge."""
    copied, other = a_phone(world), a_phone(world)
    copied.ask_refresh()
    clock.move(minutes=2)
    fresh = Phone(world.client, copied.device_id, copied.person_id, copied.signer)
    fresh.get_token()
    assert slug_of(copied.ask_refresh()) == (401, "token-expired")
    for phone in (fresh, other):
        assert opens(phone, phone.token)
        assert given(phone.ask_refresh())


def test_a_refresh_without_the_phones_key_changes_nothing(world: World) -> None:
    phone, other = a_phone(world), a_phone(world)
    thief = Phone(world.client, phone.device_id, phone.person_id, signing.Signer(os.urandom(32)))
    wrong = [
        thief.ask_refresh(phone.refresh_token),
        other.ask_refresh(phone.refresh_token, device_id=phone.device_id),
        phone.ask_refresh(device_id=new_id(now())),
        phone.ask_refresh(refresh_token=phone.refresh_token + "x"),
        phone.ask_refresh(signature=_signed_as_challenge(phone)),
    ]
    assert [slug_of(answer) for answer in wrong] == [(401, "wrong-sign-in")] * len(wrong)
    assert [row.used_at for row in rows(RefreshToken)] == [None, None]
    assert [family.ended_at for family in rows(TokenFamily)] == [None, None]
    assert given(phone.ask_refresh())


def _signed_as_challenge(phone: Phone) -> str:
    message = f"{phone.device_id}\n{phone.refresh_token}\n".encode()
    return signing.encode_base64(phone.signer.sign(signing.TOKEN, message))


def test_a_token_of_another_phone_is_none_even_if_signed(world: World) -> None:
    phone, other = a_phone(world), a_phone(world)
    assert slug_of(other.ask_refresh(phone.refresh_token)) == (401, "token-expired")
    assert given(phone.ask_refresh()), "it was not spent"


def test_what_is_no_refresh_token_is_over(sqlite_world: World) -> None:
    phone = a_phone(sqlite_world)
    for text in ("x", phone.token, "ü", "秤" * 60, phone.refresh_token.lower(), phone.refresh_token + "="):
        assert slug_of(phone.ask_refresh(text)) == (401, "token-expired"), text
    for text in ("", "x" * 201):
        assert phone.ask_refresh(refresh_token=text).status_code == 422, text


def test_a_family_lasts_thirty_days(world: World, clock: TestClock) -> None:
    phone = a_phone(world)
    begun = clock()
    while clock() + timedelta(days=3) < begun + FAMILY_LASTS:
        clock.move(days=3)
        phone.refresh_token = given(phone.ask_refresh())["refresh_token"]
    clock.moment = begun + FAMILY_LASTS - timedelta(seconds=1)
    assert given(phone.ask_refresh())
    clock.move(seconds=1)
    assert slug_of(phone.ask_refresh()) == (401, "token-expired")
    assert rows(Act) == [], "nothing was reused"


def test_somebody_suspended_gets_no_token_and_goes_on_afterwards(world: World) -> None:
    phone = a_phone(world)
    suspend(world.inspector)
    assert slug_of(phone.ask_refresh()) == (401, "wrong-sign-in")
    suspend(world.inspector, suspended=False)
    assert given(phone.ask_refresh())


def test_somebody_no_longer_on_the_phone_gets_no_token(sqlite_world: World) -> None:
    phone = a_phone(sqlite_world)
    db.session.delete(db.session.get_one(DevicePerson, (phone.device_id, phone.person_id)))
    db.session.commit()
    assert slug_of(phone.ask_refresh()) == (401, "wrong-sign-in")


def test_an_access_token_over_is_gone_with_the_next(sqlite_world: World, clock: TestClock) -> None:
    phone = a_phone(sqlite_world)
    for _ in range(5):
        clock.move(seconds=TOKEN_LASTS.total_seconds())
        phone.refresh_token = given(phone.ask_refresh())["refresh_token"]
    assert len(rows(AccessToken)) == 1


def test_families_over_for_a_day_are_removed_when_the_phone_begins_the_next(world: World, clock: TestClock) -> None:
    phone, other = a_phone(world), a_phone(world)
    given(phone.ask_refresh())
    clock.move(minutes=2)
    phone.ask_refresh()
    clock.move(days=1)
    phone.get_token()
    assert len(rows(TokenFamily)) == 3, "over for a day, and not for more"
    clock.move(seconds=1)
    phone.get_token()
    families = {family.id for family in rows(TokenFamily)}
    assert len(families) == 3, "the reused one is gone, two and the other phone's stay"
    assert {row.family_id for row in rows(RefreshToken)} == families
    clock.move(days=31, seconds=1)
    phone.get_token()
    assert {family.device_id for family in rows(TokenFamily)} == {phone.device_id, other.device_id}
    assert len(rows(TokenFamily)) == 2


def test_when_a_phone_was_seen_is_known_to_ten_minutes(sqlite_world: World, clock: TestClock) -> None:
    phone = a_phone(sqlite_world)
    seen = clock()
    for wait_min, is_later in ((9, False), (1, True), (9, False)):
        clock.move(minutes=wait_min)
        phone.refresh_token = given(phone.ask_refresh())["refresh_token"]
        seen = clock() if is_later else seen
        assert [device.seen_at for device in rows(Device)] == [seen]
