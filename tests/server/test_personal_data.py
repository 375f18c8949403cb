"""A merchant takes along everything kept, or has it deleted; facts stay; and whoever reads another's data is logged."""

from __future__ import annotations

import io
import json
import zipfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from server import policy
from server.accounts.models import Person, Role, SignIn
from server.administration.models import Act
from server.audit.checking import check
from server.clock import now
from server.contacts import service as contacts
from server.contacts.models import Contact
from server.database import Base, begin_write, db
from server.devices.models import TokenFamily
from server.evidence.service import open_store
from server.memberships import service as memberships
from server.memberships.models import Invitation, Membership
from server.mending import CannotDo
from server.personal import commands, inventory, service
from server.pledges.models import Pledge
from server.policy import DataScope, Row, Via
from tests.server.pages import Visitor, visitor, words
from tests.server.people import cookie_of, one_of_each, somebody, token_of
from tests.server.world import World

NUMBER = "13800138000"


def a_merchant(world: World) -> Person:
    """Return a merchant with a number, a second browser, a phone, a delegate invited, and a signed pledge."""
    person = somebody(Role.MERCHANT, party_id=world.parties[0])
    person.name = "王卖菜"
    begin_write_of(person)
    token_of(person)
    cookie_of(person)
    invited = Invitation(sha256="0" * 64, party_id=world.parties[0], granted_by=person.id, expires_at=now())
    db.session.add(invited)
    pledge = {"number": "2026-1", "party_id": world.parties[0], "person_id": person.id, "text_id": "x", "text": "x"}
    pledge |= {
        "id": "019aa111-0000-7000-8000-000000000009",
        "text_sha256": "x",
        "signer_name": "王卖菜",
        "strokes": "[]",
    }
    db.session.add(Pledge(signed_at=now(), **pledge))
    db.session.commit()
    return person


def begin_write_of(person: Person) -> None:
    db.session.commit()
    contacts.keep_number(db.session(), owner=("person", person.id), number=NUMBER, now=now())
    db.session.commit()


def browser_of(world: World, person: Person) -> Visitor:
    found = visitor(world)
    found.client.set_cookie("dingpan", cookie_of(person))
    return found


def count(table: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def acts_of(kind: str) -> list[Act]:
    return list(db.session.scalars(select(Act).where(Act.kind == kind)))


# --- taking it along --------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_kept_and_shows_the_number_in_part(world: World) -> None:
    page = browser_of(world, a_merchant(world)).get("/m/data")
    assert page.status_code == 200
    assert "138****8000" in words(page)
    assert NUMBER not in page.text
    assert page.cache_control.no_store
    assert acts_of("data_read") == []


def test_a_merchant_downloads_everything_and_it_is_an_act(world: World) -> None:
    person = a_merchant(world)
    browser = browser_of(world, person)
    browser.get("/m/data")
    answer = browser.post("/m/data")
    assert (answer.status_code, answer.mimetype, answer.cache_control.no_store) == (200, "application/json", True)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    found = json.loads(answer.text)
    assert (found["person"]["name"], found["number"]) == ("王卖菜", NUMBER)
    assert found["memberships"][0]["party_id"] == found["parties"][0]["id"] == world.parties[0]
    assert found["pledges"][0]["signer_name"] == "王卖菜"
    assert len(found["sign_ins"]) == 2
    (act,) = acts_of("data_exported")
    assert (act.by_person, act.about_id, NUMBER in act.details) == (person.id, person.id, False)


def test_who_read_the_number_is_told_by_role(world: World) -> None:
    person = a_merchant(world)
    begin_write()
    contacts.number_of(db.session(), ("person", person.id), by=world.supervisor, now=now())
    db.session.commit()
    begin_write()
    found = service.export(db.session(), person.id, by=person.id, now=now())
    assert [(act["kind"], act["by"], act["about"]) for act in found["acts"]] == [("data_read", "supervisor", "self")]
    assert world.supervisor not in json.dumps(found["acts"])


def test_no_secret_and_nobody_else_is_in_the_file(world: World) -> None:
    person, other = a_merchant(world), somebody(Role.MERCHANT, party_id=world.parties[1])
    contacts.keep_number(db.session(), owner=("person", other.id), number="13900139000", now=now())
    db.session.commit()
    begin_write()
    text = json.dumps(service.export(db.session(), person.id, by=person.id, now=now()), default=str)
    assert other.id not in text
    assert "13900139000" not in text
    assert not any(sign_in.sha256 in text for sign_in in db.session.scalars(select(SignIn)))


def test_every_table_that_names_a_person_is_in_the_file_or_left_out_with_a_reason(sqlite_world: World) -> None:
    """What an inspection recorded is the bureau's; hashes and counts say nothing; who else acted is another's data."""
    del sqlite_world
    left_out = {
        "access_token": "ends in a quarter of an hour; its family is told",
        "check": "officers' work",
        "correction": "officers' work",
        "evidence": "officers' work",
        "op": "officers' work",
        "participant": "officers' work",
        "physical_seal_event": "officers' work",
        "public_copy": "officers' work",
        "register_import": "officers' work",
        "seal_binding": "officers' work",
        "seal_event": "officers' work",
        "task": "officers' work",
        "verification": "officers' work",
        "act": "told as acts",
    }
    people = {
        "person_id",
        "granted_by",
        "accepted_by",
        "by_person",
        "entered_by",
        "tested_by",
        "assigned_to",
        "made_by",
    }
    names = {row.table for row in inventory.personal() if people & set(row.columns)}
    assert names == {table for table, _, _ in service.SECTIONS.values()} | set(left_out)


# --- closing ----------------------------------------------------------------------------------------------------------


def closed(world: World, person: Person) -> Visitor:
    browser = browser_of(world, person)
    page = browser.get("/m/close")
    assert "注销" in words(page)
    assert browser.post("/m/close", word="注销").status_code == 303
    db.session.expire_all()
    return browser


def test_closing_deletes_what_is_no_record_and_leaves_what_is_public(world: World) -> None:
    person = a_merchant(world)
    sealed = db.session.scalars(select(Contact.sealed)).one()
    browser = closed(world, person)
    gone = db.session().get_one(Person, person.id)
    assert (gone.name, gone.is_suspended) == ("已注销", True)
    assert count(Contact) == 0
    assert count(SignIn, SignIn.person_id == person.id) == 0
    assert count(Membership, Membership.ended_at.is_(None), Membership.person_id == person.id) == 0
    assert count(Invitation, Invitation.granted_by == person.id) == 0
    assert count(TokenFamily, TokenFamily.person_id == person.id, TokenFamily.ended_at.is_(None)) == 0
    assert contacts.person_of_number(db.session(), NUMBER) is None
    assert db.session.scalars(select(Pledge)).one().signer_name == "王卖菜"
    assert browser.get("/m/").status_code == 302
    (deleted,), (ended,) = acts_of("data_deleted"), acts_of("member_ended")
    assert (deleted.by_person, deleted.about_id, ended.about_id) == (person.id, person.id, world.parties[0])
    assert json.loads(deleted.details) == {"numbers": 1, "sign_ins": 2}
    del sealed


def test_the_log_is_whole_after_a_closing(sqlite_world: World) -> None:
    closed(sqlite_world, a_merchant(sqlite_world))
    ours = sqlite_world.app.extensions["dingpan"]
    db.session.execute(Base.metadata.tables["pledge"].delete())  # planted above without its leaf
    db.session.commit()
    assert check(db.session(), ours.keyring.key_set, open_store(ours.settings), []).faults == []


@pytest.mark.parametrize("word", ["", "注 销", "close", "已注销"])
def test_without_the_word_nothing_is_deleted(sqlite_world: World, word: str) -> None:
    browser = browser_of(sqlite_world, a_merchant(sqlite_world))
    browser.get("/m/close")
    answer = browser.post("/m/close", word=word)
    assert (answer.status_code, count(Contact), acts_of("data_deleted")) == (422, 1, [])


def test_the_word_is_the_one_of_the_page_s_language(sqlite_world: World) -> None:
    browser = browser_of(sqlite_world, a_merchant(sqlite_world))
    browser.get("/m/close?lang=en")
    assert browser.post("/m/close", word="close").status_code == 303
    assert acts_of("data_deleted")


def test_a_party_whose_principal_left_can_be_invited_again(sqlite_world: World) -> None:
    person = a_merchant(sqlite_world)
    closed(sqlite_world, person)
    begin_write()
    secret = memberships.issue_invitation(db.session(), sqlite_world.parties[0], now())
    memberships.accept_invitation(db.session(), secret, name="新人", now=now())
    db.session.commit()
    principal = memberships.principal_of(db.session(), sqlite_world.parties[0])
    assert principal is not None
    assert (principal.id != person.id, principal.name) == (True, "新人")


def test_nobody_of_the_staff_is_exported_or_deleted(world: World) -> None:
    begin_write()
    for person_id in (world.inspector, world.supervisor):
        with pytest.raises(service.NotTheirs):
            service.export(db.session(), person_id, by=None, now=now())
        with pytest.raises(service.NotTheirs):
            service.close(db.session(), person_id, by=person_id, now=now())
    assert not db.session.new


# --- the command line -------------------------------------------------------------------------------------------------


def administrator(world: World) -> str:
    person = one_of_each(world)[Role.SYSTEM_ADMINISTRATOR]
    person.sign_in_name = "administrator"
    db.session.commit()
    return "administrator"


def test_an_administrator_exports_and_deletes_by_command(sqlite_world: World, tmp_path: Path, capsys: Any) -> None:
    person, by = a_merchant(sqlite_world), administrator(sqlite_world)
    settings = sqlite_world.app.extensions["dingpan"].settings
    options = Namespace(id=person.id, by=by, out=tmp_path / "one.zip", confirm="")
    with sqlite_world.app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert commands.export_person(db.session(), settings, options) == 0
        assert (tmp_path / "one.zip").stat().st_mode & 0o777 == 0o600
        archive = zipfile.ZipFile(io.BytesIO((tmp_path / "one.zip").read_bytes()))
        assert json.loads(archive.read("personal-data.json"))["number"] == NUMBER
        assert "个人信息" in archive.read("readme.txt").decode()
        with pytest.raises(CannotDo, match="cannot be undone"):
            commands.delete_person(db.session(), settings, options)
        options.confirm = person.id
        assert commands.delete_person(db.session(), settings, options) == 0
        with pytest.raises(CannotDo, match="closed already"):
            commands.delete_person(db.session(), settings, options)
    assert acts_of("data_deleted")[0].by_person == acts_of("data_exported")[0].by_person != person.id
    assert NUMBER not in capsys.readouterr().out


def test_an_export_that_cannot_be_written_is_no_act(sqlite_world: World, tmp_path: Path) -> None:
    person, by = a_merchant(sqlite_world), administrator(sqlite_world)
    (tmp_path / "there.zip").write_bytes(b"of before")
    settings = sqlite_world.app.extensions["dingpan"].settings
    for out in ("there.zip", "no such folder/x.zip"):
        options = Namespace(id=person.id, by=by, out=tmp_path / out)
        with sqlite_world.app.test_request_context(), pytest.raises(CannotDo, match="not there yet"):
            commands.export_person(db.session(), settings, options)
        db.session.rollback()
    assert acts_of("data_exported") == []
    assert (tmp_path / "there.zip").read_bytes() == b"of before"


@pytest.mark.parametrize("who", ["inspector", "nobody"])
def test_nobody_but_a_system_administrator_may(sqlite_world: World, tmp_path: Path, who: str) -> None:
    person = a_merchant(sqlite_world)
    options = Namespace(id=person.id, by=who, out=tmp_path / "x.zip", confirm=person.id)
    for work in (commands.export_person, commands.delete_person):
        with pytest.raises(CannotDo, match="no system administrator"):
            work(db.session(), sqlite_world.app.extensions["dingpan"].settings, options)
    assert not (tmp_path / "x.zip").exists()


# --- reading another's data -------------------------------------------------------------------------------------------


def plant(world: World, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """Add a page of the supervisor's that shows personal data of others, and its row."""

    def card(person_id: str) -> Any:
        return answer(person_id)

    with monkeypatch.context() as patch:
        patch.setattr(world.app, "_got_first_request", False)
        world.app.add_url_rule("/console/planted/<person_id>", "planted.card", card)
    row = Row(Via.COOKIE, policy.PLANNING, DataScope.REGION, is_read_logged=True)
    monkeypatch.setitem(policy.POLICY, ("planted.card", "GET"), row)


def supervisor(world: World) -> Visitor:
    return browser_of(world, db.session().get_one(Person, world.supervisor))


def test_a_page_marked_in_the_policy_leaves_an_act_with_route_and_ids(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(world, monkeypatch, lambda person_id: f"number of {person_id}")
    assert supervisor(world).get(f"/console/planted/{world.inspector}").status_code == 200
    (act,) = acts_of("data_read")
    assert (act.by_person, act.about_kind, act.about_id) == (world.supervisor, "route", "planted.card")
    assert json.loads(act.details) == {"method": "GET", "ids": world.inspector}


def test_what_is_no_id_is_not_written_down(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(sqlite_world, monkeypatch, lambda _: "shown")
    supervisor(sqlite_world).get(f"/console/planted/{NUMBER}")
    assert NUMBER not in acts_of("data_read")[0].details


def test_a_page_that_shows_nothing_leaves_no_act(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(sqlite_world, monkeypatch, lambda _: ("not there", 404))
    assert supervisor(sqlite_world).get(f"/console/planted/{sqlite_world.inspector}").status_code == 404
    stranger = browser_of(sqlite_world, a_merchant(sqlite_world))
    assert stranger.get(f"/console/planted/{sqlite_world.inspector}").status_code == 403
    assert acts_of("data_read") == []


def test_what_a_service_records_with_its_owner_is_recorded_once(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_merchant(sqlite_world)

    def read(person_id: str) -> str:
        begin_write()
        number = contacts.number_of(db.session(), ("person", person_id), by=sqlite_world.supervisor, now=now())
        db.session.commit()
        return str(number)

    plant(sqlite_world, monkeypatch, read)
    assert supervisor(sqlite_world).get(f"/console/planted/{person.id}").text == NUMBER
    assert [(act.about_kind, act.about_id) for act in acts_of("data_read")] == [("person", person.id)]


def test_an_act_that_a_page_forgot_to_commit_is_recorded_all_the_same(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_merchant(sqlite_world)

    def read(person_id: str) -> str:
        begin_write()
        return str(contacts.number_of(db.session(), ("person", person_id), by=sqlite_world.supervisor, now=now()))

    plant(sqlite_world, monkeypatch, read)
    assert supervisor(sqlite_world).get(f"/console/planted/{person.id}").text == NUMBER
    assert [json.loads(act.details)["ids"] for act in acts_of("data_read")] == [person.id]


def test_what_cannot_be_recorded_is_not_shown(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(sqlite_world, monkeypatch, lambda _: NUMBER)
    browser = supervisor(sqlite_world)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the log is gone")

    monkeypatch.setattr("server.reads.administration.record", fail)
    sqlite_world.app.testing = False
    answer = browser.get(f"/console/planted/{sqlite_world.inspector}")
    assert (answer.status_code, NUMBER in answer.text) == (500, False)


def test_a_page_without_the_mark_leaves_no_act(sqlite_world: World) -> None:
    assert supervisor(sqlite_world).get("/console/").status_code == 200
    assert acts_of("data_read") == []
