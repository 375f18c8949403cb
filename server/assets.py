"""The files that pages load: our own and the browser libraries, each under an address that names its version.

Such an address never changes what it means, so whoever fetched it may keep it for ever. Templates write plain
``url_for``; the version, the beginning of the file's SHA-256, is added here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, send_from_directory

from server.problems import NotFound
from shared.signing import sha256_hex

blueprint = Blueprint("assets", __name__)

VERSION, DIGITS = "v", 12
DAY_S, YEAR_S = 86_400, 31_536_000
SENT = (200, 206, 304)

LIBRARIES = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "weui.css": "weui/dist/style/weui.min.css",
    "signature_pad.js": "signature_pad/dist/signature_pad.umd.min.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
}


@blueprint.get("/assets/<name>")
def asset(name: str) -> Response:
    """Serve a browser library from the installed packages, by its short name."""
    if name not in LIBRARIES:
        raise NotFound
    return send_from_directory(_libraries(), LIBRARIES[name], max_age=DAY_S)


def register(app: Flask) -> None:
    """Serve the libraries, add versions to addresses, and let what has one be kept."""
    app.register_blueprint(blueprint)
    app.url_defaults(_name_version)
    app.after_request(_keep_for_ever)


def _name_version(endpoint: str, values: dict[str, Any]) -> None:
    version = _version(endpoint, values)
    if version:
        values.setdefault(VERSION, version)


def _keep_for_ever(response: Response) -> Response:
    """A version that is not the file's own promises nothing: a page from before an upgrade still asks for the old."""
    asked = request.args.get(VERSION)
    if asked and response.status_code in SENT and asked == _version(request.endpoint or "", request.view_args or {}):
        response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return response


def _version(endpoint: str, values: dict[str, Any]) -> str | None:
    """Return the version of the file at an address; None where there is none of ours."""
    path: Path | None = None
    if endpoint == "static" and current_app.static_folder:
        path = Path(current_app.static_folder, values["filename"])
    elif endpoint == "assets.asset" and values["name"] in LIBRARIES:
        path = _libraries() / LIBRARIES[values["name"]]
    return _digest(path, path.stat().st_mtime_ns) if path and path.is_file() else None


@lru_cache
def _digest(path: Path, _changed_at: int) -> str:
    """Read a file once; one that was changed since is another to the cache."""
    return sha256_hex(path.read_bytes())[:DIGITS]


def _libraries() -> Path:
    folder: Path = current_app.extensions["dingpan"].settings.assets_dir
    return folder
