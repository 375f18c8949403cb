"""Nothing that takes an id is left out: every place where one may travel is asked with somebody else's.

The policy's matrix asks for foreign things by every address, query, form and record of ``asking``; here routes, sources
and schemas are walked, so that an argument nobody has named is a failure and not a gap.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from flask import Flask

from server.policy import row_of
from shared.wire import custody, evidence, physical_seal, push, register, verification, visit
from shared.wire.strict import Hex64, StrictSchema, Uuid, Uuid7
from tests.server.asking import ASKED, FOR_EVERYBODY
from tests.server.cells import Situation
from tests.server.every_route import calls
from tests.server.matrix import Matrix

IDS = (Uuid, Uuid7, Hex64)

# What is typed into a query or form, read by its name, and names no thing.
NO_IDS = {
    *("q", "name", "day", "next", "lang", "assigned", "signed", "again", "done", "ended", "gone", "kept"),
    *("on", "print", "thanks", "header", "show"),
}

# Fields of schemas that take an id and are asked elsewhere, each with where or why.
IN_SIGNED_RECORDS = "what a record may name is asked in test_scope_of_records and test_push_taken_ids"
PROVEN_BY_SIGNATURE = "the phone proves by its key that the id is its own: test_accounts"
RECORDS = {register.InstrumentSchema, register.BindSchema, register.CorrectionSchema, visit.VisitSchema}
RECORDS |= {visit.InspectionSchema, visit.CheckSchema, visit.ParticipantSchema, push.OpSchema, evidence.EvidenceSchema}
RECORDS |= {physical_seal.PhysicalSealSchema, register.CustodySchema}
RECORDS |= {verification.VerificationSchema, custody.SwapSchema}
ELSEWHERE: dict[tuple[str, str], str] = {
    ("EnrolSchema", "device_id"): PROVEN_BY_SIGNATURE,
    ("StallSchema", "party"): "as merchant.open_stall, in the table of what is asked",
    ("MembershipSchema", "membership"): "as merchant.end_delegation, in the same",
    ("RefreshSchema", "device_id"): PROVEN_BY_SIGNATURE,
    ("TokenSchema", "device_id"): PROVEN_BY_SIGNATURE,
    ("TokenSchema", "person_id"): PROVEN_BY_SIGNATURE,
    ("MetadataSchema", "sha256"): "a file is taken only for a record of the sender that names it: test_uploads",
    ("PledgeSchema", "sha256"): "of the text that is signed, which is everybody's",
}


def schemas(base: type[StrictSchema] = StrictSchema) -> Iterator[type[StrictSchema]]:
    """Yield every schema of a request."""
    for schema in base.__subclasses__():
        if schema.__module__.startswith(("server.", "shared.")):
            yield schema
            yield from schemas(schema)


def asked_names(app: Flask, module: str) -> set[str]:
    """Return the ids that the routes of a module are asked with."""
    endpoints = {name for name, view in app.view_functions.items() if inspect.unwrap(view).__module__ == module}
    return {asked.name for (endpoint, _), list_ in ASKED.items() for asked in list_ if endpoint in endpoints}


def read_by_name(tree: ast.AST) -> set[str]:
    """Return the names that a source reads from a query or form: ``request.args["x"]``, ``.get("x")``, ``"x" in``."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="args" | "form"), slice=ast.Constant(value=str(name))):
                found.add(name)
            case ast.Call(
                func=ast.Attribute(attr="get" | "getlist", value=ast.Attribute(attr="args" | "form")),
                args=[ast.Constant(value=str(name)), *_],
            ):
                found.add(name)
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[ast.Attribute(attr="args" | "form")]):
                found.add(name)
    return found


def unnamed_in_sources(app: Flask, modules: list[ModuleType]) -> list[str]:
    """Say which modules read something from a query or form that is neither asked for nor known to be no id."""
    found = []
    for module in modules:
        names = read_by_name(ast.parse(inspect.getsource(module)))
        found += [f"{module.__name__}: {name}" for name in names - asked_names(app, module.__name__) - NO_IDS]
    return sorted(found)


def unnamed_in_schemas(app: Flask) -> list[str]:
    """Say which fields of requests take an id with which nobody asks."""
    found = []
    for schema in set(schemas()) - RECORDS:
        takes = {name for name, one in schema._declared_fields.items() if isinstance(one, IDS)}
        known = asked_names(app, schema.__module__) | asked_names(app, f"{schema.__module__.rpartition('.')[0]}.api")
        named = {name for name in takes if name in known or (schema.__name__, name) in ELSEWHERE}
        found += [f"{schema.__name__}: {name}" for name in takes - named]
    return sorted(found)


def pages_and_apis() -> list[ModuleType]:
    """Return every module of the server that reads a request."""
    found = [module for name, module in sorted(sys.modules.items()) if name.startswith("server.")]
    return [module for module in found if module.__file__ and "request" in vars(module)]


def test_every_argument_of_an_address_is_somebodys_or_everybodys(matrix: Matrix) -> None:
    """Whoever adds one says in ``two_regions`` what a holder's is, or in ``asking`` that it is for everybody."""
    known = matrix.all_.colleague.things
    for call in calls(matrix.all_.world.app):
        row = row_of(call.endpoint, call.method)
        if row is not None and row.roles is not None:
            unknown = set(call.rule.arguments) - set(known) - FOR_EVERYBODY
            assert unknown == set(), f"{call.endpoint}: say what somebody else's {unknown} is"


def test_every_name_read_from_a_query_or_form_is_asked_for_or_no_id(sqlite_app: Flask) -> None:
    assert len(pages_and_apis()) > 15
    assert unnamed_in_sources(sqlite_app, pages_and_apis()) == []


def test_every_field_of_a_request_that_takes_an_id_is_asked_with_a_foreign_one(sqlite_app: Flask) -> None:
    assert unnamed_in_schemas(sqlite_app) == []


def test_every_line_of_the_table_asks_a_route(matrix: Matrix) -> None:
    routes = {(call.endpoint, call.method) for call in calls(matrix.all_.world.app)}
    assert set(ASKED) <= routes
    assert {asked.thing for list_ in ASKED.values() for asked in list_} <= set(matrix.all_.colleague.things)


def test_a_planted_argument_is_found(sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    source = 'request.args["a"]; request.form.get("b", ""); "c" in request.args; request.args.getlist("d"); x["e"]'
    assert read_by_name(ast.parse(source)) == {"a", "b", "c", "d"}
    monkeypatch.delitem(ASKED, ("console.invite", "POST"))
    monkeypatch.delitem(ASKED, ("console.invitation", "GET"))
    monkeypatch.delitem(ASKED, ("console.assign", "POST"))
    assert unnamed_in_sources(sqlite_app, pages_and_apis()) == ["server.console.invitation: party"]
    assert unnamed_in_schemas(sqlite_app) == ["TaskSchema: person", "TaskSchema: place"]


def test_somebody_elses_things_are_really_there(matrix: Matrix) -> None:
    """Else "not found" would prove nothing: whoever they belong to is answered by the same addresses."""
    report = matrix.run(Situation.OWN_THING, lambda route: bool(set(route.rule.arguments) - FOR_EVERYBODY))
    assert report.wrong == []
    assert {"console.visit", "console.picture", "evidence_api.evidence"} <= set(report.shown)
