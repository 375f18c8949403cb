"""Putting the app together: limits, cookies, headers, and the blueprints of the features."""

from __future__ import annotations

import hashlib

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.datastructures import MultiDict
from werkzeug.middleware.proxy_fix import ProxyFix

from server import assets
from server.database import db
from server.limits import limiter
from server.policy import cookie_name
from server.problems import BadRequest
from server.security_headers import HEADERS, LASTING_HTTPS, content_policy, new_nonce
from server.settings import REPOSITORY, Settings
from shared.ops import MAX_PUSH_BYTES

CHUNK_TYPE = "application/offset+octet-stream"
# Routes that read their body themselves, under a limit of their own, once it is known who asks.
READ_BY_THEMSELVES = frozenset({"console.upload_register", "console.take_in_rescue", "rescue_api.bring"})

csrf = CSRFProtect()
migrate = Migrate(directory=str(REPOSITORY / "migrations"), render_as_batch=True, compare_type=True)


class _Form(SecureCookieSessionInterface):
    """The cookie that carries a form's token, signed with SHA-256."""

    digest_method = staticmethod(hashlib.sha256)


def configure(app: Flask, settings: Settings) -> None:
    """Set what Flask leaves open: sizes, cookies, hosts, proxies."""
    app.config.update(
        SECRET_KEY=settings.secret,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True
        },  # errors of the database are logged, what people wrote is not
        MAX_CONTENT_LENGTH=MAX_PUSH_BYTES,
        MAX_FORM_MEMORY_SIZE=64 << 10,
        SESSION_COOKIE_NAME="__Host-form" if settings.cookies_are_secure else "form",
        SESSION_COOKIE_SECURE=settings.cookies_are_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=[*settings.trusted_hosts, *map(str.upper, settings.trusted_hosts)] or None,  # labels spell it so
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        RATELIMIT_STORAGE_URI=settings.rate_store,
        COMPRESS_MIN_SIZE=500,
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"],
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.session_interface = _Form()


def register_proxies(app: Flask, settings: Settings) -> None:
    """Believe as many proxies as there are; before everything else that looks at a request."""
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def register_features(app: Flask) -> None:
    """Add the extensions and every feature's routes."""
    from server.accounts import pages as accounts_pages
    from server.administration import models as administration
    from server.audit import api as audit_api
    from server.calculators import api as calculators_api
    from server.calculators import pages as calculators
    from server.console import pages as console
    from server.contacts import groups as contacts
    from server.devices import api as devices_api
    from server.evidence import api as evidence_api
    from server.evidence import description as uploads
    from server.evidence import service as evidence
    from server.layout import register as register_layout
    from server.merchant import pages as merchant
    from server.openapi import describe
    from server.personal import pages as personal
    from server.public import pages as public
    from server.registry import rows
    from server.rescue import api as rescue_api
    from server.scans import pages as scans_pages
    from server.scans import service as scans
    from server.sms import service as sms
    from server.sync import api as sync_api

    del rows, administration, contacts  # imported for the builders of feed rows and the tables that they register
    app.before_request(_refuse_nul)
    Compress(app)
    limiter.init_app(app)
    csrf.init_app(app)
    migrate.init_app(app, db)
    apis = [
        module.blueprint for module in (devices_api, sync_api, rescue_api, audit_api, calculators_api, evidence_api)
    ]
    describe(app, apis, tag=uploads.TAG, paths=uploads.PATHS)
    app.register_blueprint(evidence_api.uploads_blueprint)
    for api in (*apis, evidence_api.uploads_blueprint):
        csrf.exempt(api)
    evidence.register(app)
    sms.register(app)
    scans.register(app)
    csrf.exempt(scans_pages.blueprint)  # the public pages have no cookie, and so nothing that another site could use
    for pages in (accounts_pages, console, merchant, personal, public, scans_pages, calculators):
        app.register_blueprint(pages.blueprint)
    csrf.exempt("server.public.seal_page.give_feedback")  # nobody is signed in there: no cookie speaks for anyone
    assets.register(app)
    register_layout(app)
    app.after_request(_headers)
    app.after_request(_close_files)
    app.jinja_env.globals.update(csp_nonce=csp_nonce, cookie_name=cookie_name)


def csp_nonce() -> str:
    """Return the nonce of this answer's scripts and styles."""
    if "csp_nonce" not in g:
        g.csp_nonce = new_nonce()
    nonce: str = g.csp_nonce
    return nonce


def _refuse_nul() -> None:
    """No text that anybody means holds a NUL, and PostgreSQL cannot even look for one."""
    is_left = request.mimetype == CHUNK_TYPE or request.endpoint in READ_BY_THEMSELVES
    form = MultiDict() if is_left else request.form  # a chunk is no text, and larger than any
    texts = [request.path, *request.args, *form]
    texts += [value for values in (request.args, form) for _, value in values.items(multi=True)]
    if any("\0" in text for text in texts):
        raise BadRequest


def _close_files(response: Response) -> Response:
    """Close a file with the answer that sends it: compressing forgets it, and "not modified" never reads it."""
    close = getattr(response.response, "close", None) if response.direct_passthrough else None
    if close is not None and (response.status_code == 304 or request.method == "HEAD"):
        close()
    elif close is not None:
        response.call_on_close(close)
    return response


def _headers(response: Response) -> Response:
    """Tell the browser what a page of ours may do: load its own files, be framed by nobody, keep nothing of a person.

    What a person or phone sees is kept nowhere; nor is the answer to a request that changed something. "Not modified"
    names no nonce: the browser would take it for that of the page it kept, whose own is another.
    """
    if response.status_code != 304:
        response.headers.setdefault("Content-Security-Policy", content_policy(csp_nonce()))
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault(*LASTING_HTTPS)
    if g.get("person") is not None or request.method not in ("GET", "HEAD", "OPTIONS"):
        response.headers["Cache-Control"] = "no-store"
    return response
