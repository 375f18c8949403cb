"""The API's description: OpenAPI at ``/api/v1/openapi.json``, and a page to browse it, served by ourselves."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from threading import Lock
from typing import Any, ClassVar, TypeVar

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint
from flask_smorest.utils import prepare_response
from webargs.flaskparser import FlaskParser

from server import field_forms
from server.answer_forms import ProblemSchema
from server.json_body import read_body
from server.problems import Problem
from shared import __version__
from shared.wire import custody, physical_seal, register, verification, visit

blueprint = Blueprint("openapi", __name__)

T = TypeVar("T")
PROBLEM_JSON = "application/problem+json"
DESCRIPTION = """How phones enrol, push, pull and prove. See docs/sync.md for what is signed, and how.

Photos follow their records as uploads by tus 1.0.0 at `/api/v1/uploads`, which speaks in headers.

The `body` of an op is JSON text of the schema named after its `kind`: Visit, Instrument, Bind, Verification, Swap,
PhysicalSeal or Correction.
Every error is application/problem+json (RFC 9457); `type` names a page that explains it."""
ERRORS = {
    "DEFAULT_ERROR": "A problem that any route may answer: 404, 405, 429, 500, or 503 with Retry-After",
    "BAD_REQUEST": "/problems/bad-envelope, /problems/not-json: nothing was stored; halve the push",
    "UNPROCESSABLE_ENTITY": "/problems/bad-fields: every mistake is named",
}
BODIES = {
    "Visit": visit.VisitSchema,
    "Instrument": register.InstrumentSchema,
    "Bind": register.BindSchema,
    "Verification": verification.VerificationSchema,
    "Swap": custody.SwapSchema,
    "PhysicalSeal": physical_seal.PhysicalSealSchema,
    "Correction": register.CorrectionSchema,
}


class StrictParser(FlaskParser):
    """Bodies are read by our own strict reader, whatever webargs would have let pass."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {  # type: ignore[misc]  # an attribute of instances there
        "json": None,
        "query": None,
    }  # the schemas say so themselves

    def load_json(self, req: Any, schema: Any) -> Any:
        return read_body(req)


class V1Blueprint(ApiBlueprint):
    """A blueprint of the API, version 1."""

    ARGUMENTS_PARSER = StrictParser()

    def problems(self, *kinds: type[Problem]) -> Callable[[T], T]:
        """Say which problems a route answers, beyond those that any route may."""
        by_status: dict[int, list[str]] = {}
        for kind in kinds:
            by_status.setdefault(kind.status, []).append(f"/problems/{kind.slug}")

        def _decorate(route: T) -> T:
            for status, types in by_status.items():
                describe_one = self.alt_response(
                    status, schema=ProblemSchema, content_type=PROBLEM_JSON, description=", ".join(types)
                )
                route = describe_one(route)
            return route

        return _decorate


class ProblemApi(Api):
    """flask-smorest without its own error body: ``server/problems.py`` answers every error.

    What the routes take and answer is described when somebody asks for it: a server starts without.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[ApiBlueprint] = []
        self._written_out: dict[str, dict[str, Any]] = {}
        self._lock = Lock()
        super().__init__(app)

    def register_blueprint(self, blp: ApiBlueprint, **_: Any) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)
        self._undescribed.append(blp)

    def write_out(self, tag: dict[str, Any], paths: dict[str, dict[str, Any]]) -> None:
        """Take the description of routes that have no schemas: operations by method, by endpoint."""
        self.spec.tag(tag)
        self._written_out |= paths

    def described(self) -> dict[str, Any]:
        """Return the whole description."""
        with self._lock:
            if self._undescribed:
                self._describe_forms()
            while self._undescribed:
                blp = self._undescribed.pop(0)
                blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
                self.spec.tag({"name": blp.name, "description": blp.description})
            for endpoint in list(self._written_out):
                rule = next(self._app.url_map.iter_rules(endpoint))
                self.spec.path(rule=rule, operations=deepcopy(self._written_out.pop(endpoint)), parameters=[])
        whole: dict[str, Any] = self.spec.to_dict()
        return whole

    def _describe_forms(self) -> None:
        """Describe what stands in many answers, and the fields and records that are forms of our own."""
        for field, (kind, form) in field_forms.TYPES.items():
            self.register_field(field, kind, form)
        self.ma_plugin.converter.add_attribute_function(field_forms.form_of)
        for kind, schema in BODIES.items():
            self.spec.components.schema(kind, schema=schema)
        for name, description in ERRORS.items():
            response = {"description": description, "schema": ProblemSchema}
            prepare_response(response, self.spec, PROBLEM_JSON)
            self.spec.components.response(name, response, lazy=True)

    def _register_error_handlers(self) -> None:
        """Errors are ours to answer."""

    def _register_responses(self) -> None:
        """They are described with the rest."""

    def _register_pagination_header(self) -> None:
        """The feed has a cursor, and nothing has pages."""


def describe(
    app: Flask, blueprints: list[ApiBlueprint], *, tag: dict[str, Any], paths: dict[str, dict[str, Any]]
) -> None:
    """Register the API's blueprints and describe them, and the routes that ``paths`` describes under a tag."""
    app.config.update(
        API_TITLE="Dingpan",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "components": {"securitySchemes": {"device": {"type": "http", "scheme": "bearer"}}},
        },
    )
    api = ProblemApi(app)
    for part in blueprints:
        api.register_blueprint(part)
    api.write_out(tag, paths)
    app.extensions["dingpan_api"] = api
    app.register_blueprint(blueprint)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    return jsonify(current_app.extensions["dingpan_api"].described())


@blueprint.get("/api/v1/docs")
def page() -> str:
    return render_template("openapi.html")
