"""Every way into the server that takes input, with somebody who may use it and what it may take."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.accounts.models import Person, Role
from server.campaigns.models import Task
from server.certificates.models import Verification
from server.clock import now
from server.database import begin_write, db
from server.feedback.models import Feedback
from server.limits import limiter
from server.physical_seals.models import PhysicalSealEvent
from server.pledges.models import Pledge
from server.register_import import service as imports
from server.seals.models import SealEvent
from server.sms.console import ConsoleSms
from server.sms.service import Sender
from tests.faults.bad_inputs import Bad
from tests.server.calculating import SOUND
from tests.server.every_route import SOME_ID
from tests.server.joining import accept, delegation, operate
from tests.server.pages import Visitor, visitor
from tests.server.people import cookie_of, one_of_each
from tests.server.standing import a_state
from tests.server.test_pages_merchant import invitation, merchant, signing
from tests.server.world import GOOD, World, a_label

MARK = "here the bad one goes"
PLACE = {"latitude": "33.63", "longitude": "114.65"}


@dataclass
class Target:
    """One way into the server: ``how`` the input travels, and the fields it may stand in.

    ``kept`` says for a field of free text where it must be found afterwards; ``fine`` what else a field may take.
    """

    endpoint: str
    how: str
    path: str
    client: FlaskClient
    sound: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Callable[[str], bool]] = field(default_factory=dict)
    fine: dict[str, set[str]] = field(default_factory=dict)
    shows: bool = False
    make_op: Callable[[str], dict[str, Any]] | None = None

    def send(self, bad: Bad, name: str) -> TestResponse:
        """Send the bad input in one field, or as the whole request."""
        limiter.reset()
        if bad.body is not None:
            headers = {**self.headers, **dict(bad.headers)}
            method = bad.method or ("GET" if self.how in ("path", "query") else "POST")
            return self.client.open(self.path.format(SOME_ID), method=method, data=bad.body, headers=headers)
        return getattr(self, f"_{self.how}")(bad, name)

    def _path(self, bad: Bad, _: str) -> TestResponse:
        return self.client.get(self.path.format(quote_from_bytes(_bytes(bad.text), safe="")), headers=self.headers)

    def _query(self, bad: Bad, name: str) -> TestResponse:
        query = urlencode({one: _bytes(str(value)) for one, value in (self.sound | {name: bad.text}).items()})
        return self.client.get(self.path, query_string=query, headers=self.headers)

    def _form(self, bad: Bad, name: str) -> TestResponse:
        body = urlencode({one: _bytes(str(value)) for one, value in (self.sound | {name: bad.text}).items()})
        kind = "application/x-www-form-urlencoded"
        return self.client.post(self.path, data=body, content_type=kind, headers=self.headers)

    def _json(self, bad: Bad, name: str) -> TestResponse:
        text = json.dumps(self.sound | {name: MARK}).replace(json.dumps(MARK), bad.json)
        headers = {"Content-Type": "application/json"} | self.headers
        return self.client.post(self.path, data=text.encode("utf-8", "surrogatepass"), headers=headers)

    def _record(self, bad: Bad, name: str) -> TestResponse:
        assert self.make_op is not None
        text = json.dumps(self.sound | {name: MARK}).replace(json.dumps(MARK), bad.json)
        if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
            text = text.encode("ascii", "backslashreplace").decode()
        return self.client.post(self.path, json=self.make_op(text), headers=self.headers)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def targets(world: World) -> list[Target]:
    """Return every way in, with somebody who may use it."""
    phone, spare = world.phone(), world.phone(world.colleague)
    desk, lab, shop = visitor(world, "supervisor"), visitor(world, "verifier"), merchant(world)
    operate(world, world.place, party=1)
    market = merchant_of_the_market(world)
    ending = {"party": world.parties[0], "membership": SOME_ID}
    world.app.extensions["dingpan_sms"] = Sender(ConsoleSms())
    anyone, token = world.app.test_client(), {**phone.headers, "Tus-Resumable": "1.0.0"}

    def path(endpoint: str, at: str, client: FlaskClient = anyone, **more: Any) -> Target:
        return Target(endpoint, "path", at, client, {"it": ""}, **more)

    def form(endpoint: str, at: str, client: FlaskClient, sound: dict[str, str], **more: Any) -> Target:
        return Target(endpoint, "form", at, client, sound, **more)

    def query(endpoint: str, at: str, client: FlaskClient, sound: dict[str, str], **more: Any) -> Target:
        return Target(endpoint, "query", at, client, sound, **more)

    def op(text: str, kind: str) -> dict[str, Any]:
        return {"ops": [phone.op(kind, text).to_wire()]}

    ledger = a_ledger(world)
    day, label = world.day.isoformat(), "/V/" + world.links[0].rpartition("/")[2]
    task = {"place": world.place, "person": world.inspector, "due_on": day, "note": ""}
    entry = {
        "instrument": world.instruments[0],
        "kind": "periodic",
        "result": "passed",
        "document_no": "T",
        "mark_no": "",
        "done_on": day,
    }
    number = {"document_no": _in(Verification.document_no), "mark_no": _in(Verification.mark_no)}
    device = {"code": "x", "device_id": SOME_ID, "public": "A" * 43 + "=", "name": "x", "signature": "A" * 86 + "=="}
    claim = {"device_id": SOME_ID, "person_id": SOME_ID, "challenge": "x", "signature": "A" * 86 + "=="}
    again = {"device_id": SOME_ID, "refresh_token": "x", "signature": "A" * 86 + "=="}
    raw = phone.op("correction/1", {"corrects": SOME_ID, "note": "x"}).to_wire()
    found = [
        path("public.show_seal", "/V/{}", shows=True),
        path("public.show_seal_lower", "/v/{}", shows=True),
        form("scans.place", world.links[0].partition("TEST")[2] + "/place", anyone, dict(PLACE)),
        path("public.show_pledge", "/P/{}"),
        path("public.show_problem", "/problems/{}"),
        path("public.show_picture", "/pictures/{}"),
        path("calculators.tool", "/tools/{}"),
        path("merchant.invitation", "/m/i/{}"),
        path("merchant.field_invitation", "/m/f/{}"),
        path("merchant.market_place", "/m/market/{}", market.client),
        path("static", "/static/{}", shows=True),
        path("assets.asset", "/assets/{}"),
        path("console.visit", "/console/visit/{}", desk.client),
        path("console.picture", "/console/pictures/{}", desk.client),
        path("console.hiding", "/console/pictures/{}/hiding", desk.client),
        path("sync_api.snapshot", "/api/v1/sync/snapshots/{}", headers=token),
        path("sync_api.manifest", "/api/v1/sync/snapshots/{}/manifest", headers=token),
        path("evidence_api.evidence", "/api/v1/evidence/{}", headers=token),
        path("console.show_import", "/console/imports/{}", desk.client),
        path("console.import_columns", "/console/imports/{}/columns", desk.client),
        path("console.bad_rows_csv", "/console/imports/{}/bad.csv", desk.client),
        query("console.import_columns", f"{ledger}/columns", desk.client, {"header": "1"}, shows=True),
        query("console.bulletin", "/console/bulletin", desk.client, {"day": day}, fine={"day": {"", *FREE_DAYS}}),
        query(
            "console.bulletin_csv", "/console/bulletin.csv", desk.client, {"day": day}, fine={"day": {"", *FREE_DAYS}}
        ),
        query("console.verification", "/console/verification", lab.client, {"q": ""}, shows=True),
        query("console.verification", "/console/verification", lab.client, {"instrument": "", "done": ""}),
        query("console.invitation", "/console/invitation", desk.client, {"q": ""}, shows=True),
        query("calculators.tool", "/tools/reweigh", anyone, {"settled": "1", "lang": "en", "day": day}, shows=True),
        query("accounts.sign_in", "/sign-in", anyone, {"next": "/", "lang": "en"}, shows=True),
        query("sync_api.changes", "/api/v1/sync/changes", anyone, {"cursor": "", "limit": "1"}, headers=token),
        query(
            "sync_api.balance",
            "/api/v1/sync/balance",
            anyone,
            {"device_id": phone.device_id, "first": "1", "last": "2"},
        ),
        query("audit_api.consistency", "/api/v1/log/consistency", anyone, {"first": "0", "second": "0"}),
        query("audit_api.inclusion", "/api/v1/log/inclusion", anyone, {"op_id": SOME_ID, "size": "1"}, headers=token),
        form("personal.close", "/m/close", shop.client, {"word": "x"}),
        form("accounts.sign_in", "/sign-in", anyone, {"name": "supervisor", "password": "x", "next": ""}),
        form("console.hide", f"/console/pictures/{'0' * 64}/hiding", desk.client, {"rectangles": "[[0,0,9,9]]"}),
        form("console.upload_register", "/console/imports", desk.client, {"x": "x"}),
        form("console.take_in_rescue", "/console/rescue", desk.client, {"x": "x"}),
        form("rescue_api.bring", "/api/v1/sync/rescue", anyone, {"x": "x"}, headers=token),
        form("console.choose_columns", f"{ledger}/columns", desk.client, COLUMNS, fine=FINE_COLUMNS),
        form("console.take_in_import", f"{ledger}/take-in", desk.client, {"mark": "x"}),
        form("console.undo_import", f"{ledger}/undo", desk.client, {"rest": "1"}),
        form("console.drop_import", f"{ledger}/drop", desk.client, {"x": "x"}),
        form("console.assign", "/console/tasks", desk.client, task, kept={"note": _in(Task.note)}),
        path("console.comparison", "/console/tasks/{}/compare", desk.client),
        form("console.finish_comparison", f"/console/tasks/{SOME_ID}/compare", desk.client, {"note": "x"}),
        form("public.give_feedback", f"{label}/feedback", anyone, {"words": "x x"}, kept={"words": _in(Feedback.text)}),
        query("console.feedback", "/console/feedback", desk.client, {"page": "1"}),
        query("public.show_seal", label, anyone, {"on": day}, fine={"on": {"", *FREE_DAYS}}),
        query("public.show_seal", label, anyone, {"print": "large", "thanks": ""}, shows=True),
        form("console.read_feedback", f"/console/feedback/{SOME_ID}/read", desk.client, {"x": "x"}),
        form("console.finish_review", f"/console/visit/{SOME_ID}/reviewed", desk.client, {"note": "x"}),
        form("console.enter_verification", "/console/verification", lab.client, entry, kept=number),
        form("console.invite", "/console/invitation", desk.client, {"party": world.parties[0]}),
        form("console.end_member", "/console/invitation/end", desk.client, ending),
        form("merchant.accept", f"/m/i/{SOME_ID}", anyone, {"secret": "x"}),
        form("merchant.accept", delegation(shop), anyone, {"name": "周某"}, kept={"name": _in(Person.name)}),
        form("merchant.accept_field", f"/m/f/{SOME_ID}", anyone, {"x": "x"}),
        form("merchant.enter", "/m/enter", anyone, {"number": "13800000000"}, fine={"number": NUMBERS}),
        form("merchant.enter_code", "/m/enter/code", anyone, {"number": "13800000000", "code": "000000"}),
        form("merchant.number", "/m/number", shop.client, {"number": "13800000000"}, fine={"number": NUMBERS}),
        form("merchant.number_code", "/m/number/code", shop.client, {"number": "13800000000", "code": "000000"}),
        form("merchant.open_stall", "/m/stalls", shop.client, {"party": world.parties[0]}),
        form("merchant.end_delegation", "/m/people/end", shop.client, {"membership": SOME_ID}),
        form("merchant.sign", "/m/pledge", shop.client, signing(), kept={"signer_name": _in(Pledge.signer_name)}),
        Target("devices_api.enrol", "json", "/api/v1/devices", anyone, device),
        Target("devices_api.token", "json", "/api/v1/devices/token", anyone, claim),
        Target("sync_api.push", "json", "/api/v1/sync/push", anyone, {"ops": [raw]}, token),
        Target("sync_api.push", "record", "/api/v1/sync/push", anyone, {"corrects": SOME_ID, "note": "x"}, token),
        Target("sync_api.push", "record", "/api/v1/sync/push", anyone, world.visit(world.check(GOOD)), token),
        form("uploads_api.create", "/api/v1/uploads", anyone, {"Upload-Metadata": "x"}, headers=token),
        form("uploads_api.append", f"/api/v1/uploads/{SOME_ID}", anyone, {"x": "x"}, headers=token),
    ]
    found[-4].make_op, found[-3].make_op = (
        lambda text: op(text, "correction/1"),
        lambda text: op(text, "visit.record/1"),
    )
    found += [
        Target("calculators_api.x", "json", f"/api/v1/rules/{name}", anyone, body) for name, body in SOUND.items()
    ]
    found += [
        form("console.show_number", "/console/invitation/number", desk.client, ending),
        path("console.device", "/console/devices/{}", desk.client),
        path("console.lost_device", "/console/devices/{}/lost", desk.client),
        path("console.found_device", "/console/devices/{}/restore", desk.client),
        form("console.suspend_device", f"/console/devices/{spare.device_id}/lost", desk.client, {"why": "lost"}),
        form("console.restore_device", f"/console/devices/{SOME_ID}/restore", desk.client, {"x": "x"}),
        form("console.ask_again", f"/console/devices/{SOME_ID}/again", desk.client, {"x": "x"}),
        Target("sync_api.state", "json", "/api/v1/sync/state", anyone, a_state(), token),
        Target("devices_api.refresh", "json", "/api/v1/devices/refresh", anyone, again),
    ]
    found += of_people(world) + of_labels(world, desk.client)
    for target in found:
        if target.endpoint == "sync_api.balance":
            target.headers = token
    return found


def a_ledger(world: World) -> str:
    """Keep a ledger of two columns, and return its address."""
    session = db.session()
    begin_write()
    person = session.get_one(Person, world.supervisor)
    batch = imports.keep(session, person, name="x.csv", content=b"kind,serial\nscale,1\n", now=now())
    session.commit()
    return f"/console/imports/{batch.id}"


COLUMNS = {"header": "1", "column_kind": "0", "column_serial": "1", "unit_max_mg": ""}
FINE_COLUMNS: dict[str, set[str]] = {"header": {"1"}, "column_kind": {"0"}, "column_serial": {"1"}, "unit_max_mg": {""}}


def of_people(world: World) -> list[Target]:
    """Return the ways in of the staff: joining, the second factor, one's account, and the pages of administrators."""
    people, anyone = one_of_each(world), world.app.test_client()
    system, security, audit, halfway = (visitor(world).client for _ in range(4))
    roles = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
    for client, role in zip((system, security, audit), roles, strict=True):
        client.set_cookie("dingpan", cookie_of(people[role]))
    halfway.set_cookie("dingpan", cookie_of(people[Role.SUPERVISOR], is_whole=False))
    officer = visitor(world, "inspector").client
    unit = str(people[Role.INSPECTOR].unit_id)
    person = {
        "name": "x",
        "unit": unit,
        "role": "inspector",
        "sign_in_name": "someone",
        "card_no": "",
        "card_until": "",
    }
    passwords = {"old_password": "x", "password": "x", "password_again": "x"}
    acts: dict[str, str] = {"kind": "unlocked", "person": world.inspector, "page": "1"}
    fine_acts: dict[str, set[str]] = {name: {""} for name in acts}
    fine_acts["page"] |= {"1", "2"}
    by_path = ("approve", "invite_again", "suspend", "restore", "end_sign_ins", "unlock")
    found = [
        Target("accounts.invited", "path", "/join/{}", anyone, {"it": ""}),
        Target("accounts.join", "form", f"/join/{SOME_ID}", anyone, passwords),
        Target("accounts.code", "query", "/sign-in/code", halfway, {"next": "/"}, shows=True),
        Target("accounts.enter_code", "form", "/sign-in/code", halfway, {"code": "000000", "next": ""}),
        Target(
            "accounts.enrol_second_factor",
            "form",
            "/sign-in/second-factor",
            halfway,
            {"code": "000000", "hidden": "x", "next": ""},
        ),
        Target("accounts.end_sign_in", "form", f"/account/sign-ins/{SOME_ID}/end", officer, {"x": "x"}),
        Target("accounts.change_password", "form", "/account/password", officer, passwords),
        Target("console.people", "query", "/console/people", system, {"q": ""}, shows=True),
        Target("console.person", "path", "/console/people/{}", system, {"it": ""}),
        Target(
            "console.enter_person",
            "form",
            "/console/people",
            system,
            person,
            kept={"name": _in(Person.name), "card_no": _in(Person.card_no), "sign_in_name": _in(Person.sign_in_name)},
            fine={"card_until": {""}},
        ),
        Target(
            "console.renew_card",
            "form",
            f"/console/people/{world.colleague}/card",
            system,
            {"card_no": "", "card_until": ""},
            kept={"card_no": _in(Person.card_no)},
            fine={"card_until": {""}},
        ),
        Target("console.acts", "query", "/console/acts", audit, acts, fine=fine_acts),
        Target("console.acts_csv", "query", "/console/acts.csv", audit, acts, fine=fine_acts),
        Target("console.recusals", "query", "/console/recusals", officer, {"q": ""}, shows=True),
        Target("console.recusals", "query", "/console/recusals", officer, {"party": ""}, fine={"party": {""}}),
        Target(
            "console.tell_recusal",
            "form",
            "/console/recusals",
            officer,
            {"party": world.parties[0], "relation": "other", "person": ""},
            fine={"person": {""}},
        ),
        Target("console.end_recusal", "form", f"/console/recusals/{SOME_ID}/end", officer, {"x": "x"}),
    ]
    paths = {name: f"/console/people/{SOME_ID}/{name.replace('_', '-')}" for name in by_path}
    return found + [Target(f"console.{name}", "form", path, security, {"x": "x"}) for name, path in paths.items()]


def of_labels(world: World, desk: FlaskClient) -> list[Target]:
    """Return the ways in to the stock of labels and to what happened to physical seals."""
    begin_write()
    db.session.add(a_label(world, 4_000_001, None))
    db.session.commit()
    issue = {"move": "issued", "first": "4000001", "last": "", "person": world.inspector, "reason": ""}
    event = {"instrument": world.instruments[0], "position": "housing", "owner": "verification", "act": "found_broken"}
    told = {"done_on": world.day.isoformat(), "old_number": "", "new_number": "", "authority": "", "note": ""}
    kept = {name: _in(getattr(PhysicalSealEvent, name)) for name in ("old_number", "new_number", "authority", "note")}
    seals, labels = "/console/physical-seals", "/console/labels"
    return [
        Target("console.labels", "query", labels, desk, {"q": "", "done": "1"}, shows=True),
        Target("console.order_labels", "form", f"{labels}/order", desk, {"region": "411602", "count": "1"}),
        Target(
            "console.move_labels",
            "form",
            f"{labels}/move",
            desk,
            issue,
            kept={"reason": _in(SealEvent.note)},
            fine={"last": {""}},
        ),
        Target("console.physical_seals", "query", seals, desk, {"q": ""}, shows=True),
        Target("console.physical_seals", "query", seals, desk, {"instrument": ""}),
        Target("console.enter_seal_event", "form", seals, desk, event | told, kept=kept),
    ]


def merchant_of_the_market(world: World) -> Visitor:
    """Return the browser of whoever operates the market."""
    person = visitor(world)
    accept(person, invitation(world, 1))
    return person


NUMBERS: set[str] = set()
FREE_DAYS = ("20260101", "2026-W01-1")


def _in(column: Any) -> Callable[[str], bool]:
    """Say whether a column holds a text as it was typed, without the white space around it.

    What is no UTF-8 in a form is read as it was spelled, with its percent signs.
    """

    def _is_kept(text: str) -> bool:
        read = _bytes(text).decode("utf-8", "werkzeug.url_quote").strip()
        return db.session.query(column).filter(column == read).count() > 0

    return _is_kept
