"""The route by which a phone brings a rescue package that it carries for another."""

from __future__ import annotations

import tempfile
from typing import IO, Any

from flask import current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from server.clock import now
from server.database import db
from server.evidence.service import Came
from server.openapi import V1Blueprint
from server.problems import SignInNeeded, TokenExpired, WrongType
from server.rescue import service
from server.rescue.problems import RescueDamaged, RescueForm, RescueKey, RescueTooLarge, RescueVersion
from server.rescue.schemas import RescueAnswerSchema
from shared.ops import Status

blueprint = V1Blueprint("rescue_api", __name__, url_prefix="/api/v1", description="What another phone could not send")
TYPE = "application/octet-stream"
IN_MEMORY, PIECE = 1 << 20, 64 << 10
BODY = {
    "required": True,
    "content": {TYPE: {"schema": {"type": "string", "format": "binary"}}},
}


@blueprint.post("/sync/rescue")
@blueprint.response(200, RescueAnswerSchema)
@blueprint.problems(
    SignInNeeded, TokenExpired, RescueTooLarge, WrongType, RescueForm, RescueVersion, RescueKey, RescueDamaged
)
@blueprint.doc(security=[{"device": []}], requestBody=BODY)
def bring() -> dict[str, Any]:
    """Bring a rescue package as it is; its operations and photos are taken in as if its phone had sent them."""
    settings = current_app.extensions["dingpan"].settings
    if request.mimetype != TYPE:
        raise WrongType
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        _receive(file, settings.rescue_bytes)
        taken = service.take_in(
            db.session(),
            current_app.extensions["dingpan"].keyring,
            file,
            service.Bringer(g.person, g.device),
            most_photo_bytes=settings.upload_bytes,
            now=now,
        )
    return {
        "package": taken.package,
        "settled": taken.is_settled,
        "ops": {status.value: taken.counts[status] for status in Status},
        "photos": {came.value: taken.photos[came] for came in Came},
    }


def _receive(file: IO[bytes], most: int) -> None:
    """Write the body to a file of our own, which is gone when it is closed."""
    request.max_content_length = most
    try:
        while piece := request.stream.read(PIECE):
            file.write(piece)
    except RequestEntityTooLarge as error:
        raise RescueTooLarge(mib=most >> 20) from error
