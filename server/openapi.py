"""The API's description: OpenAPI at ``/api/v1/openapi.json``, and a page to browse it, served by ourselves."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint
from webargs.flaskparser import FlaskParser

from server.json_body import read_body
from server.query import Count
from shared import __version__
from shared.wire import strict

blueprint = Blueprint("openapi", __name__)


class StrictParser(FlaskParser):
    """Bodies are read by our own strict reader, whatever webargs would have let pass."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {
        "json": None,
        "query": None,
    }  # the schemas say so themselves

    def load_json(self, req: Any, schema: Any) -> Any:
        return read_body(req)


class V1Blueprint(ApiBlueprint):
    """A blueprint of the API, version 1."""

    ARGUMENTS_PARSER = StrictParser()


class ProblemApi(Api):
    """flask-smorest without its own error body: ``server/problems.py`` answers every error."""

    def _register_error_handlers(self) -> None:
        """Errors are ours to answer."""


def describe(app: Flask, blueprints: list[ApiBlueprint]) -> None:
    """Register the API's blueprints and describe them."""
    app.config.update(
        API_TITLE="Dingpan",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": "See docs/sync.md. Errors are application/problem+json (RFC 9457)."},
            "components": {"securitySchemes": {"device": {"type": "http", "scheme": "bearer"}}},
        },
    )
    api = ProblemApi(app)
    for field in (strict.Text, strict.Uuid, strict.Uuid7, strict.Instant, strict.Day, strict.Hex64):
        api.register_field(field, "string", None)
    for number in (strict.Whole, Count):
        api.register_field(number, "integer", "int64")
    api.register_field(strict.Flag, "boolean", None)
    api.register_field(strict.Strokes, "array", None)
    for part in blueprints:
        api.register_blueprint(part)
    app.extensions["dingpan_api"] = api
    app.register_blueprint(blueprint)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    return jsonify(current_app.extensions["dingpan_api"].spec.to_dict())


@blueprint.get("/api/v1/docs")
def page() -> str:
    return render_template("openapi.html")
