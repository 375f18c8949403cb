"""Ids of somebody else's things, of the right type: not found, on every route that takes an id, for everyone.

What a stranger's id is answered with must not even tell whether there is such a thing. Routes and fields that take ids
are found by walking the app and the schemas; one that nobody has said a foreign id for is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server import policy
from server.accounts.models import Person, Role
from server.database import db
from server.evidence.folder import FolderStore
from server.evidence.models import Upload
from server.memberships import service as memberships
from server.policy import POLICY, row_of
from server.registry.models import Instrument
from shared.wire import evidence, push, register, visit
from shared.wire.strict import Hex64, StrictSchema, Uuid, Uuid7
from tests.server.every_route import Call, calls
from tests.server.joining import delegate_of, memberships_of, operate
from tests.server.pages import Visitor, visitor
from tests.server.people import cookie_of, one_of_each, somebody, token_of
from tests.server.protocol import send
from tests.server.test_pages_merchant import merchant
from tests.server.test_scope_of_records import far as far_fixture
from tests.server.world import GOOD, Phone, World, new_id, now

far = far_fixture
SECRETS = ("FAR-1", "market 411681", "B01")  # what stands only on the strangers' side
NO_ID_64, NO_ID = "0" * 64, "019aa111-0000-7000-8000-00000000dead"
TUS = {
    "Tus-Resumable": "1.0.0",
    "Upload-Offset": "0",
    "X-HTTP-Method-Override": "PATCH",
    "Content-Type": "application/offset+octet-stream",
}
OWN_ANSWER = (200, 204, 303)


@dataclass
class Side:
    """One region's things: who may see them, and their ids by the name of the argument that takes them."""

    phone: Phone
    person: str
    ids: dict[str, str]


def a_side(world: World, person: str, number: int) -> Side:
    """Let somebody send a visit in the own region, with a picture and an upload under way."""
    phone = world.phone(person)
    place = world.far_place if number else world.place
    officers = [{"person": person, "capacity": "officer", "card_no": "1"}]
    check = world.check(GOOD, instrument=-number, tested_by=person, custody=world.custodies[-number])
    body = world.visit(check, party=-number, place=place, participants=officers)
    (entry,) = send(world.app, phone, op := phone.op("visit.record/1", body))
    assert entry["status"] == "applied", entry
    sha256 = FolderStore(world.app.extensions["dingpan"].settings.evidence_dir).put(f"\xff\xd8 {number}".encode())
    db.session.get_one(Instrument, world.instruments[-number]).photo_sha256 = sha256
    about = {"told": "", "length": 9, "offset": 0, "state": "open", "made_at": now()}
    upload = Upload(
        id=new_id(now()),
        person_id=person,
        record_id=body["id"],
        sha256=NO_ID_64,
        expires_at=now() + timedelta(hours=1),
        **about,
    )
    db.session.add(upload)
    db.session.commit()
    ids = {"visit_id": str(body["id"]), "sha256": sha256, "upload_id": upload.id, "op_id": op.op_id}
    ids |= {"device_id": phone.device_id, "instrument": world.instruments[-number], "party": world.parties[-number]}
    ids |= {"place": place, "place_id": place, "person": person, "membership": a_delegate(world.parties[-number])}
    return Side(phone, person, ids)


def a_delegate(party_id: str) -> str:
    """Let somebody act for a party by delegation; return the id of the membership."""
    helper = somebody(Role.MERCHANT)
    found = memberships.join(db.session(), helper, party_id, memberships.Capacity.DELEGATE, granted_by=None, now=now())
    db.session.commit()
    return found.id


@pytest.fixture
def sides(far: World) -> tuple[Side, Side]:
    """Ours and theirs; of the lists of the world, theirs is the last and ours the first."""
    return a_side(far, far.inspector, 0), a_side(far, far.stranger, 1)


@pytest.fixture
def people(far: World) -> dict[Role, Person]:
    """Somebody of each role on our side."""
    return one_of_each(far)


def private_calls(world: World, values: dict[str, str]) -> Iterator[Call]:
    """Every call of a route that is not for everyone and whose address names something."""
    for call in calls(world.app, values):
        if call.rule.arguments and row_of(call.endpoint, call.method).roles is not None:
            yield call


@dataclass
class Caller:
    """Somebody who may ask by cookie and by token; each request is a new browser, so that none changes another."""

    world: World
    person: Person

    def __post_init__(self) -> None:
        self.cookie, self.token = cookie_of(self.person), token_of(self.person)

    def ask(self, call: Call, **more: Any) -> TestResponse:
        client = visitor(self.world).client
        headers = dict(TUS)
        if row_of(call.endpoint, call.method).via == "token":
            headers["Authorization"] = f"Bearer {self.token}"
        else:
            client.set_cookie(policy.cookie_name(secure=False), self.cookie)
        return client.open(call.path, method=call.method, headers=headers, buffered=True, **more)


def assert_says_nothing(answer: TestResponse, like: TestResponse, where: object) -> None:
    """The answer is that of an id which does not exist, and names nothing of theirs."""
    assert answer.status_code == like.status_code, where
    assert [word for word in SECRETS if word in answer.text] == [], where


def leaks(world: World, people: dict[Role, Person], theirs: Side) -> list[str]:
    """Ask for their things by every route and role; return where the answer is any other than "not found"."""
    found = []
    for role, person in people.items():
        caller = Caller(world, person)
        none = {(call.endpoint, call.method): call for call in private_calls(world, {"sha256": NO_ID_64})}
        for call in private_calls(world, theirs.ids):
            answer, like = caller.ask(call), caller.ask(none[call.endpoint, call.method])
            wanted = 404 if role in (row_of(call.endpoint, call.method).roles or ()) else 403
            told = [word for word in SECRETS if word in answer.text]
            if answer.status_code != wanted or like.status_code != wanted or told:
                found.append(f"{call.endpoint} {call.method} as {role}: {answer.status_code}, {like.status_code}")
    return found


@pytest.fixture(autouse=True)
def _without_form_tokens(sqlite_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sqlite_app.config, "WTF_CSRF_ENABLED", False)


def test_no_route_answers_about_somebody_elses_things(
    far: World, people: dict[Role, Person], sides: tuple[Side, Side]
) -> None:
    assert leaks(far, people, sides[1]) == []


def test_every_route_that_names_something_has_something_of_theirs_to_ask_for(
    far: World, sides: tuple[Side, Side]
) -> None:
    """And whoever owns it is answered: else "not found" would prove nothing."""
    officer = Caller(far, db.session.get_one(Person, far.stranger))
    operate(far, far.far_place, party=-1)
    operator = Caller(far, somebody(Role.OPERATOR, party_id=far.parties[-1]))
    known = sides[1].ids
    asked = set()
    for call in private_calls(far, known):
        assert set(call.rule.arguments) <= set(known), f"say what a foreign {call.rule.arguments} is"
        owner = operator if row_of(call.endpoint, call.method).roles == policy.OPERATING else officer
        assert owner.ask(call).status_code in OWN_ANSWER, call
        asked.add(call.endpoint)
    assert {"console.visit", "console.picture", "evidence_api.evidence"} <= asked


def test_a_planted_leak_is_found(
    far: World, people: dict[Role, Person], sides: tuple[Side, Side], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A route that forgets the scope, and one that says 403 where it should say nothing."""
    app = far.app
    app._got_first_request = False
    app.add_url_rule("/console/leak/<visit_id>", "leak", lambda visit_id: f"visit {visit_id}")
    app.add_url_rule("/console/tell/<visit_id>", "tell", lambda visit_id: ("no", 403))
    for name in ("leak", "tell"):
        monkeypatch.setitem(POLICY, (name, "GET"), POLICY["console.visit", "GET"])
    found = leaks(far, people, sides[1])
    assert {line.split()[0] for line in found} == {"leak", "tell"}


# --- ids in queries and forms ---------------------------------------------------------------------------------------

QUERIES: dict[tuple[str, str], tuple[str, str]] = {
    ("console.verification", "instrument"): ("verifier", "/console/verification?instrument={}"),
    ("console.invitation", "party"): ("supervisor", "/console/invitation?party={}"),
}
FORMS: dict[tuple[str, str], tuple[str, str, int]] = {
    ("console.enter_verification", "instrument"): ("verifier", "/console/verification", 404),
    ("console.invite", "party"): ("supervisor", "/console/invitation", 404),
    ("console.assign", "place"): ("supervisor", "/console/tasks", 422),
    ("console.assign", "person"): ("supervisor", "/console/tasks", 422),
    ("console.end_member", "party"): ("supervisor", "/console/invitation/end", 404),
    ("console.end_member", "membership"): ("supervisor", "/console/invitation/end", 404),
    ("merchant.open_stall", "party"): ("merchant", "/m/stalls", 404),
    ("merchant.end_delegation", "membership"): ("merchant", "/m/people/end", 404),
}


@pytest.mark.parametrize(("endpoint", "field"), QUERIES)
def test_a_query_finds_nothing_of_theirs(far: World, sides: tuple[Side, Side], endpoint: str, field: str) -> None:
    name, path = QUERIES[endpoint, field]
    desk = visitor(far, name)
    foreign, none = desk.get(path.format(sides[1].ids[field])), desk.get(path.format(NO_ID))
    assert foreign.status_code == 404
    assert_says_nothing(foreign, none, endpoint)
    assert desk.get(path.format(sides[0].ids[field])).status_code == 200


@pytest.mark.parametrize(("endpoint", "field"), FORMS)
def test_a_form_about_something_of_theirs_does_nothing(
    far: World, sides: tuple[Side, Side], endpoint: str, field: str
) -> None:
    name, path, status = FORMS[endpoint, field]
    desk, day = browser(far, name), far.day.isoformat()
    sound = {"instrument": far.instruments[0], "party": far.parties[0], "place": far.place, "person": far.inspector}
    sound |= {"kind": "periodic", "result": "passed", "document_no": "T-1", "done_on": day, "due_on": day}
    if endpoint in ("console.end_member", "merchant.end_delegation"):
        sound["membership"] = delegated(far)
    fields = {"instrument": ("instrument", "kind", "result", "document_no", "done_on"), "party": ("party",)}
    fields["membership"] = ("membership",)
    names = fields.get(field, ("place", "person", "due_on"))
    if endpoint == "console.end_member":
        names = ("membership", "party")
    before = everything()
    foreign = desk.post(path, **{one: sound[one] for one in names} | {field: sides[1].ids[field]})
    none = desk.post(path, **{one: sound[one] for one in names} | {field: NO_ID})
    assert foreign.status_code == status
    assert_says_nothing(foreign, none, endpoint)
    assert everything() == before
    assert desk.post(path, **{one: sound[one] for one in names}).status_code in OWN_ANSWER


def browser(world: World, name: str) -> Visitor:
    """Return the browser of somebody of the staff, or of our merchant."""
    return merchant(world) if name == "merchant" else visitor(world, name)


def delegated(world: World) -> str:
    """Return a membership on our side: whom our merchant lets act for it."""
    principal = merchant(world)
    delegate_of(world, principal)
    return next(one.id for one in memberships_of(world.parties[0]) if one.granted_by is not None)


def everything() -> dict[str, int]:
    """How many rows each table has."""
    db.session.rollback()
    tables = db.Model.metadata.tables
    return {name: db.session.query(table).count() for name, table in tables.items() if name != "rate_count"}


def test_a_phone_is_told_nothing_of_another_phone(far: World, sides: tuple[Side, Side]) -> None:
    ours, theirs = sides
    for path, field in (
        ("/api/v1/sync/balance?first=1&last=9&device_id={}", "device_id"),
        ("/api/v1/log/inclusion?size=1&op_id={}", "op_id"),
    ):
        answers = [
            ours.phone.client.get(path.format(one), headers=ours.phone.headers) for one in (theirs.ids[field], NO_ID)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert answers[0].json["detail"] == answers[1].json["detail"]
        assert ours.phone.client.get(path.format(ours.ids[field]), headers=ours.phone.headers).status_code == 200


# --- completeness ---------------------------------------------------------------------------------------------------

IN_SIGNED_RECORDS = "what a record may name is asked in test_scope_of_records and test_push_taken_ids"
PROVEN_BY_SIGNATURE = "the phone proves by its key that the id is its own: test_accounts"
RECORDS = {register.InstrumentSchema, register.BindSchema, register.CorrectionSchema, visit.VisitSchema}
RECORDS |= {visit.InspectionSchema, visit.CheckSchema, visit.ParticipantSchema, push.OpSchema, evidence.EvidenceSchema}
ASKED: dict[type[StrictSchema], str] = dict.fromkeys(RECORDS, IN_SIGNED_RECORDS)
BY_NAME = {
    "EnrolSchema": PROVEN_BY_SIGNATURE,
    "TokenSchema": PROVEN_BY_SIGNATURE,
    "MetadataSchema": "a file is taken only for a record of the sender that names it: test_evidence_uploads",
    "TaskSchema": "FORMS",
    "VerificationSchema": "FORMS",
    "StallSchema": "FORMS",
    "MembershipSchema": "FORMS",
    "BalanceQuerySchema": "test_a_phone_is_told_nothing_of_another_phone",
    "InclusionSchema": "test_a_phone_is_told_nothing_of_another_phone",
}
IDS = (Uuid, Uuid7, Hex64)


def schemas(base: type[StrictSchema] = StrictSchema) -> Iterator[type[StrictSchema]]:
    """Yield every schema of a request."""
    for schema in base.__subclasses__():
        if schema.__module__.startswith(("server.", "shared.")):
            yield schema
            yield from schemas(schema)


def test_every_schema_that_takes_an_id_is_asked_with_a_foreign_one(sqlite_app: Any) -> None:
    takes: dict[type[StrictSchema], Callable[..., Any] | list[str]] = {}
    for schema in schemas():
        names = [name for name, field in schema._declared_fields.items() if isinstance(field, IDS)]
        if names:
            takes[schema] = names
    assert len(takes) > 10
    forgotten = {schema.__name__: names for schema, names in takes.items() if schema not in ASKED}
    assert {name: names for name, names in forgotten.items() if name not in BY_NAME} == {}
