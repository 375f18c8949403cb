"""Who is asking: enrolling a phone once, proving its key, short tokens, people who were suspended, invitations."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from server import transaction
from server.accounts import passwords
from server.accounts import service as accounts
from server.accounts.models import Person, Recusal, SignIn, UnitRegion
from server.accounts.scope import Scope
from server.database import begin_write, db
from server.devices import service as devices
from server.devices.models import AccessToken, Device, DevicePerson, EnrolmentCode
from server.keyring import Keyring
from server.memberships import service as memberships
from server.memberships.models import Invitation
from server.problems import CodeUsed, WrongSignIn
from server.registry.models import Place
from shared import signing
from shared.keys import open_key_set, open_revocations
from shared.ops import Status
from tests.server.conftest import TestClock
from tests.server.live import at_once, in_context, patient_app
from tests.server.protocol import send, statuses
from tests.server.world import GOOD, PASSWORD, Phone, World, make_world, new_id, now


@pytest.fixture
def patient(database_url: str, tmp_path: Path, keys: Keyring, clock: TestClock) -> Iterator[Flask]:
    with patient_app(database_url, tmp_path, keys, clock) as app:
        yield app


def person_of_cookie(session: Session, cookie: str, now: datetime) -> Person | None:
    """Return whose a cookie is; None when it opens nothing."""
    found = accounts.sign_in_of_cookie(session, cookie, now)
    return found.person if found else None


def sign_in(*, name: str, password: str) -> str:
    """Return the cookie of somebody who signs in; raises WrongSignIn."""
    person = accounts.authenticate(db.session(), name=name, password=password)
    return accounts.open_sign_in(db.session(), person, now=now(), lasts=accounts.SIGN_IN_LASTS)


def a_code(person: str) -> str:
    """Return a fresh enrolment code, committed."""
    session = db.session()
    begin_write()
    code = devices.issue_enrolment_code(session, session.get_one(Person, person), now())
    transaction.commit(session, now())
    return code


def enrolment(code: str, signer: signing.Signer, device_id: str, **fields: Any) -> dict[str, Any]:
    """Return the body with which a phone enrols."""
    proof = signer.sign(signing.ENROL, f"{code}\n{device_id}\n".encode())
    body = {"code": code, "device_id": device_id, "public": signing.encode_base64(signer.public), "name": "phone"}
    return body | {"signature": signing.encode_base64(proof)} | fields


def enrol(world: World, body: dict[str, Any]) -> Any:
    return world.client.post("/api/v1/devices", json=body)


def slug_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("/problems/")


# --- enrolling ------------------------------------------------------------------------------------------------------


def test_a_phone_enrols_pins_the_root_and_records_from_then_on(world: World) -> None:
    signer, device_id = signing.Signer(os.urandom(32)), new_id(now())
    answer = enrol(world, enrolment(a_code(world.inspector), signer, device_id))
    assert answer.status_code == 201, answer.text
    keys = open_key_set(answer.json["keys"], signing.decode_base64(answer.json["root"]))
    assert open_revocations(answer.json["revoked"], keys).seq == 1
    assert answer.json["person"]["id"] == world.inspector
    phone = Phone(world.client, device_id, world.inspector, signer)
    assert statuses(world.app, phone, phone.op("visit.record/1", world.visit(world.check(GOOD)))) == [Status.APPLIED]


def test_the_enrolment_text_names_the_hash_of_the_root() -> None:
    text = json.loads(devices.enrolment_text("https://x", b"root", "code"))
    assert text == {"url": "https://x", "root_sha256": signing.sha256_hex(b"root"), "code": "code"}


def test_a_code_enrols_one_phone_once(world: World) -> None:
    code = a_code(world.inspector)
    signer, device_id = signing.Signer(os.urandom(32)), new_id(now())
    assert enrol(world, enrolment(code, signer, device_id)).status_code == 201
    assert slug_of(enrol(world, enrolment(code, signer, device_id))) == (410, "code-used")
    other = enrolment(code, signing.Signer(os.urandom(32)), new_id(now()))
    assert slug_of(enrol(world, other)) == (410, "code-used")
    assert db.session.query(Device).count() == 1


def test_a_code_is_good_for_half_an_hour(sqlite_world: World, clock: TestClock) -> None:
    for age_minutes, status in ((29.9, 201), (30, 410), (31, 410)):
        code = a_code(sqlite_world.inspector)
        clock.move(minutes=age_minutes)
        body = enrolment(code, signing.Signer(os.urandom(32)), new_id(now()))
        assert enrol(sqlite_world, body).status_code == status, age_minutes


def test_a_wrong_code_is_answered_like_a_used_one(sqlite_world: World) -> None:
    used = a_code(sqlite_world.inspector)
    signer = signing.Signer(os.urandom(32))
    enrol(sqlite_world, enrolment(used, signer, new_id(now())))
    answers = [enrol(sqlite_world, enrolment(code, signer, new_id(now()))) for code in (used, "x", "秤" * 100)]
    bodies = [{name: answer.json[name] for name in ("type", "title", "status", "detail")} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_a_wrong_proof_enrols_nothing_and_leaves_the_code(sqlite_world: World) -> None:
    code, signer, device_id = a_code(sqlite_world.inspector), signing.Signer(os.urandom(32)), new_id(now())
    other = signing.Signer(os.urandom(32))
    good = enrolment(code, signer, device_id)
    wrong = [
        good | {"signature": enrolment(code, other, device_id)["signature"]},
        good | {"signature": enrolment("x", signer, device_id)["signature"]},
        good | {"device_id": new_id(now())},
        good | {"public": signing.encode_base64(other.public)},
        good | {"public": signing.encode_base64(bytes(32))},
        good | {"public": signing.encode_base64(b"\xff" * 32)},
    ]
    for body in wrong:
        assert slug_of(enrol(sqlite_world, body)) == (401, "wrong-sign-in")
    assert db.session.query(Device).count() == 0
    assert enrol(sqlite_world, good).status_code == 201


def test_a_known_phone_takes_another_person_and_never_another_key(sqlite_world: World) -> None:
    world = sqlite_world
    signer, device_id = signing.Signer(os.urandom(32)), new_id(now())
    assert enrol(world, enrolment(a_code(world.inspector), signer, device_id)).status_code == 201
    code = a_code(world.colleague)
    stolen = enrolment(code, signing.Signer(os.urandom(32)), device_id)
    assert slug_of(enrol(world, stolen)) == (401, "wrong-sign-in")
    assert enrol(world, enrolment(code, signer, device_id)).status_code == 201
    assert db.session.query(DevicePerson).where(DevicePerson.device_id == device_id).count() == 2
    assert db.session.get_one(Device, device_id).public == signer.public
    again = enrolment(a_code(world.colleague), signer, device_id)
    assert enrol(world, again).status_code == 201, "enrolling again is no mistake"


def test_somebody_suspended_enrols_nothing(sqlite_world: World) -> None:
    code = a_code(sqlite_world.inspector)
    suspend(sqlite_world.inspector)
    body = enrolment(code, signing.Signer(os.urandom(32)), new_id(now()))
    assert enrol(sqlite_world, body).status_code in (401, 410)
    assert db.session.query(Device).count() == 0


def test_a_code_used_by_five_at_once_enrols_one(patient: Flask) -> None:
    world = make_world(patient)
    code = a_code(world.inspector)
    db.session.remove()

    def _enrol(_: int) -> int:
        body = enrolment(code, signing.Signer(os.urandom(32)), new_id_of())
        status: int = patient.test_client().post("/api/v1/devices", json=body).status_code
        return status

    def new_id_of() -> str:
        return in_context(patient, lambda: new_id(now()))

    assert sorted(at_once(5, _enrol)) == [201, 410, 410, 410, 410]
    assert db.session.query(Device).count() == 1


def test_only_hashes_of_secrets_are_kept(sqlite_world: World) -> None:
    world = sqlite_world
    code, phone = a_code(world.inspector), world.phone()
    token = phone.get_token()
    invitation = memberships.issue_invitation(db.session(), world.parties[0], now())
    cookie = sign_in(name="inspector", password=PASSWORD)
    db.session.commit()
    kept = " ".join(
        str(value)
        for table in (EnrolmentCode, AccessToken, Invitation, SignIn, Person)
        for row in db.session.query(table)
        for value in vars(row).values()
    )
    assert [secret for secret in (code, token, invitation, cookie, PASSWORD) if secret in kept] == []


def suspend(person: str, *, suspended: bool = True) -> None:
    db.session.get_one(Person, person).is_suspended = suspended
    db.session.commit()


# --- tokens ---------------------------------------------------------------------------------------------------------


def token_request(phone: Phone, challenge: str, **fields: Any) -> dict[str, Any]:
    message = f"{phone.device_id}\n{phone.person_id}\n{challenge}\n".encode()
    body = {"device_id": phone.device_id, "person_id": phone.person_id, "challenge": challenge}
    return body | {"signature": signing.encode_base64(phone.signer.sign(signing.TOKEN, message))} | fields


def challenge(world: World) -> str:
    text: str = world.client.get("/api/v1/devices/challenge").json["challenge"]
    return text


def ask(world: World, body: dict[str, Any]) -> Any:
    return world.client.post("/api/v1/devices/token", json=body)


def test_a_signed_challenge_is_good_for_two_minutes(sqlite_world: World, clock: TestClock) -> None:
    phone = sqlite_world.phone()
    for age_s, status in ((0, 200), (120, 200), (121, 401), (3600, 401), (-1, 401)):
        request = token_request(phone, challenge(sqlite_world))
        clock.move(seconds=age_s)
        assert ask(sqlite_world, request).status_code == status, age_s


def test_only_the_phones_own_key_over_our_own_challenge_gets_a_token(sqlite_world: World) -> None:
    phone, other = sqlite_world.phone(), sqlite_world.phone(sqlite_world.colleague)
    text = challenge(sqlite_world)
    good = token_request(phone, text)
    wrong = [
        good | {"challenge": challenge(sqlite_world)},
        good | {"challenge": text[:-1] + ("A" if text[-1] != "A" else "B")},
        good | {"challenge": "x"},
        good | {"challenge": "秤.秤.秤"},
        token_request(phone, "made.up.challenge"),
        good | {"signature": token_request(other, text)["signature"]},
        good | {"device_id": other.device_id},
        good | {"person_id": other.person_id},
        good | {"device_id": new_id(now())},
        token_request(Phone(phone.client, phone.device_id, sqlite_world.colleague, phone.signer), text),
        token_request(Phone(phone.client, phone.device_id, new_id(now()), phone.signer), text),
    ]
    for place, body in enumerate(wrong):
        assert (place, *slug_of(ask(sqlite_world, body))) == (place, 401, "wrong-sign-in")
    assert ask(sqlite_world, good).status_code == 200


def test_a_token_tells_who_one_is_and_who_may_come_along(sqlite_world: World) -> None:
    answer = ask(sqlite_world, token_request(phone := sqlite_world.phone(), challenge(sqlite_world))).json
    assert (answer["person"]["id"], answer["expires_in_s"]) == (phone.person_id, 900)
    colleagues = {person["id"] for person in answer["colleagues"]}
    assert colleagues == {sqlite_world.inspector, sqlite_world.colleague, sqlite_world.supervisor}


def test_a_token_is_good_for_a_quarter_of_an_hour_and_the_same_ops_are_taken_with_a_new_one(
    world: World, clock: TestClock
) -> None:
    phone = world.phone()
    first, second = (phone.op("visit.record/1", world.visit(world.check(GOOD))) for _ in range(2))
    assert statuses(world.app, phone, first) == [Status.APPLIED]
    clock.move(minutes=14, seconds=59)
    assert statuses(world.app, phone, first) == [Status.DUPLICATE]
    clock.move(seconds=1)
    answer = phone.push(first, second)
    assert slug_of(answer) == (401, "token-expired")
    assert answer.json["detail"] == "访问令牌已过期，请重新获取令牌后再试。手机上的记录都还在。"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    phone.get_token()
    assert statuses(world.app, phone, first, second) == [Status.DUPLICATE, Status.APPLIED]


BAD_HEADERS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "Basic eDp4",
    "bearer",
    "Token x",
    "Bearer " + "x" * 5000,
    "Bearer \u00e9",
]


def test_what_is_no_token_opens_nothing(sqlite_world: World) -> None:
    for value in BAD_HEADERS:
        answer = sqlite_world.client.get("/api/v1/sync/scope", headers={"Authorization": value})
        assert slug_of(answer) in [(401, "sign-in-needed"), (401, "token-expired")], value


def test_a_suspended_phone_gets_a_token_that_says_so_and_names_no_colleagues(sqlite_world: World) -> None:
    phone = sqlite_world.phone()
    about = {"person_id": sqlite_world.inspector, "party_id": sqlite_world.parties[0], "relation": "relative"}
    db.session.add(Recusal(id=new_id(now()), told_by=sqlite_world.supervisor, told_at=now(), **about))
    db.session.commit()
    answer = ask(sqlite_world, token_request(phone, challenge(sqlite_world)))
    assert (answer.json["suspended"], answer.json["recused_from"]) == (False, [sqlite_world.parties[0]])
    db.session.get_one(Device, phone.device_id).is_suspended = True
    db.session.commit()
    answer = ask(sqlite_world, token_request(phone, challenge(sqlite_world)))
    assert (answer.status_code, answer.json["suspended"]) == (200, True)
    assert (answer.json["colleagues"], answer.json["recused_from"]) == ([], [])


def test_somebody_suspended_is_shut_out_at_once_and_the_records_wait_on_the_phone(world: World) -> None:
    phone = world.phone()
    op = phone.op("visit.record/1", world.visit(world.check(GOOD)))
    assert phone.get_token()
    suspend(world.inspector)
    for path in ("changes", "scope"):
        answer = world.client.get(f"/api/v1/sync/{path}", headers=phone.headers)
        assert slug_of(answer) == (401, "token-expired")
    assert slug_of(phone.push(op)) == (401, "token-expired")
    assert slug_of(ask(world, token_request(phone, challenge(world)))) == (401, "wrong-sign-in")
    suspend(world.inspector, suspended=False)
    assert statuses(world.app, phone, op) == [Status.APPLIED]


def test_a_token_belongs_to_its_phone_not_to_the_ops(sqlite_world: World) -> None:
    """Somebody enrolled on two phones sees each phone's balance with its own token only."""
    phone, other = sqlite_world.phone(), sqlite_world.phone()
    send(sqlite_world.app, phone, phone.op("visit.record/1", sqlite_world.visit(sqlite_world.check(GOOD))))
    query = {"device_id": phone.device_id, "first": 1, "last": 9}
    own = sqlite_world.client.get("/api/v1/sync/balance", query_string=query, headers=phone.headers)
    assert own.json["counts"] == {"applied": 1, "conflict": 0, "rejected": 0}
    foreign = sqlite_world.client.get("/api/v1/sync/balance", query_string=query, headers=other.headers)
    assert slug_of(foreign) == (404, "not-found")


# --- passwords ------------------------------------------------------------------------------------------------------


def test_a_wrong_name_and_a_wrong_password_are_told_alike(world: World) -> None:
    suspend(world.colleague)
    for name, password in [
        ("inspector", "wrong"),
        ("nobody", PASSWORD),
        ("inspector ", PASSWORD),
        ("inspector", PASSWORD + "\0"),
        ("inspector\0", PASSWORD),
        ("colleague", PASSWORD),
        ("inspector", "x" * 60_000),
    ]:
        with pytest.raises(WrongSignIn):
            sign_in(name=name, password=password)
        db.session.rollback()


def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = passwords._hasher

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            checked.append(hashed.split("$")[3])
            return real.verify(hashed, password)

        def hash(self, password: str) -> str:
            return real.hash(password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name in ("inspector", "nobody"):
        with pytest.raises(WrongSignIn):
            sign_in(name=name, password="wrong")
    assert len(checked) == 2
    assert checked[0] == checked[1], "with the same parameters"


def test_a_sign_in_lasts_twelve_hours_and_can_be_ended(world: World, clock: TestClock) -> None:
    session = db.session()
    cookie = sign_in(name="inspector", password=PASSWORD)
    session.commit()
    clock.move(hours=11, minutes=59)
    assert getattr(person_of_cookie(session, cookie, now()), "id", None) == world.inspector
    clock.move(minutes=1)
    assert person_of_cookie(session, cookie, now()) is None
    fresh = sign_in(name="inspector", password=PASSWORD)
    accounts.sign_out(session, fresh)
    session.commit()
    assert person_of_cookie(session, fresh, now()) is None
    assert person_of_cookie(session, "秤\0", now()) is None


def test_a_suspended_persons_cookie_is_worth_nothing(world: World) -> None:
    cookie = sign_in(name="inspector", password=PASSWORD)
    db.session.commit()
    suspend(world.inspector)
    assert person_of_cookie(db.session(), cookie, now()) is None


# --- invitations ----------------------------------------------------------------------------------------------------


def accept(secret: str) -> str:
    session = db.session()
    begin_write()
    cookie = memberships.accept_invitation(session, secret, name="merchant 1", now=now())
    session.commit()
    return cookie


def invite(world: World, party: int = 0) -> str:
    secret = memberships.issue_invitation(db.session(), world.parties[party], now())
    db.session.commit()
    return secret


def test_an_invitation_makes_one_merchant_and_is_accepted_once(world: World) -> None:
    secret = invite(world)
    person = person_of_cookie(db.session(), accept(secret), now())
    assert person is not None
    assert (person.role, person.unit_id, memberships.parties_of(db.session(), person)) == (
        "merchant",
        None,
        [world.parties[0]],
    )
    with pytest.raises(CodeUsed):
        accept(secret)
    second = person_of_cookie(db.session(), accept(invite(world)), now())
    assert second is not None
    assert second.id == person.id, "a second invitation is the same merchant"
    assert accounts.scope_of(second) == Scope(())


@pytest.mark.parametrize(("days", "is_good"), [(6.99, True), (7, False)])
def test_an_invitation_is_good_for_a_week(sqlite_world: World, clock: TestClock, days: float, is_good: bool) -> None:
    secret = invite(sqlite_world)
    clock.move(days=days)
    if is_good:
        assert accept(secret)
    else:
        with pytest.raises(CodeUsed):
            accept(secret)


def test_an_invitation_opened_by_four_at_once_is_accepted_once(patient: Flask) -> None:
    world = make_world(patient)
    secret = invite(world)
    db.session.remove()

    def _accept(_: int) -> bool:
        try:
            in_context(patient, lambda: accept(secret))
        except CodeUsed:
            return False
        return True

    assert sorted(at_once(4, _accept)) == [False, False, False, True]
    assert db.session.query(Person).where(Person.role == "merchant").count() == 1
    assert db.session.query(SignIn).count() == 1


# --- scope ----------------------------------------------------------------------------------------------------------


def test_a_shorter_code_covers_every_code_that_begins_with_it() -> None:
    scope = Scope(("4116", "411702"))
    assert [scope.covers(code) for code in ("411602", "411600", "411702", "411700", "4117", "", "41")] == [
        *(True, True, True),
        *(False, False, False, False),
    ]
    assert not Scope(()).covers("411602")
    assert not Scope(()).covers("")


def test_the_query_keeps_what_the_scope_covers(world: World) -> None:
    codes = set(db.session.scalars(db.select(Place.region)))
    for regions in ((), ("4116",), ("411602",), ("411681", "411602"), ("41168",), ("%",), ("4116__",), ("411602%",)):
        scope = Scope(regions)
        found = set(db.session.scalars(db.select(Place.region).where(scope.of(Place.region))))
        assert found == {code for code in codes if scope.covers(code)}, regions


def test_the_scope_is_that_of_the_unit_today(world: World) -> None:
    person = db.session.get_one(Person, world.inspector)
    assert accounts.scope_of(person).regions == ("411602",)
    db.session.add(UnitRegion(unit_id=person.unit_id, region="411603"))
    db.session.commit()
    db.session.expire_all()
    assert accounts.scope_of(db.session.get_one(Person, world.inspector)).regions == ("411602", "411603")
