"""Routes of the phones: enrol, challenge, token."""

from __future__ import annotations

from typing import Any

from flask import current_app

from server import transaction
from server.accounts import service as accounts
from server.accounts.service import Person
from server.clock import now
from server.database import begin_write, db
from server.devices import service
from server.devices.schemas import (
    ChallengeSchema,
    EnrolledSchema,
    EnrolSchema,
    TokenAnswerSchema,
    TokenSchema,
)
from server.openapi import V1Blueprint
from server.problems import CodeUsed, DeviceSuspended, NotJson, TooLarge, WrongSignIn, WrongType
from shared import signing
from shared.dates import instant_text

blueprint = V1Blueprint("devices_api", __name__, url_prefix="/api/v1/devices", description="Enrolling phones")


@blueprint.post("")
@blueprint.arguments(EnrolSchema)
@blueprint.response(201, EnrolledSchema)
@blueprint.problems(NotJson, WrongSignIn, CodeUsed, TooLarge, WrongType)
def enrol(body: dict[str, Any]) -> dict[str, Any]:
    """Enrol a phone with a one-time code."""
    begin_write()
    caller = service.enrol(db.session(), **body, now=now())
    answer = {"person": person_json(caller.person), "server_time": instant_text(now())}
    transaction.commit(db.session(), now())
    keyring = current_app.extensions["dingpan"].keyring
    return answer | {
        "root": signing.encode_base64(keyring.root_public),
        "keys": keyring.key_set_document,
        "revoked": keyring.revoked_document,
    }


@blueprint.get("/challenge")
@blueprint.response(200, ChallengeSchema)
def challenge() -> dict[str, Any]:
    """Get a text to sign; good for two minutes."""
    return {"challenge": service.challenge(), "server_time": instant_text(now())}


@blueprint.post("/token")
@blueprint.arguments(TokenSchema)
@blueprint.response(200, TokenAnswerSchema)
@blueprint.problems(NotJson, WrongSignIn, DeviceSuspended, TooLarge, WrongType)
def token(body: dict[str, Any]) -> dict[str, Any]:
    """Get an access token for a quarter of an hour."""
    begin_write()
    issued = service.issue_token(db.session(), **body, now=now())
    person = db.session().get_one(Person, body["person_id"])
    answer = {
        "token": issued,
        "expires_in_s": int(service.TOKEN_LASTS.total_seconds()),
        "server_time": instant_text(now()),
        "person": person_json(person),
        "colleagues": [person_json(one) for one in accounts.colleagues(db.session(), person)],
    }
    transaction.commit(db.session(), now())
    return answer


def person_json(person: Person) -> dict[str, str]:
    """Return somebody of the staff as phones know them."""
    unit = person.unit.name if person.unit else ""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "card_no": person.card_no,
        "unit_name": unit,
    }
