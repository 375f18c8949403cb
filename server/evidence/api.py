"""Routes of the evidence: uploads by tus 1.0.0, and finished files by their SHA-256."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, request, url_for
from werkzeug.exceptions import ClientDisconnected

from server.accounts.service import scope_of
from server.clock import now
from server.database import db
from server.devices import service as devices
from server.evidence import schemas, service, uploads
from server.evidence.models import Upload
from server.evidence.problems import (
    TusVersion,
    UploadTooLarge,
    UploadType,
)
from server.openapi import V1Blueprint
from server.problems import DeviceSuspended, MethodNotAllowed, NotFound, SignInNeeded, TokenExpired
from shared.ids import is_uuid

# Uploads speak in headers, as tus says: ``server/evidence/description.py`` says so to whoever reads the API.
uploads_blueprint = Blueprint("uploads_api", __name__, url_prefix="/api/v1/uploads")
blueprint = V1Blueprint("evidence_api", __name__, url_prefix="/api/v1/evidence", description="Finished files")
BY_DEVICE: list[dict[str, list[str]]] = [{"device": []}]
PIECE = 64 << 10


def _sender() -> uploads.Sender:
    """Return who sends; nothing of another version of tus is processed, and a chunk may be as large as one may."""
    request.max_content_length = schemas.CHUNK_BYTES
    if request.headers.get("Tus-Resumable") != schemas.VERSION:
        raise TusVersion
    return uploads.Sender(g.person.id, tuple(devices.people_of(db.session(), g.device.id)))


@uploads_blueprint.after_request
def _say_version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = schemas.VERSION
    if response.status_code == TusVersion.status:
        response.headers["Tus-Version"] = schemas.VERSION
    return response


@uploads_blueprint.route("", methods=["OPTIONS"])
def options() -> Response:
    """Say what this server speaks."""
    response = Response(status=204)
    response.headers |= {
        "Tus-Version": schemas.VERSION,
        "Tus-Extension": schemas.EXTENSIONS,
        "Tus-Max-Size": str(_most_bytes()),
        "Tus-Checksum-Algorithm": ",".join(schemas.ALGORITHMS),
    }
    return response


@uploads_blueprint.post("")
def create() -> Response:
    """Begin the upload of a file that a record of the caller names."""
    sender = _sender()
    length = schemas.length(request.headers, _most_bytes())
    text = request.headers.get("Upload-Metadata", "")
    told = schemas.metadata(text)
    upload = uploads.begin(db.session(), sender, told, text=text, length=length, now=now())
    response = _answer(201, upload)
    response.headers["Location"] = url_for("uploads_api.offset", upload_id=upload.id)
    return response


@uploads_blueprint.route("/<upload_id>", methods=["HEAD"])
def offset(upload_id: str) -> Response:
    """Say how much of a file is safely here."""
    upload = uploads.find(db.session(), _sender(), _known(upload_id), now())
    response = _answer(200, upload)
    response.headers |= {"Upload-Length": str(upload.length), "Upload-Metadata": upload.told}
    response.headers["Cache-Control"] = "no-store"
    return response


@uploads_blueprint.route("/<upload_id>", methods=["PATCH", "POST"])
def append(upload_id: str) -> Response:
    """Append a chunk; a POST says in X-HTTP-Method-Override that it is one, where a network lets no PATCH pass."""
    if request.method == "POST" and request.headers.get("X-HTTP-Method-Override") != "PATCH":
        raise MethodNotAllowed
    sender = _sender()
    if request.mimetype != schemas.CHUNK_TYPE:
        raise UploadType
    begins = schemas.whole(request.headers, "Upload-Offset")
    checksum = request.headers.get("Upload-Checksum")
    content, is_whole = _body()
    if is_whole or checksum:
        schemas.check(checksum, content)
    with service.told():
        upload = uploads.append(
            db.session(),
            service.store(),
            sender,
            _known(upload_id),
            offset=begins,
            content=content,
            now=now(),
        )
    return _answer(204, upload)


def _body() -> tuple[bytes, bool]:
    """Return what came of the chunk, and whether it came whole: what a cut line brought is kept too."""
    if request.content_length is not None and request.content_length > schemas.CHUNK_BYTES:
        raise UploadTooLarge(mib=schemas.CHUNK_BYTES >> 20)
    pieces: list[bytes] = []
    try:
        while piece := request.stream.read(PIECE):
            pieces.append(piece)
    except ClientDisconnected:
        return b"".join(pieces), False
    return b"".join(pieces), True


def _answer(status: int, upload: Upload) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.offset)
    response.headers["Upload-Expires"] = schemas.http_date(upload.expires_at)
    return response


def _known(upload_id: str) -> str:
    if not is_uuid(upload_id):
        raise NotFound
    return upload_id


def _most_bytes() -> int:
    most: int = current_app.extensions["dingpan"].settings.upload_bytes
    return most


@blueprint.get("/<sha256>")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/jpeg")
@blueprint.problems(SignInNeeded, TokenExpired, DeviceSuspended, NotFound)
@blueprint.doc(security=BY_DEVICE)
def evidence(sha256: str) -> Any:
    """Get a file that a record of the caller or of the caller's scope names, or a picture of an instrument there."""
    if not service.may_see(db.session(), sha256, person_id=g.person.id, scope=scope_of(g.person)):
        raise NotFound
    return service.send(sha256)
