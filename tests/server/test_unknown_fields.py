"""Fields that nobody asked for, and fields that are the server's alone: refused on every schema a request can fill.

Nothing is listed: the operations come from the API's own description, the forms and records from their schemas, so
that a new one is asked by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from marshmallow import RAISE, Schema, ValidationError, fields

from server.accounts.models import Role
from server.clock import new_id, now
from server.database import Base, db
from server.limits import limiter
from server.policy import row_of
from server.sms.console import ConsoleSms
from server.sms.service import Sender
from server.sync.kinds import KINDS
from shared.dates import instant_text
from shared.wire import custody, physical_seal, register, verification, visit
from shared.wire.strict import OpenSchema, StrictSchema
from tests.server.every_route import calls
from tests.server.pages import visitor
from tests.server.people import cookie_of, one_of_each
from tests.server.test_foreign_ids import schemas
from tests.server.test_pages_merchant import merchant
from tests.server.test_public_copies import PHOTO, hang_up
from tests.server.world import GOOD, World

# What the server alone says of a record, by the names of its columns and of what people might guess.
OWNED = (
    *("region", "region_id", "region_code", "inspector", "inspector_id", "score", "points", "grade", "status", "state"),
    *("signed_at", "role", "roles", "unit", "unit_id", "person_id", "party_id", "verdict", "server_verdict", "rev"),
    *("verdict_by_server", "received_at", "entered_at", "made_by", "recorded_by", "is_disputed", "is_suspended", "seq"),
    *("is_admin", "is_confirmed", "is_current", "leaf_sha256", "receipt", "created_at", "updated_at", "deleted", "id"),
    *("password_hash", "op_id", "op_sha256", "ruleset", "limit_mg", "error_mg", "settled_by", "public_code", "kept"),
)
STRANGE = (
    "surprise",
    "__proto__",
    "_id",
    "$where",
    "constructor",
    "Region",
    "REGION",
    "region ",
    "ｒｅｇｉｏｎ",
    "",
    "\0",
)


def columns() -> set[str]:
    """The name of every column of every table."""
    return {column.name for table in Base.metadata.tables.values() for column in table.columns}


def taken(schema: type[Schema]) -> set[str]:
    """The names that a schema takes."""
    return {field.data_key or name for name, field in schema._declared_fields.items()}


def owned() -> list[str]:
    """The server's own words: those above, and every column that no request fills by its name."""
    return sorted({*OWNED} | columns() - set[str]().union(*map(taken, schemas())))


def added(schema: type[Schema]) -> list[str]:
    """The names to add to a schema: what it does not take itself, though another one may."""
    return sorted({*OWNED, *columns(), *STRANGE} - taken(schema))


def writable() -> list[type[StrictSchema]]:
    """Every schema that is used itself; one that others are made from is asked through them."""
    used = {schema for schema in schemas() if not schema.__subclasses__()}
    return sorted(used, key=lambda schema: (schema.__module__, schema.__name__))


@pytest.fixture
def _loaded(sqlite_app: Flask) -> None:
    """Every schema is there once the app is."""


def refused(schema: type[Schema], body: dict[str, Any]) -> dict[str, Any]:
    """Load a body that is not whole, and return what was wrong with it."""
    with pytest.raises(ValidationError) as told:
        schema().load(body)
    messages: dict[str, Any] = told.value.normalized_messages()  # type: ignore[no-untyped-call]
    return messages


@pytest.mark.usefixtures("_loaded")
def test_every_schema_of_a_request_refuses_every_field_it_does_not_take() -> None:
    tried = 0
    for schema in writable():
        names = added(schema)
        told = refused(schema, dict.fromkeys(names, "4116"))
        assert {name for name in names if "Unknown field." in told.get(name, [])} == set(names), schema
        tried += len(names)
    assert tried > 1_000


@pytest.mark.usefixtures("_loaded")
def test_no_schema_of_a_request_lets_unknown_fields_pass_anywhere_inside() -> None:
    """Also not where one is nested in another with a rule of its own."""
    for schema in writable():
        assert schema.Meta.unknown == RAISE, schema
        for name, field in schema._declared_fields.items():
            for inner in _nested(field):
                assert isinstance(inner.schema, StrictSchema), (schema, name)
                assert inner.unknown in (None, RAISE), (schema, name)


def _nested(field: Any) -> Iterator[fields.Nested]:
    if isinstance(field, fields.Nested):
        yield field
    elif isinstance(field, fields.List):
        yield from _nested(field.inner)


def test_what_a_column_is_called_is_tried_too(sqlite_app: Flask) -> None:
    """The list above knows what people might guess, the tables know the rest."""
    guessed = {"region", "status", "state", "role", "unit_id", "person_id", "party_id", "received_at", "signed_at"}
    assert guessed <= columns() & set(OWNED)
    kept = {"is_suspended", "approved_at", "totp_sealed", "is_whole", "granted_by", "wipe_told_at", "points", "used_at"}
    assert kept | {"suspended_at", "operator_id", "phone_zone", "told_by", "family_id", "verdict"} <= set(owned())
    assert len(owned()) > 150


def test_a_schema_that_lets_fields_pass_is_found(sqlite_app: Flask) -> None:
    class Lax(OpenSchema):
        """A planted schema."""

        name = fields.String()

    assert Lax().load({"name": "x", "role": "administrator"}) == {"name": "x"}
    assert Lax.Meta.unknown != RAISE


# --- over HTTP: the API ---------------------------------------------------------------------------------------------


def operations(app: Flask) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and description of every operation of the API."""
    for path, item in app.test_client().get("/api/v1/openapi.json").json["paths"].items():
        shared = item.get("parameters", [])
        for method, told in item.items():
            if method != "parameters":
                yield path, method, told | {"parameters": [*shared, *told.get("parameters", [])]}


def test_every_operation_with_a_json_body_refuses_unknown_fields(sqlite_world: World) -> None:
    phone, asked = sqlite_world.phone(), []
    for path, method, told in operations(sqlite_world.app):
        if "application/json" not in told.get("requestBody", {}).get("content", {}):
            continue
        body = dict.fromkeys((*owned(), *STRANGE[:-1]), "4116")
        answer = phone.client.open(path, method=method.upper(), json=body, headers=phone.headers)
        assert answer.status_code in (400, 422), path
        pointers = {row["pointer"] for row in answer.json["errors"]}
        unknown = {row["pointer"] for row in answer.json["errors"] if "没有这个字段" in row["detail"]}
        assert len(unknown) > 150, path
        wanted = {"/score", "/role", "/unit_id", "/received_at", "/is_suspended", "/approved_at", "/__proto__"}
        assert wanted <= unknown, (path, pointers)
        asked.append(path)
    assert len(asked) >= 8


def test_every_operation_with_a_query_refuses_unknown_fields(sqlite_world: World) -> None:
    """Those that take a query; whoever takes none, reads none."""
    phone, asked = sqlite_world.phone(), []
    for path, method, told in operations(sqlite_world.app):
        names = {row["name"] for row in told["parameters"] if row.get("in") == "query"}
        if not names:
            continue
        for name in ("region", "person_id", "role", "surprise"):
            answer = phone.client.open(path, method=method.upper(), query_string={name: "4116"}, headers=phone.headers)
            assert answer.status_code == 422, (path, name)
            assert f"/{name}" in {row["pointer"] for row in answer.json["errors"]}, (path, name)
        asked.append(path)
    assert len(asked) >= 3


# --- over HTTP: records, which travel as signed text ----------------------------------------------------------------


def a_file(kind: str) -> dict[str, Any]:
    return {"sha256": "0" * 64, "bytes": 1, "kind": kind, "check": None}


def bodies(world: World) -> dict[str, Callable[[], dict[str, Any]]]:
    """Make a sound body of each kind of record."""
    return {
        visit.KIND: lambda: world.visit(world.check(GOOD)),
        register.REGISTER: lambda: {
            "id": new_id(now()),
            "kind": "scale",
            "serial": "1",
            "custody": {"kind": "own"},
            "evidence": [a_file("nameplate")],
        },
        register.BIND: lambda: {
            "instrument": world.instruments[0],
            "serial": 1_000_001,
            "evidence": [a_file("label_in_place")],
        },
        verification.KIND: lambda: {
            "id": new_id(now()),
            "instrument": world.instruments[0],
            "kind": "initial",
            "result": "failed",
            "document_no": "T",
            "done_on": world.day.isoformat(),
            "valid_until": None,
        },
        custody.KIND: lambda: {
            "id": new_id(now()),
            "first": world.instruments[0],
            "second": world.instruments[1],
            "on": world.day.isoformat(),
        },
        physical_seal.KIND: lambda: {
            "id": new_id(now()),
            "instrument": world.instruments[0],
            "at": instant_text(now()),
            "position": "housing",
            "owner": "verification",
            "act": "found_broken",
        },
        register.CORRECTION: lambda: {"corrects": new_id(now()), "note": "x"},
    }


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where every object of a body stands."""
    if isinstance(body, dict):
        yield at
        for name, below in body.items():
            yield from places(below, (*at, name))
    elif isinstance(body, list):
        for number, below in enumerate(body):
            yield from places(below, (*at, number))


def test_every_object_of_a_record_refuses_what_the_server_alone_says(sqlite_world: World) -> None:
    phone, tried = sqlite_world.phone(), 0
    assert set(bodies(sqlite_world)) == set(KINDS)
    for kind, make in bodies(sqlite_world).items():
        for at in places(make()):
            body = make()
            inner: Any = body
            for step in at:
                inner = inner[step]
            before = set(inner)
            inner |= {name: "4116" for name in owned() if name not in before}
            (entry,) = phone.answers(phone.op(kind, body))
            assert entry["status"] == "rejected", (kind, at)
            told = {row["pointer"].rpartition("/")[2] for row in entry["problem"]["errors"]}
            assert told >= set(owned()) - before, (kind, at, told)
            tried += 1
    assert tried >= 8


# --- over HTTP: forms -----------------------------------------------------------------------------------------------

# Forms of one button.
READ_NOTHING = {
    "accounts.sign_out",
    "console.issue_code",
    "console.ask_again",
    "console.restore_device",
    "personal.download",
    "merchant.accept",
    "merchant.accept_field",
    "merchant.delegate",
    "merchant.forget_number",
}
BUTTONS = ("approve", "invite_again", "suspend", "restore", "end_sign_ins", "unlock", "end_recusal", "read_feedback")
READ_NOTHING |= {"accounts.end_sign_in", "accounts.end_others", *(f"console.{name}" for name in BUTTONS)}
READ_NOTHING |= {"accounts.join"}  # without a link nothing is read
READ_ONE = {"console.invite", "console.end_member", "console.show_number"}  # ids alone


def test_every_form_refuses_or_ignores_what_the_server_alone_says(sqlite_world: World) -> None:
    """A refusal names the field; where nothing is read, nothing of it may come to stand anywhere."""
    sqlite_world.app.extensions["dingpan_sms"] = Sender(ConsoleSms())
    people = {"supervisor": visitor(sqlite_world, "supervisor"), "verifier": visitor(sqlite_world, "verifier")}
    people["merchant"] = merchant(sqlite_world)
    people["inspector"] = visitor(sqlite_world, "inspector")
    administrators = one_of_each(sqlite_world)
    for role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR):
        people[role] = visitor(sqlite_world)
        people[role].client.set_cookie("dingpan", cookie_of(administrators[role]))
        people[role].get("/account")
    values = {"sha256": hang_up(sqlite_world, PHOTO), "device_id": sqlite_world.phone().device_id}
    values |= {"person_id": sqlite_world.colleague}
    asked = set()
    for call in calls(sqlite_world.app, values):
        row = row_of(call.endpoint, call.method)
        if call.method != "POST" or row.via == "token" or call.path.startswith("/api/") or "sign_out" in call.endpoint:
            continue
        for name, person in people.items():
            limiter.reset()
            added_fields = dict.fromkeys(owned(), f"planted by {name}")
            sound = {"instrument": sqlite_world.instruments[0], "party": sqlite_world.parties[0]}
            answer = person.post(call.path, **sound, **added_fields)
            asked.add(call.endpoint)
            if call.endpoint not in READ_NOTHING | READ_ONE and answer.status_code not in (400, 401, 403, 404):
                assert answer.status_code == 422, (call.endpoint, name)
    assert len(asked) >= 7
    assert planted() == []


def planted() -> list[str]:
    """Every column in which a planted text stands."""
    db.session.rollback()
    found = []
    for table in Base.metadata.tables.values():
        for row in db.session.execute(table.select()).mappings():
            found += [f"{table.name}.{name}" for name, value in row.items() if "planted by" in str(value)]
    return found
