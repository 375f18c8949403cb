"""The fixed corpus of bad inputs against every route that takes input, on both databases.

No input is a fault of the server, none takes longer than two seconds, and none is accepted in silence: what is taken
is kept as it was sent, and a field of one form takes nothing of another.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
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
from server.policy import POLICY
from server.register_import import service as imports
from server.seals.models import SealEvent
from server.sms.console import ConsoleSms
from server.sms.service import Sender
from server.sync.models import StoredOp
from tests.faults.bad_inputs import COUNTS, Bad, corpus, of
from tests.server.calculating import SOUND
from tests.server.every_route import SOME_ID, calls
from tests.server.joining import accept, delegation, operate
from tests.server.pages import Visitor, visitor
from tests.server.people import cookie_of, one_of_each
from tests.server.standing import a_state
from tests.server.test_pages_merchant import invitation, merchant, signing
from tests.server.world import GOOD, World, a_label

LONGEST_S = 2.0  # of computing: how busy the machine is must not decide
MARK = "here the bad one goes"
PLACE = {"latitude": "33.63", "longitude": "114.65"}
# In every run each input goes to every eighth way in, at its turn, on PostgreSQL to every 24th, for only what a
# statement is given can make a difference there; in the long run to all, in every field.
SHARES = {"sqlite": 8, "postgresql": 24}
LONGEST_ADDRESS = 4_096  # what stands in front of the server takes no longer one


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


def is_taken(answer: TestResponse, target: Target) -> bool:
    """Say whether the server took something in, or answered as if all were well."""
    if target.how == "record":
        return answer.status_code == 200 and answer.json["results"][0]["status"] == "applied"
    if target.endpoint == "merchant.sign" and answer.status_code == 303:
        return "again" not in str(answer.location)
    return answer.status_code in (200, 201, 204, 303) and not target.shows


def silently(target: Target, bad: Bad, name: str) -> bool:
    """Say whether what was taken is not what was sent: a free text is kept as it is, another field takes nothing."""
    if target.how == "record":
        return not _stands_in_an_op(bad)
    if name in target.kept:
        return not target.kept[name](bad.text)
    if target.endpoint == "console.assign" and name == "note":
        return False
    text = bad.text.strip()
    is_sound = FINE.get((target.endpoint, name), lambda _: False)
    return text not in target.fine.get(name, set()) and not is_sound(text)


def _is_whole(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: text.isascii() and text.isdecimal() and least <= int(text) <= most


# A sound value of one field is a bad input of another.
FINE: dict[tuple[str, str], Callable[[str], bool]] = {
    ("console.order_labels", "count"): _is_whole(1, 10_000),
    ("audit_api.consistency", "first"): lambda text: text == "0",
    ("audit_api.consistency", "second"): _is_whole(0, 1),
    ("console.drop_import", "x"): lambda text: not text,  # a form takes what is empty for what is not there
    # Three parts with dots are a cursor of another epoch: the phone is given everything again.
    ("sync_api.changes", "cursor"): lambda text: not text or text.count(".") == 2,
    ("sync_api.changes", "limit"): _is_whole(1, 500),
    ("console.feedback", "page"): lambda text: text == "1",
    ("sync_api.balance", "first"): _is_whole(0, (1 << 63) - 1),
    ("sync_api.balance", "last"): _is_whole(0, (1 << 63) - 1),
    ("calculators_api.x", "marked"): lambda text: text in ("0.0005kg", "0.0005斤", "0.0005两"),
}


def _stands_in_an_op(bad: Bad) -> bool:
    return any(bad.json.encode() in (op.body or b"") for op in db.session.query(StoredOp))


def fields_of(target: Target, turn: int, is_full: bool) -> list[str]:
    """All fields of a target, or the one whose turn it is."""
    names = list(target.sound)
    return names if is_full else [names[turn % len(names)]]


def trials(world: World, kind: str, is_full: bool) -> Iterator[tuple[Target, Bad, str]]:
    share = SHARES[db.engine.dialect.name]
    for place, target in enumerate(targets(world)):
        for number, bad in enumerate(of(kind)):
            if not is_full and (place + number) % share:
                continue
            if bad.body is None and target.how in ("path", "query") and len(bad.text) > LONGEST_ADDRESS:
                continue
            whole = bad.body is not None or target.how == "path"
            for name in [""] if whole else fields_of(target, number // share, is_full):
                yield target, bad, name


@pytest.mark.parametrize("kind", COUNTS)
def test_no_bad_input_is_a_fault_or_a_wait_or_taken_in_silence(
    world: World, kind: str, is_full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(world.app.config, "PROPAGATE_EXCEPTIONS", False)
    wrong, asked = [], 0
    for target, bad, name in trials(world, kind, is_full):
        for _ in range(bad.copies):
            began = time.process_time()
            answer = target.send(bad, name)
            took_s = time.process_time() - began
            where = f"{target.endpoint} {name} {bad.text[:40]!r}{(bad.body or b'')[:40]!r}{bad.headers}"
            if answer.status_code >= 500:
                wrong.append(f"{answer.status_code} {where}")
            if took_s > LONGEST_S:
                wrong.append(f"{took_s:.1f} s {where}")
            if bad.body is None and is_taken(answer, target) and silently(target, bad, name):
                wrong.append(f"taken: {answer.status_code} {where}")
            asked += 1
            answer.close()
    assert wrong == []
    assert asked > COUNTS[kind] * (5 if db.engine.dialect.name == "sqlite" else 2)


def test_the_corpus_is_what_it_says() -> None:
    assert len(corpus()) == sum(COUNTS.values()) == 788
    assert len(COUNTS) == 24
    assert corpus() == corpus()


TAKES_NOTHING = {
    "accounts.sign_out",
    "accounts.end_others",
    "console.issue_code",
    "merchant.delegate",
    "merchant.forget_number",
}
TAKES_NOTHING |= {"personal.download", "uploads_api.offset"}


def test_every_route_that_takes_input_is_a_target(sqlite_world: World) -> None:
    """Every address with an argument, and every method that carries a body."""
    known = {target.endpoint for target in targets(sqlite_world)} | TAKES_NOTHING
    takes = {call.endpoint for call in calls(sqlite_world.app) if call.rule.arguments or call.method != "GET"}
    forgotten = {endpoint for endpoint in takes - known if not endpoint.startswith("calculators_api.")}
    assert forgotten == set()
    assert {endpoint for endpoint in known if not endpoint.startswith("calculators_api.")} <= {
        name for name, _ in POLICY
    }
