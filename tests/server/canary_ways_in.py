"""The ways in of people and phones, each walked by what it really is: links, codes, tokens."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pyotp

from server import transaction
from server.accounts.models import Person, Role
from server.accounts.service import hash_password, staff
from server.clock import new_id, now
from server.database import begin_write, db
from server.sms.port import Message
from server.sms.service import Sender

if TYPE_CHECKING:
    from tests.server.canary_drive import Drive

NUMBER, JOINING, SECOND = "13912345678", "canary password of a newcomer", "canary password of a supervisor"


class Captured:
    """Keeps what would be sent."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message, now: datetime) -> None:
        self.messages.append(message)


def join(drive: Drive) -> None:
    """Open a one-time link and choose a password; once it fails."""
    begin_write()
    unit = db.session().get_one(Person, drive.world.supervisor).unit_id
    about = {"name": "新人", "sign_in_name": "newcomer", "unit_id": unit, "approved_at": now()}
    person = Person(id=new_id(now()), role=Role.INSPECTOR, **about)
    db.session.add(person)
    db.session.flush()
    secret = drive.born("staff invitation", staff.issue_link(db.session(), person, by=None, now=now()))
    transaction.commit(db.session(), now())
    drive.born("newcomer's password", JOINING)
    drive.client.delete_cookie("dingpan")
    drive.ask("GET", f"/join/{secret}", "staff invitation")
    drive.form(f"/join/{secret}", "staff invitation", password=JOINING, password_again=f"{JOINING}!")
    drive.form(f"/join/{secret}", "staff invitation", password=JOINING, password_again=JOINING)
    drive.ask("GET", f"/join/{secret}", "staff invitation")


def second_factor(drive: Drive) -> None:
    """Enrol an authenticator, then sign in by a wrong code and a right one."""
    person = db.session().get_one(Person, drive.world.supervisor)
    person.password_hash, person.totp_sealed = hash_password(SECOND), None
    name = person.sign_in_name or ""
    db.session.commit()
    drive.born("supervisor's password", SECOND)
    drive.client.delete_cookie("dingpan")
    drive.ask("GET", "/sign-in")
    drive.form("/sign-in", name=name, password=SECOND, next="")
    page = drive.ask("GET", "/sign-in/second-factor", "enrolled secret")
    shown = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page.text)
    hidden = re.search(r'name="hidden" value="([^"]+)"', page.text)
    assert shown is not None
    assert hidden is not None
    secret = drive.born("enrolled secret", shown[0].replace(" ", ""))
    fields = {"hidden": hidden[1], "next": ""}
    drive.form("/sign-in/second-factor", "enrolled secret", code="000000", **fields)
    code = pyotp.TOTP(secret).at(now())
    assert drive.form("/sign-in/second-factor", code=code, **fields).status_code == 302
    drive.client.delete_cookie("dingpan")
    drive.ask("GET", "/sign-in")
    drive.form("/sign-in", name=name, password=SECOND, next="")
    drive.ask("GET", "/sign-in/code")
    assert drive.form("/sign-in/code", code=code, next="").status_code == 401, "used already"


def by_sms(drive: Drive) -> None:
    """Sign in by a code that was sent to a number."""
    port = Captured()
    drive.world.app.extensions["dingpan_sms"] = Sender(port)
    drive.client.delete_cookie("dingpan")
    drive.ask("GET", "/m/enter")
    drive.form("/m/enter", "number", number=NUMBER).close()
    code = drive.born("sent code", port.messages[-1].code)
    drive.form("/m/enter/code", "number", number=NUMBER, code="736455")
    assert drive.form("/m/enter/code", number=NUMBER, code=code).status_code == 303
    cookie = drive.client.get_cookie("dingpan")
    assert cookie is not None
    drive.born("cookie by number", cookie.value)


def refresh(drive: Drive) -> None:
    """Renew the tokens of a phone, and present an old one too late."""
    phone = drive.world.phone()
    drive.born("first token", phone.get_token())
    first = drive.born("first refresh token", phone.refresh_token)
    answer = phone.ask_refresh().json
    drive.born("second token", answer["token"])
    drive.born("second refresh token", answer["refresh_token"])
    assert phone.ask_refresh(first).status_code == 200


ALL = (by_sms, join, second_factor, refresh)
