"""Problems: the only place that knows HTTP errors; each leaves as ``application/problem+json`` (RFC 9457), or a page.

A problem has a stable slug, a fixed status, and sentences ``problem.<slug>.title`` and ``problem.<slug>.detail`` in the
catalogue; the detail says what to do next. Nothing of SQL, paths or traces ever leaves; they are logged with the
request id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import structlog
from flask import Flask, Response, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, SecurityError

from server.database import db
from server.keyring import MissingKeys
from server.language import current, t
from server.logs import who
from shared import sentences
from shared.errors import RuleError

log = structlog.get_logger(__name__)

RULE = "rule:"
REFUSALS = (401, 403, 429)  # what somebody tried and may not: logged by id, never by name


class Problem(Exception):
    """A problem people can do something about; ``values`` fill its detail sentence."""

    slug: ClassVar[str] = "server-error"
    status: ClassVar[int] = 500
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, *, errors: list[dict[str, str]] | None = None, **values: object) -> None:
        super().__init__(self.slug, values)
        self.values, self.errors = values, errors

    def to_json(self) -> dict[str, Any]:
        """Return the problem object of RFC 9457."""
        key = f"problem.{self.slug}"
        body: dict[str, Any] = {
            "type": f"/problems/{self.slug}",
            "title": t(f"{key}.title"),
            "status": self.status,
            "detail": t(f"{key}.detail", **self.values),
        }
        return body | ({"errors": self.errors} if self.errors else {})


class BadRequest(Problem):
    slug, status = "bad-request", 400


class WrongHost(Problem):
    """The server does not answer to the host that was asked; a link or a proxy was made for another."""

    slug, status = "wrong-host", 400


class NotJson(Problem):
    """The body is not the JSON that was announced."""

    slug, status = "not-json", 400


class BadFields(Problem):
    """Fields are missing or wrong; all of them are named at once."""

    slug, status = "bad-fields", 422

    def __init__(self, *, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(errors=errors, count=len(errors or [""]))


class BadEnvelope(Problem):
    """A push whose envelope is not of the form; nothing of it was taken."""

    slug, status = "bad-envelope", 400


class SignInNeeded(Problem):
    slug, status = "sign-in-needed", 401


class TokenExpired(Problem):
    """The access token is unknown or its quarter of an hour is over."""

    slug, status = "token-expired", 401


class WrongSignIn(Problem):
    slug, status = "wrong-sign-in", 401


class DeviceSuspended(Problem):
    slug, status = "device-suspended", 403


class AppTooOld(Problem):
    """The app reads no more before it is brought up to date; what it sends is taken in. ``least`` may read again."""

    slug, status = "app-too-old", 403


class NotAllowed(Problem):
    slug, status = "not-allowed", 403


class FormExpired(Problem):
    """The form's protection against forged requests does not match."""

    slug, status = "form-expired", 400


class CodeUsed(Problem):
    """A one-time code that is unknown, used or too old."""

    slug, status = "code-used", 410


class NotFound(Problem):
    slug, status = "not-found", 404


class MethodNotAllowed(Problem):
    slug, status = "method-not-allowed", 405


class TooLarge(Problem):
    slug, status = "too-large", 413


class WrongType(Problem):
    slug, status = "wrong-type", 415


class TooMany(Problem):
    slug, status, retry_after_s = "too-many", 429, 60


class AlreadyThere(Problem):
    """Something that must be unique is there already."""

    slug, status = "already-there", 409


class PrincipalOnly(Problem):
    """Somebody who acts by delegation asked for what the merchant alone may do."""

    slug, status = "principal-only", 403


class InvitationTooOld(Problem):
    """An invitation made on an inspector's phone, more than a day ago."""

    slug, status = "invitation-too-old", 410


class SmsDown(Problem):
    """No code can be sent now: the gateway does not answer, or does not take it."""

    slug, status, retry_after_s = "sms-down", 503, 60


class NotOneself(Problem):
    """Whoever looks after people does nothing to themselves."""

    slug, status = "not-oneself", 409


class OtherHand(Problem):
    """Whoever lets people in was asked for a link into the account of somebody who enters people, or reads the acts."""

    slug, status = "other-hand", 403


class LastSecurityAdministrator(Problem):
    """Nobody else could let people in any more."""

    slug, status = "last-security-administrator", 409


class OtherState(Problem):
    """Somebody else was quicker: what was asked for no longer fits."""

    slug, status = "other-state", 409


class OfficerRecused(Problem):
    """The officer must not inspect the party that a task is about."""

    slug, status = "officer-recused", 409


class DatabaseBusy(Problem):
    slug, status, retry_after_s = "database-busy", 503, 5


class DatabaseReadOnly(Problem):
    slug, status, retry_after_s = "database-read-only", 503, 300


class DatabaseFull(Problem):
    slug, status, retry_after_s = "database-full", 503, 300


class DatabaseDown(Problem):
    slug, status, retry_after_s = "database-down", 503, 30


class DatabaseNotReady(Problem):
    """Tables or columns are missing: the database is new, or older than this program."""

    slug, status, retry_after_s = "database-not-ready", 503, 300


class NoSigningKey(Problem):
    """No key of ours is valid today, so nothing can be receipted: the server's clock is wrong, or the keys ran out."""

    slug, status, retry_after_s = "no-signing-key", 503, 300


class SnapshotBeingMade(Problem):
    """The rows of a region are being written to a file now: whoever needs some comes back, and holds nobody up."""

    slug, status, retry_after_s = "snapshot-being-made", 503, 3


class ServerError(Problem):
    slug, status = "server-error", 500


_BY_STATUS: dict[int, type[Problem]] = {
    400: BadRequest,
    401: SignInNeeded,
    403: NotAllowed,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: WrongType,
    422: BadFields,
    429: TooMany,
    503: DatabaseDown,
}


def known() -> list[type[Problem]]:
    """Return every class of problem, for the pages that explain them and for the tests."""
    return sorted(Problem.__subclasses__(), key=lambda kind: kind.slug)


def of_database(error: DBAPIError) -> Problem:
    """Sort a database error by what the person can do: wait, or tell the administrator."""
    name = getattr(error.orig, "sqlite_errorname", "") or ""
    state = getattr(error.orig, "sqlstate", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or state in ("55P03", "40001", "40P01", "57014"):
        return DatabaseBusy()
    if name.startswith("SQLITE_READONLY") or state == "25006":
        return DatabaseReadOnly()
    if name.startswith("SQLITE_FULL") or state == "53100":
        return DatabaseFull()
    if state in ("42P01", "42703") or (name == "SQLITE_ERROR" and str(error.orig).startswith("no such ")):
        return DatabaseNotReady()
    if isinstance(error, OperationalError) or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return DatabaseDown()
    return ServerError()


def is_trouble(error: DBAPIError) -> bool:
    """Say whether it is the database that cannot serve now, and not what was asked of it."""
    return of_database(error).status == 503


def pointers(messages: Mapping[Any, Any] | list[Any], at: str = "") -> Iterator[dict[str, str]]:
    """Yield ``{"pointer", "detail"}`` for every message of a marshmallow error, in the language of the request."""
    if isinstance(messages, list):
        yield from ({"pointer": at or "/", "detail": field_sentence(str(message))} for message in messages)
        return
    for name, below in messages.items():
        yield from pointers(below, at if name == "_schema" else f"{at}/{_step(name)}")


def _step(name: object) -> str:
    """Return a name as it stands in a JSON pointer (RFC 6901); half a surrogate pair, which cannot be sent, as ?."""
    return str(name).replace("~", "~0").replace("/", "~1").encode(errors="replace").decode()


def rule_message(error: RuleError) -> str:
    """Return an error of the trade as a field message: its code and its values, rendered like any other."""
    return f"{RULE}{error.code}|{json.dumps(error.values)}"


def field_sentence(message: str) -> str:
    """Render a field message: ``invalid.range|0|5`` is a key with its values in order; see also ``rule_message``."""
    if message.startswith(RULE):
        code, _, named = message.removeprefix(RULE).partition("|")
        return t(f"error.{code}", **json.loads(named))
    key, *values = message.split("|")
    if f"{key}" in current().messages:
        return t(key, **{"abc"[place]: value for place, value in enumerate(values)})
    return t(_MARSHMALLOW.get(message, "invalid.other"))


_MARSHMALLOW = {
    "Missing data for required field.": "invalid.missing",
    "Unknown field.": "invalid.unknown_field",
    "Field may not be null.": "invalid.null",
    "Not a valid list.": "invalid.list",
    "Invalid input type.": "invalid.object",
}


def wants_json() -> bool:
    """The API answers problems as JSON; pages answer them as pages."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def answer(problem: Problem, status: int | None = None) -> Response:
    """Turn a problem into the response: JSON for programs, a page for people. ``status`` None: the problem's own."""
    status = status or problem.status
    if status in REFUSALS:
        log.warning("refused", slug=problem.slug, status=status, **who())
    body = problem.to_json() | {"status": status, "instance": f"urn:request:{g.get('request_id', '')}"}
    if wants_json():
        response = Response(json.dumps(body, ensure_ascii=False), status=status)
        response.content_type = "application/problem+json"
    else:
        db.session.rollback()  # what failed is not tried again by the queries of the page around the problem
        response = Response(render_template("problem.html", problem=body), status=status)
    if problem.retry_after_s:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    if problem.status == 401 and wants_json():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register(app: Flask) -> None:
    """One handler for each family of errors."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(ValidationError, lambda e: answer(BadFields(errors=list(pointers(e.messages)))))
    app.register_error_handler(RuleError, _rule_error)
    app.register_error_handler(CSRFError, lambda _: answer(FormExpired()))
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(NoConnection, _no_connection)
    app.register_error_handler(MissingKeys, _missing_keys)
    app.register_error_handler(HTTPException, _http_error)


def _rule_error(error: RuleError) -> Response:
    detail = sentences.error_sentence(current(), error)
    return answer(BadFields(errors=[{"pointer": "/", "detail": detail}]))


def _database_error(error: DBAPIError) -> Response:
    problem = of_database(error)
    log.error("database_error", slug=problem.slug, error=type(error.orig).__name__, exc_info=problem.status == 500)
    return answer(problem)


def _no_connection(error: NoConnection) -> Response:
    """All connections to the database are taken."""
    log.error("no_connection", error=str(error))
    return answer(DatabaseBusy())


def _missing_keys(error: MissingKeys) -> Response:
    """The keys were whole at the start: what is missing is one that is valid on the day of the server's clock."""
    log.error("no_signing_key", error=str(error))
    return answer(NoSigningKey())


def _strange_host() -> Response:
    """A page has links, and on a strange host none can be made: people get the words alone."""
    if wants_json():
        return answer(WrongHost())
    words = WrongHost().to_json()
    return Response(f"{words['title']}\n{words['detail']}\n", status=WrongHost.status, mimetype="text/plain")


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        redirect = error.get_response()
        return Response(redirect.response, redirect.status, redirect.headers)
    if isinstance(error, SecurityError):
        return _strange_host()
    messages = getattr(error, "data", {}).get("messages")  # webargs: {location: messages}
    if messages and error.code == 400:
        return answer(BadEnvelope(errors=[row for below in messages.values() for row in pointers(below)]))
    if messages:
        return answer(BadFields(errors=[row for below in messages.values() for row in pointers(below)]))
    original = getattr(error, "original_exception", None)
    if original is not None:
        log.error("unhandled", exc_info=original)
    code = error.code or 500
    kind = _BY_STATUS.get(code, BadRequest if code < 500 else ServerError)
    response = answer(kind(), code)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range"):
            response.headers[name] = value
    return response
