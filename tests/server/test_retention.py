"""What is over its time goes, one second before it stays; facts are never touched, and what went leaves no bytes."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from server import transaction
from server.accounts.models import FailedSignIns, Person, Role, SignIn, StaffInvitation
from server.administration.models import Act
from server.clock import new_id, now
from server.contacts import service as contacts
from server.contacts.models import Contact, SealedContact
from server.database import Base, begin_write, db
from server.devices.models import AccessToken, Device, EnrolmentCode, RefreshToken, TokenFamily
from server.feedback.models import Feedback
from server.memberships.models import Invitation, Membership, PhoneCode
from server.personal import commands, retention
from server.rate_store import RateCount
from server.register_import import service as imports
from server.scans.models import Scan, UnknownLabel
from tests.server.conftest import TestClock
from tests.server.people import one_of_each, somebody
from tests.server.world import GOOD, World

LATER = timedelta(days=9_999)
NO_FACTS = {rule.table for rule in retention.RULES} | {"act", "leaf", "tree_node", "log_state"}


def name() -> str:
    return hashlib.sha256(new_id(now()).encode()).hexdigest()


def add(*rows: Any) -> None:
    for row in rows:
        db.session.add(row)
        db.session.flush()
    db.session.commit()


def a_sign_in(world: World, at: datetime) -> None:
    add(SignIn(sha256=name(), id=new_id(now()), person_id=world.inspector, made_at=at, seen_at=at, expires_at=at))


def a_family(world: World, at: datetime, *, ended: bool = False) -> TokenFamily:
    device = Device(id=new_id(now()), name="", public=bytes(32), enrolled_at=at)
    times = {"made_at": at, "expires_at": LATER + at if ended else at, "ended_at": at if ended else None}
    family = TokenFamily(id=new_id(now()), device_id=device.id, person_id=world.inspector, **times)
    add(device, family)
    return family


def an_access_token(world: World, at: datetime) -> None:
    family = a_family(world, at + LATER)
    about = {"device_id": family.device_id, "person_id": world.inspector}
    add(AccessToken(sha256=name(), family_id=family.id, expires_at=at, **about))


def a_merchant_who_left(world: World, at: datetime) -> None:
    person = somebody(Role.MERCHANT, party_id=world.parties[0])
    membership = db.session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    membership.ended_at = at
    contacts.keep_number(db.session(), owner=("person", person.id), number="13800138000", now=at)
    db.session.commit()


def a_merchant_who_never_acted(world: World, at: datetime) -> None:
    del world
    person = somebody(Role.MERCHANT)
    contacts.keep_number(db.session(), owner=("person", person.id), number="13800138000", now=at)
    db.session.commit()


def an_invitation(world: World, **times: datetime) -> Invitation:
    return Invitation(sha256=name(), party_id=world.parties[0], **times)


def a_ledger(world: World, at: datetime) -> None:
    person = db.session.get_one(Person, world.supervisor)
    content = b"kind,serial\nscale,1\n"
    imports.keep(db.session(), person, name="x.csv", content=content, now=at)
    db.session.commit()


def a_feedback(world: World, at: datetime) -> Feedback:
    return Feedback(id=new_id(at), serial=1, instrument_id=world.instruments[0], text="x", made_at=at)


def a_sealed_contact(world: World, at: datetime) -> None:
    about = {"group_id": new_id(now()), "about_kind": "party", "about_id": world.parties[0]}
    add(SealedContact(id=new_id(now()), sealed=b"sealed canary", delete_at=at, **about))


def a_phone_code(world: World, at: datetime) -> None:
    del world
    add(PhoneCode(id=new_id(now()), number_index=name(), code_hmac=name(), made_at=at, expires_at=at + LATER))


def a_refresh_token(world: World, at: datetime) -> None:
    add(RefreshToken(sha256=name(), family_id=a_family(world, at).id, made_at=at))


# What is made, the table it stands in, the moment from which its time counts (an argument), and the time it has.
Make = Callable[[World, datetime], object]
DAY = timedelta(days=1)
CASES: dict[str, tuple[str, timedelta, Make]] = {
    "staff invitation": (
        "staff_invitation",
        DAY,
        lambda w, at: add(StaffInvitation(sha256=name(), person_id=w.inspector, made_by=w.supervisor, expires_at=at)),
    ),
    "used staff invitation": (
        "staff_invitation",
        DAY,
        lambda w, at: add(
            StaffInvitation(
                sha256=name(), person_id=w.inspector, made_by=w.supervisor, expires_at=at + LATER, used_at=at
            )
        ),
    ),
    "invitation": (
        "invitation",
        DAY,
        lambda w, at: add(an_invitation(w, expires_at=at)),
    ),
    "used invitation": (
        "invitation",
        DAY,
        lambda w, at: add(an_invitation(w, expires_at=at + LATER, used_at=at)),
    ),
    "enrolment code": (
        "enrolment_code",
        DAY,
        lambda w, at: add(EnrolmentCode(sha256=name(), person_id=w.inspector, expires_at=at)),
    ),
    "phone code": ("phone_code", DAY, a_phone_code),
    "sign-in": ("sign_in", 30 * DAY, a_sign_in),
    "access token": ("access_token", 0 * DAY, an_access_token),
    "refresh token": ("refresh_token", 30 * DAY, a_refresh_token),
    "family": ("token_family", 30 * DAY, a_family),
    "ended family": ("token_family", 30 * DAY, lambda w, at: a_family(w, at, ended=True)),
    "failed sign-ins": (
        "failed_sign_ins",
        DAY,
        lambda _, at: add(FailedSignIns(name_hmac=name(), failures=3, last_at=at)),
    ),
    "rate count": ("rate_count", 0 * DAY, lambda _, at: add(RateCount(sha256=name(), hits=1, ends_at=at))),
    "scan": ("scan", 90 * DAY, lambda _, at: add(Scan(serial=1, hour=at, cell="33.63,114.65", count=2))),
    "unknown label": ("unknown_label", 90 * DAY, lambda _, at: add(UnknownLabel(serial=7, region="411602", hour=at))),
    "feedback": ("feedback", 365 * DAY, lambda w, at: add(a_feedback(w, at))),
    "sealed contact": ("sealed_contact", 0 * DAY, a_sealed_contact),
    "ledger that nobody took in": ("register_import", 30 * DAY, a_ledger),
    "contact of a merchant who left": ("contact", 365 * DAY, a_merchant_who_left),
    "contact of a merchant who never acted": ("contact", 365 * DAY, a_merchant_who_never_acted),
}


def count(table: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Base.metadata.tables[table])) or 0


def test_every_rule_has_a_case() -> None:
    assert {table for table, _, _ in CASES.values()} == {rule.table for rule in retention.RULES}


@pytest.mark.parametrize("case", CASES)
def test_it_is_kept_one_second_before_and_gone_at_the_time(world: World, clock: TestClock, case: str) -> None:
    table, lasts, make = CASES[case]
    before = count(table)
    make(world, now())
    clock.moment += lasts - timedelta(seconds=1)
    retention.run(db.session(), now())
    assert count(table) == before + 1
    clock.move(seconds=1)
    assert retention.over(db.session(), now())[table] == 1
    assert retention.run(db.session(), now())[table] == 1
    assert count(table) == before
    act = db.session.scalars(select(Act).order_by(Act.id.desc())).first()
    assert act is not None
    assert (act.kind, f'"{table}":1' in act.details) == ("data_expired", True)
    acts = count("act")
    assert not any(retention.run(db.session(), now()).values())
    assert count("act") == acts


def test_a_number_stays_while_its_owner_acts_or_is_of_the_bureau(world: World, clock: TestClock) -> None:
    person = somebody(Role.MERCHANT, party_id=world.parties[0])
    for owner in (("person", person.id), ("person", world.inspector), ("party", world.parties[0])):
        contacts.keep_number(db.session(), owner=owner, number="13800138000", now=now())
    db.session.commit()
    clock.move(days=4_000)
    retention.run(db.session(), now())
    assert count("contact") == 3


def test_an_open_family_keeps_its_links_however_old(world: World, clock: TestClock) -> None:
    family = a_family(world, now() + LATER)
    add(RefreshToken(sha256=name(), family_id=family.id, made_at=now(), used_at=now()))
    clock.move(days=900)
    retention.run(db.session(), now())
    assert (count("token_family"), count("refresh_token")) == (1, 1)


def facts() -> dict[str, list[Any]]:
    """Return every row of every table that no rule names."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in NO_FACTS]
    return {table.name: sorted(map(repr, db.session.execute(select(table)).all())) for table in tables}


def test_facts_are_never_touched(world: World, clock: TestClock) -> None:
    one_of_each(world)
    phone = world.phone()
    assert phone.answers(phone.op("visit.record/1", world.visit(world.check(GOOD))))[0]["status"] == "applied"
    for _, _, make in CASES.values():
        make(world, now())
    before = facts()
    assert sum(map(len, before.values())) > 40
    clock.move(days=20_000)
    went = retention.run(db.session(), now())
    assert all(went.values()), went
    assert facts() == before


def test_a_dry_run_only_counts(sqlite_world: World, clock: TestClock, capsys: Any) -> None:
    a_sign_in(sqlite_world, now())
    clock.move(days=40)
    settings = sqlite_world.app.extensions["dingpan"].settings
    before = count("sign_in")
    commands.retain(db.session(), settings, Namespace(dry_run=True))
    assert "sign_in: 1 would go" in capsys.readouterr().out
    assert (count("sign_in"), count("act")) == (before, 0)
    commands.retain(db.session(), settings, Namespace(dry_run=False))
    assert "sign_in: 1 deleted" in capsys.readouterr().out


def test_many_go_in_batches_and_a_run_that_is_cut_off_goes_on(
    sqlite_world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        a_phone_code(sqlite_world, now())
    clock.move(days=2)
    session, seen = db.session(), []
    commit = session.commit

    def cut() -> None:
        commit()
        seen.append(count("phone_code"))
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(session, "commit", cut)
    with pytest.raises(KeyboardInterrupt):
        retention.run(session, now(), batch=2)
    monkeypatch.undo()
    db.session.rollback()
    assert (seen, count("phone_code")) == ([5, 3], 3)
    assert retention.run(db.session(), now(), batch=2)["phone_code"] == 3


# --- what is left in the file -----------------------------------------------------------------------------------------


def file_of(world: World) -> Path:
    return Path(str(world.app.extensions["dingpan"].settings.database_url).removeprefix("sqlite:///"))


def holds(world: World, canary: bytes) -> bool:
    db.session.commit()
    db.engine.dispose()
    return canary in file_of(world).read_bytes()


def plant_and_delete(world: World, canary: str) -> None:
    for _ in range(40):
        add(Person(id=new_id(now()), role=Role.MERCHANT, name=canary))
    assert holds(world, canary.encode())
    begin_write()
    for person in db.session.scalars(select(Person).where(Person.name == canary)):
        db.session.delete(person)
    transaction.commit(db.session(), now())


def test_what_is_deleted_is_zeroed_in_the_file(sqlite_world: World) -> None:
    assert db.session.scalar(text("PRAGMA secure_delete")) == 1
    plant_and_delete(sqlite_world, "canary-of-the-file")
    assert not holds(sqlite_world, b"canary-of-the-file")


def test_without_zeroing_it_would_be_found(sqlite_world: World) -> None:
    db.session.execute(text("PRAGMA secure_delete = OFF"))
    db.session.commit()
    for _ in range(40):
        add(Person(id=new_id(now()), role=Role.MERCHANT, name="canary-of-the-file"))
    begin_write()
    db.session.execute(text("PRAGMA secure_delete = OFF"))
    for person in db.session.scalars(select(Person).where(Person.name == "canary-of-the-file")):
        db.session.delete(person)
    transaction.commit(db.session(), now())
    assert holds(sqlite_world, b"canary-of-the-file")


def test_a_sealed_contact_is_overwritten_before_it_goes(
    sqlite_world: World, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sealed_contact(sqlite_world, now())
    cells: list[bytes] = []
    session = db.session()
    commit = session.commit

    def watched() -> None:
        commit()
        cells.extend(session.scalars(select(SealedContact.sealed)))

    monkeypatch.setattr(session, "commit", watched)
    retention.run(session, now())
    assert len(cells) == 1
    assert (len(cells[0]), cells[0] != b"sealed canary") == (len(b"sealed canary"), True)
    assert count("sealed_contact") == 0
    assert not holds(sqlite_world, b"sealed canary")
    del clock
    assert count(Contact.__tablename__) == 0
