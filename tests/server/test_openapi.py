"""The API keeps to its own description: requests made from it, sound and broken, are answered as it says."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks as openapi_checks

from server import create_app
from server.database import db
from server.evidence.schemas import CHUNK_TYPE
from server.keyring import Keyring
from server.limits import limiter
from server.policy import POLICY
from tests.server.conftest import TestClock, settings_for
from tests.server.world import make_world

DOCUMENT = "/api/v1/openapi.json"
EXAMPLES, EXAMPLES_FULL, PARTS = 300, 3_000, 3  # of each operation; in parts, so that no test takes a minute
SEED = random.SystemRandom().randrange(1 << 32)
load_all_checks()
CHECKS = [
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.allow_header_conformance,
    openapi_checks.missing_required_header,
]
REFUSED = openapi_checks.negative_data_rejection  # which does not know that these say no as well
OTHER_REFUSALS = (410, 412, 413, 460)  # gone, another version of tus, too large, a wrong checksum
UNSENT = ([], {}, None)  # no address can say them: a request that is wrong by these alone arrives as a sound one
TUS = "uploads_api."  # routes that speak in headers
schemathesis.serializer.alias(CHUNK_TYPE, "application/octet-stream")


@pytest.fixture(scope="module")
def served(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory, keys: Keyring
) -> Iterator[tuple[Flask, dict[str, str]]]:
    """An app without a pushed context, and the headers of a phone that may use it."""
    folder = tmp_path_factory.mktemp("openapi")
    (folder / "server.db").write_bytes(migrated_sqlite.read_bytes())
    app = create_app(settings_for(f"sqlite:///{folder}/server.db", folder), keyring=keys, clock=TestClock())
    with app.app_context():
        phone = make_world(app).phone()
        headers = phone.headers | {"Accept-Encoding": "identity"}
        db.session.remove()
    yield app, headers
    with app.app_context():
        db.engine.dispose()


# What a pattern of many characters allows, made whole: drawn character by character it takes most of these tests' time.
MADE = {
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": st.uuids().map(str),
    "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$": st.binary(min_size=16, max_size=16).map(
        lambda drawn: str(UUID(int=int.from_bytes(drawn) & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))
    ),
    "^[0-9a-f]{64}$": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "^[A-Za-z0-9+/]{85}[AQgw]==$": st.binary(min_size=64, max_size=64).map(lambda drawn: b64encode(drawn).decode()),
    "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$": st.binary(min_size=32, max_size=32).map(
        lambda drawn: b64encode(drawn).decode()
    ),
}
for place, strategy in enumerate(MADE.values()):
    schemathesis.openapi.format(f"made-{place}", strategy)


def name_what_is_made(node: Any) -> None:
    """Give each of those patterns of a document the name of what makes it; the pattern stays and is held to."""
    if isinstance(node, dict):
        if node.get("pattern") in MADE:
            node["format"] = f"made-{list(MADE).index(node['pattern'])}"
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            name_what_is_made(one)


def operations(app: Flask, mode: GenerationMode = GenerationMode.NEGATIVE) -> list[Any]:
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, app)
    if mode is GenerationMode.POSITIVE:
        name_what_is_made(schema.raw_schema)
    return [found.ok() for found in schema.get_all_operations()]


def test_the_description_is_valid_openapi_3_1(served: tuple[Flask, dict[str, str]]) -> None:
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, served[0])
    schema.validate()
    assert schema.raw_schema["openapi"] == "3.1.0"


def test_every_route_of_the_api_is_described_whole(served: tuple[Flask, dict[str, str]]) -> None:
    app = served[0]
    paths = app.test_client().get(DOCUMENT).json["paths"]
    described = {(path, method) for path, item in paths.items() for method in item if method != "parameters"}
    own = ("openapi.document", "openapi.page")
    routes = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower(), rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/api/") and rule.endpoint not in own and (rule.endpoint, method) in POLICY
    }
    assert described == {(path, method) for path, method, _ in routes}
    for path, method, endpoint in routes:
        told = paths[path][method]
        assert told["summary"].endswith("."), path
        good = [response for status, response in told["responses"].items() if status.startswith("2")]
        assert len(good) == 1, path
        if endpoint.startswith(TUS):
            known = [response for status, response in told["responses"].items() if status != "default"]
            assert all("Tus-Resumable" in response["headers"] for response in known), path
        else:
            assert all("schema" in content for content in good[0]["content"].values()), path
        assert "default" in told["responses"]
        takes_a_body = method in ("post", "patch") and endpoint != f"{TUS}create"
        assert ("requestBody" in told) == takes_a_body, path
        by_token = POLICY[endpoint, method.upper()].via == "token"
        assert (told.get("security") == [{"device": []}]) == by_token, path
        signs_in = method == "post" and not path.startswith("/api/v1/rules/")
        assert ("401" in told["responses"]) == (by_token or signs_in), path


def test_no_schema_of_the_description_says_anything_goes(served: tuple[Flask, dict[str, str]]) -> None:
    """A field that is described as {} was forgotten when it was made."""
    schemas = served[0].test_client().get(DOCUMENT).json["components"]["schemas"]
    empty = [
        f"{name}.{field}" for name, row in schemas.items() for field, form in row["properties"].items() if not form
    ]
    assert empty == []
    assert {"Problem", "Push", "Op", "Entry", "Change", "Visit", "Instrument", "Bind", "Correction"} <= set(schemas)


NAMES = [
    *("POST /api/v1/devices", "POST /api/v1/devices/token", "POST /api/v1/devices/refresh", "POST /api/v1/sync/push"),
    *("GET /api/v1/sync/changes", "GET /api/v1/sync/balance", "GET /api/v1/evidence/{sha256}"),
    *("GET /api/v1/log/consistency", "GET /api/v1/log/inclusion", "POST /api/v1/sync/rescue"),
    *(
        "POST /api/v1/sync/state",
        "GET /api/v1/sync/snapshots/{snapshot_sha256}",
        "GET /api/v1/sync/snapshots/{snapshot_sha256}/manifest",
    ),
    *("POST /api/v1/rules/scale-check", "POST /api/v1/rules/reweigh", "POST /api/v1/rules/phone-weight"),
    *("POST /api/v1/rules/prepackage-lot", "POST /api/v1/rules/dispenser-check"),
    *("POST /api/v1/uploads", "HEAD /api/v1/uploads/{upload_id}"),
    *("PATCH /api/v1/uploads/{upload_id}", "POST /api/v1/uploads/{upload_id}"),
]
PLAIN = [
    *("GET /api/v1/devices/challenge", "GET /api/v1/sync/scope", "GET /api/v1/keys"),
    *("GET /api/v1/revoked", "GET /api/v1/restored", "GET /api/v1/log/head", "OPTIONS /api/v1/uploads"),
]


def test_the_operations_below_are_all_there_are(served: tuple[Flask, dict[str, str]]) -> None:
    assert {operation.label for operation in operations(served[0])} == set(NAMES + PLAIN)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("name", "mode"), [*product(NAMES, GenerationMode), *product(PLAIN, [GenerationMode.POSITIVE])]
)
def test_answers_are_what_the_description_says(
    served: tuple[Flask, dict[str, str]], name: str, mode: GenerationMode, part: int, is_full: bool
) -> None:
    app, headers = served
    operation = next(one for one in operations(app, mode) if one.label == name)
    examples = EXAMPLES_FULL if is_full else EXAMPLES

    @seed(SEED + part)
    @settings(
        max_examples=examples // 2 // PARTS,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def _ask(case: Case) -> None:
        assume(not any(value in UNSENT for value in (case.query or {}).values()))
        limiter.reset()  # how often anybody may ask is asked elsewhere
        response = case.call(headers=headers)
        is_refused_otherwise = response.status_code in OTHER_REFUSALS
        case.validate_response(response, checks=CHECKS if is_refused_otherwise else [*CHECKS, REFUSED])

    try:
        _ask()
    except BaseException as error:
        error.add_note(f"seed {SEED}, part {part}")
        raise
