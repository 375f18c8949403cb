"""Requests of all sorts, good and bad, with a canary in everything that comes in."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server import policy, transaction
from server.accounts.models import Person, Role
from server.accounts.service import hash_password, sha256_of
from server.clock import new_id, now
from server.contacts import groups
from server.contacts import service as contacts
from server.contacts.problems import WrongPassphrase
from server.database import begin_write, db
from server.devices.models import RefreshToken, TokenFamily
from server.memberships import service as memberships
from server.policy import DataScope, Row, Via
from server.privacy import data_key, seal_text
from server.registry.models import Party
from tests.server import canary_ways_in, photos
from tests.server.canaries import Canary, found_in
from tests.server.pages import TOKEN, forget_last_request
from tests.server.sending import begun, digest, named, patch
from tests.server.world import GOOD, World

OTHER_LANGUAGE = ("query",)  # a page links to itself in the other language, with the query of whoever asks
ANYONE = Row(Via.NOTHING, None, DataScope.PUBLIC)
PASSWORD, WRONG, NAME = "canary-password-right", "canary-password-wrong", "canary-sign-in-name"
TOTP_SECRET, TOTP_CODE, SMS_CODE = "CANARYTOTPSECRETBASE32ABCD", "918273", "736455"
NUMBER, IDENTITY, REFRESH = "13912345678", "411600198801017777", "canary-refresh-token"
REPORTER, REPORTER_PHONE, PASSPHRASE = "金丝雀举报人姓名", "13787654321", "canary passphrase of the group"
REMARK, EVIDENCE, AGENT, ADDRESS = "金丝雀现场检查备注", "canary-in-the-photo", "canary-agent/9.9", "203.0.113.177"
QUERY, REFERER, PATH, METADATA = "canary-query", "canary-referer", "canary-path", "canary-metadata"
JSON_FIELD, FORM_FIELD, PARAMETER, MESSAGE = "canary-json", "canary-form", "canary-parameter", "canary-message"
TOKEN_WRONG, COOKIE_WRONG, STROKES = "canary-token-wrong", "canary-cookie-wrong", "[[711,712,713,714,715,716]]"
HOST = "canary-host.example"


class Drive:
    """Requests of all sorts with a canary in each, and what came back; ``may`` names what its owner may be shown."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.patch = world, monkeypatch
        self.answers: list[tuple[TestResponse, set[str]]] = []
        self.token = ""
        self.client = world.app.test_client()
        self.canaries: list[Canary] = [
            Canary("password", PASSWORD),
            Canary("wrong password", WRONG),
            Canary("sign-in name", NAME),
            Canary("totp secret", TOTP_SECRET),
            Canary("totp code", TOTP_CODE),
            Canary("sms code", SMS_CODE),
            Canary("number", NUMBER),
            Canary("identity number", IDENTITY),
            Canary("refresh token", REFRESH),
            Canary("wrong token", TOKEN_WRONG),
            Canary("wrong cookie", COOKIE_WRONG),
            Canary("reporter", REPORTER),
            Canary("reporter's phone", REPORTER_PHONE),
            Canary("passphrase", PASSPHRASE),
            Canary("agent", AGENT),
            Canary("address", ADDRESS),
            Canary("query", QUERY),
            Canary("referer", REFERER),
            Canary("path", PATH),
            Canary("host", HOST),
            Canary("json field", JSON_FIELD),
            Canary("form field", FORM_FIELD),
            Canary("parameter", PARAMETER),
            Canary("message", MESSAGE),
            Canary("photo", EVIDENCE),
            Canary("remark", REMARK, in_database=True),
            Canary("metadata", base64.b64encode(METADATA.encode()).decode(), in_database=True),
            Canary("strokes", STROKES, in_database=True),
            Canary("secret", world.app.extensions["dingpan"].settings.secret),
            Canary("data key", base64.b64encode(data_key(world.app.extensions["dingpan"].settings.data_key)).decode()),
        ]

    def born(self, name: str, value: str) -> str:
        """Watch a secret that the application made."""
        self.canaries.append(Canary(name, value))
        return value

    def ask(self, method: str, path: str, *may: str, **options: Any) -> TestResponse:
        forget_last_request()
        headers = {"User-Agent": AGENT, "Referer": f"http://127.0.0.1/{REFERER}"} | options.pop("headers", {})
        about: dict[str, Any] = {"headers": headers, "environ_base": {"REMOTE_ADDR": ADDRESS}}
        answer = self.client.open(path, method=method, **(about | options))
        db.session.rollback()  # as at the end of a request, where no test holds the context open
        self.answers.append((answer, set(may)))
        if answer.mimetype == "text/html" and (found := TOKEN.search(answer.text)):
            self.token = found[1]
        return answer

    def form(self, path: str, *may: str, **fields: str) -> TestResponse:
        return self.ask("POST", path, *may, data={"csrf_token": self.token} | fields)

    # --- the requests -------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        person = db.session.query(Person).filter_by(sign_in_name="inspector").one()
        person.password_hash = hash_password(PASSWORD)
        person.totp_sealed = seal_text(self._key(), TOTP_SECRET, row_id=person.id)
        db.session.commit()
        self.ask("GET", f"/sign-in?next=/console/&x={QUERY}", *OTHER_LANGUAGE)
        self.form("/sign-in", name="inspector", password=WRONG)
        self.form("/sign-in", "sign-in name", name=NAME, password=WRONG)
        self.form("/sign-in", "totp code", "form field", name="inspector", password="", code=TOTP_CODE, x=FORM_FIELD)
        answer = self.form("/sign-in", name="inspector", password=PASSWORD, next="")
        assert answer.status_code == 302
        cookie = self.client.get_cookie("dingpan")
        assert cookie is not None
        self.born("cookie", cookie.value)
        for _ in range(12):
            answer = self.form("/sign-in", "sign-in name", name=NAME, password=WRONG)
        assert answer.status_code == 429

    def enrol(self) -> None:
        self.ask("GET", "/console/enrolment")
        page = self.form("/console/enrolment", "enrolment code")
        code = re.search(r"[A-Z0-9]{4}(?:-[A-Z0-9]{4})+|[A-Z2-7]{12,}", re.sub("<[^>]+>", " ", page.text))
        shown = re.search(r'value="([^"]{12,})"[^>]*readonly|<code[^>]*>([^<]{8,})', page.text)
        assert code or shown, page.text
        made = code[0] if code else next(filter(None, shown.groups()))  # type: ignore[union-attr]
        self.born("enrolment code", made)
        body = {"code": made, "name": JSON_FIELD, "public": "x", "odd": JSON_FIELD}
        self.ask("POST", "/api/v1/devices", json=body)
        self.ask("POST", "/api/v1/devices", data="{" + JSON_FIELD, headers={"Content-Type": "application/json"})
        self.ask("POST", "/api/v1/devices/token", json={"refresh_token": REFRESH, "device_id": JSON_FIELD})

    def invite(self) -> None:
        begin_write()
        secret = memberships.issue_invitation(db.session(), self.world.parties[0], now())
        transaction.commit(db.session(), now())
        self.born("invitation", secret)
        self.client.delete_cookie("dingpan")
        self.ask("GET", f"/m/i/{secret}", "invitation")
        accept = memberships.accept_invitation

        def fail(*_: Any, **__: Any) -> str:
            raise RuntimeError(f"cannot accept {secret} {MESSAGE}")

        self.patch.setattr(memberships, "accept_invitation", fail)
        assert self.form(f"/m/i/{secret}").status_code == 500
        self.patch.setattr(memberships, "accept_invitation", accept)
        assert self.form(f"/m/i/{secret}").status_code == 303
        cookie = self.client.get_cookie("dingpan")
        assert cookie is not None
        self.born("merchant's cookie", cookie.value)
        self.form("/m/pledge", "form field", text_id="x", sha256="x", signer_name=FORM_FIELD, strokes="nothing")
        self.ask("GET", "/m/")
        self._pledge()

    def _pledge(self) -> None:
        page = self.ask("GET", "/m/pledge").text
        typed = {name: re.search(f'name="{name}" value="([^"]+)"', page) for name in ("text_id", "sha256")}
        fields = {name: found[1] for name, found in typed.items() if found}
        assert self.form("/m/pledge", signer_name="王卖菜", strokes=STROKES, **fields).status_code == 303
        self.ask("GET", "/m/pledge?signed=1", "strokes")

    def contact(self) -> None:
        person = db.session.query(Person).filter_by(role=Role.MERCHANT).first()
        party = db.session().get_one(Party, self.world.parties[0])
        assert person is not None
        party.sealed_code = seal_text(self._key(), IDENTITY, row_id=party.id, column="party.sealed_code")
        db.session.commit()
        begin_write()
        contacts.keep_number(db.session(), owner=("person", person.id), number=NUMBER, now=now())
        transaction.commit(db.session(), now())
        self.ask("GET", "/m/data")
        self.form("/m/data", "number", "strokes")
        self.form("/m/close", "form field", word=FORM_FIELD[:20])

    def report(self) -> None:
        unit = db.session().get_one(Person, self.world.supervisor).unit_id
        for person in db.session.query(Person):
            person.approved_at = now()
        db.session.commit()
        made = groups.create(db.session(), name="g", unit_id=str(unit), passphrase=PASSPHRASE, now=now())
        begin_write()
        fields = {"name": REPORTER, "phone": REPORTER_PHONE}
        sealed_id = groups.seal(db.session(), made, ("party", self.world.parties[0]), fields, now())
        transaction.commit(db.session(), now())
        about: dict[str, Any] = {"by": self.world.supervisor, "why": "case 1", "now": now()}
        with pytest.raises(WrongPassphrase):
            groups.open_contact(db.session(), sealed_id, f"{PASSPHRASE} not", **about)
        assert groups.open_contact(db.session(), sealed_id, PASSPHRASE, **about) == fields

    def phone(self) -> None:
        phone = self.world.phone()
        self.born("token", phone.get_token())
        db.session.add(RefreshToken(sha256=sha256_of(REFRESH), family_id=self._family(), made_at=now()))
        db.session.commit()
        body = self.world.visit(self.world.check(GOOD))
        body["inspections"][0]["remark"] = REMARK
        op = phone.op("visit.record/1", body)
        self.ask("POST", "/api/v1/sync/push", json={"ops": [op.to_wire()]}, headers=phone.headers)
        bad = phone.op("visit.record/1", {"remark": REMARK, "odd": REMARK})
        self.ask("POST", "/api/v1/sync/push", json={"ops": [bad.to_wire()]}, headers=phone.headers)
        self.ask("GET", "/api/v1/sync/changes", headers={"Authorization": f"Bearer {TOKEN_WRONG}"})
        self.ask("GET", f"/api/v1/sync/changes?cursor={QUERY}", headers=phone.headers)
        photo = photos.jpeg(comment=EVIDENCE.encode())
        record = named(self.world, phone, photo)
        told = f"sha256 {_b64(digest(photo))},kind {_b64('photo')},record {_b64(record)},name {_b64(METADATA)}"
        answer = begun(phone, record, photo, **{"Upload-Metadata": told})
        assert answer.status_code in (201, 400), answer.text
        if answer.status_code != 201:
            answer = begun(phone, record, photo)
        patch(phone, answer.headers["Location"], 0, photo[:50])
        patch(phone, answer.headers["Location"], 50, photo[50:])

    def fail(self) -> None:
        for path in ("planted", "api/v1/planted"):
            for where in ("message", "database"):
                answer = self.ask("POST", f"/{path}/{where}?q={QUERY}", *OTHER_LANGUAGE, data={"x": FORM_FIELD})
                assert answer.status_code == 500, answer.text
        self.ask("GET", f"/{PATH}/{NUMBER}?lang={QUERY}", *OTHER_LANGUAGE)
        self.ask("GET", f"/api/v1/{PATH}", headers={"X-Request-Id": QUERY, "Traceparent": QUERY})
        self.ask(
            "GET", f"/console/invitation?q={QUERY}", *OTHER_LANGUAGE, headers={"Cookie": f"dingpan={COOKIE_WRONG}"}
        )
        self.ask("GET", "/", headers={"Host": HOST})

    def everything(self) -> Drive:
        plant_failures(self.world, self.patch)
        for step in (
            self.fail,
            self.sign_in,
            self.enrol,
            self.invite,
            self.contact,
            self.report,
            self.phone,
            self.fail,
        ):
            step()
        for way_in in (
            canary_ways_in.by_sms,
            canary_ways_in.join,
            canary_ways_in.second_factor,
            canary_ways_in.refresh,
        ):
            way_in(self)
        return self

    def _key(self) -> bytes:
        key: bytes = self.world.app.extensions["dingpan"].settings.data_key
        return key

    def _family(self) -> str:
        return str(db.session.query(TokenFamily).first().id)  # type: ignore[union-attr]

    # --- what is looked through ---------------------------------------------------------------------------------------

    def in_answers(self) -> list[str]:
        told = []
        for answer, may in self.answers:
            content = answer.data + str([pair for pair in answer.headers if pair[0] != "Set-Cookie"]).encode()
            watched = [one for one in self.canaries if one.name not in may]
            told += [f"{answer.request.path}: {name}" for name in found_in(content, watched)]
        return told


def _b64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def plant_failures(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add routes that fail as nobody foresees: with a value in the message, and in the database."""

    def message() -> str:
        raise RuntimeError(f"cannot use {MESSAGE}")

    def database() -> str:
        for _ in range(2):
            values = {"id": new_id(now()), "name": PARAMETER}
            db.session.add(Person(role="merchant", sign_in_name=values["name"], **values))
        db.session.flush()
        return ""

    monkeypatch.setattr(world.app, "_got_first_request", False)
    csrf = world.app.extensions["csrf"]
    for prefix in ("/planted", "/api/v1/planted"):
        for view in (message, database):
            name = f"{prefix.strip('/').replace('/', '_')}_{view.__name__}"
            world.app.add_url_rule(f"{prefix}/{view.__name__}", name, csrf.exempt(view), methods=["POST"])
            monkeypatch.setitem(policy.POLICY, (name, "POST"), ANYONE)
